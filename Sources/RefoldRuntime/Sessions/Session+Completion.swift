import Lua
import RefoldActions

/// A step from a value to one inside it.
public enum PathStep: Sendable, Equatable {
  /// A field, or the name of a variable.
  case field(String)
  /// An element.
  case element(Int)
}

/// A field of a live value.
public struct LiveField: Sendable, Equatable {
  /// Makes a field.
  public init(name: String, isFunction: Bool) {
    (self.name, self.isFunction) = (name, isFunction)
  }

  /// Its name.
  public var name: String
  /// Whether it is a function.
  public var isFunction: Bool
}

/// What completion asks of a session: no code of the script is run, and the network is waited for only briefly.
extension Session {
  /// How many fields of one table are looked at.
  private static let mostFields = 5000

  /// The fields of the value at the end of a path, in the order of their names; without a path the names that a line can use.
  public func fields(of path: [PathStep]) -> [LiveField] {
    lua.withStack { stack in
      var found: [String: Bool] = [:]
      guard !path.isEmpty else {
        stack.pushRegistryField(SessionGlue.localsField)
        collect(&found, from: stack)
        stack.pushGlobals()
        collect(&found, from: stack)
        return Self.sorted(found)
      }
      guard push(path, on: stack) else { return [] }
      // A string has the methods of its library.
      if stack.type(at: -1) == .string {
        stack.pushGlobals()
        stack.pushField("string", at: -1)
      }
      for _ in 0..<10 {
        guard stack.type(at: -1) == .table else { break }
        collect(&found, from: stack)
        guard stack.pushMetatable(at: -1), stack.pushField("__index", at: -1) == .table else {
          break
        }
      }
      return Self.sorted(found)
    }
  }

  private static func sorted(_ found: [String: Bool]) -> [LiveField] {
    found.sorted { $0.key < $1.key }.map { LiveField(name: $0.key, isFunction: $0.value) }
  }

  private func collect(_ found: inout [String: Bool], from stack: borrowing LuaStack) {
    var names: [String: Bool] = [:]
    stack.forEachEntry(at: -1, while: { names.count < Self.mostFields }) { stack in
      if let name = stack.string(at: -2) { names[name] = stack.type(at: -1) == .function }
    }
    found.merge(names) { first, _ in first }
  }

  private func push(_ path: [PathStep], on stack: borrowing LuaStack) -> Bool {
    guard case .field(let root)? = path.first else { return false }
    stack.pushRegistryField(SessionGlue.localsField)
    if stack.pushField(root, at: -1) == .nil {
      stack.pushGlobals()
      stack.pushField(root, at: -1)
    }
    for step in path.dropFirst() {
      guard stack.type(at: -1) == .table else { return false }
      switch step {
      case .field(let name): stack.pushField(name, at: -1)
      case .element(let index): stack.pushElement(index, at: -1)
      }
    }
    return stack.type(at: -1) != .nil
  }

  // MARK: - The catalog

  /// Looks something up, and waits for it no longer than `patience`; what comes later is there the next time.
  private func look<Value>(
    _ operation: ActionCall.Operation, _ patience: Duration,
    _ parse: ([UInt8]) throws(JSONScanError) -> Value
  ) -> Value? {
    let answer = Answer()
    pendingLookUps += 1
    lane.catalog.look(operation, account: account) { [weak self] result in
      self?.pendingLookUps -= 1
      answer.result = result
    }
    let end = LuaState.monotonicNanoseconds + patience.wholeNanoseconds
    while answer.result == nil, LuaState.monotonicNanoseconds < end {
      lane.pollNow()
      if answer.result == nil { lane.backend.poll(timeout: .milliseconds(10)) }
    }
    guard case .success(let reply)? = answer.result else { return nil }
    return try? parse(reply.body)
  }

  private final class Answer {
    var result: Result<Reply, ActionError>?
  }

  /// The first hundred linked accounts of the backend; nil when they are not known in time.
  public func linkedAccounts(patience: Duration) -> [String]? {
    look(.accounts(page: 1), patience) { (body) throws(JSONScanError) in
      try AccountPage.page(1, in: body).ids
    }
  }

  /// The apps of the account; nil when they are not known in time.
  public func apps(patience: Duration) -> [ApplicationStatus]? {
    look(.applications, patience, ApplicationStatus.list)
  }

  /// The actions of an app; nil when they are not known in time.
  public func actions(of app: String, patience: Duration) -> [ActionSummary]? {
    look(.actions(app: app), patience, ActionSummary.list)
  }

  /// The parameters of an action; nil when they are not known in time.
  public func parameters(of app: String, _ action: String, patience: Duration) -> [ActionParameter]?
  {
    look(.schema(app: app, action: action), patience, ActionParameter.list)
  }

  /// Whether an answer is still on its way.
  public var isLookingUp: Bool { pendingLookUps > 0 }

  /// Lets answers that are on their way arrive.
  public func pollLookUps() {
    if isLookingUp { lane.pollNow() }
  }
}
