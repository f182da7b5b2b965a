import Lua
import RefoldActions

/// `refold.store`: values that outlive the run, for its account and script.
enum StoreLibrary {
  static func functions() -> LuaLibrary {
    LuaLibrary([
      ("get", get), ("set", set), ("update", update), ("delete", delete), ("each", each),
    ])
  }

  /// How many bytes of JSON a value may have: 16 MiB.
  private static let maximumBytes = 16 << 20
  private static let maximumKeyBytes = 1024
  /// How many entries are read at once for `each`.
  private static let pageSize = 128

  // MARK: - Reading

  /// `refold.store.get(key)`: the value, nil when there is none.
  private static func get(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let key = try key(1, of: stack)
    let place = stack.location()
    return try whenOpen(stack) { store, _, stack in
      let run = try RefoldLibrary.run(of: stack)
      guard let entry = try run.storedEntry(key, in: store, at: place) else {
        stack.pushNil()
        return 1
      }
      try push(entry, on: stack)
      return 1
    }
  }

  /// `refold.store.each(prefix?)`: an iterator of keys and values, in the order of the keys.
  private static func each(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let prefix = try stack.optionalString(1, "prefix") ?? ""
    let place = stack.location()
    return try whenOpen(stack) { store, _, stack in
      let pages = StorePages(store: store, prefix: prefix, size: pageSize, place: place)
      stack.push { stack in
        // The lines of a session are runs of their own, and one may go on with the iterator of another.
        guard let entry = try pages.next(in: RefoldLibrary.run(of: stack)) else {
          stack.pushNil()
          return .results(1)
        }
        stack.push(entry.key)
        try push(entry, on: stack)
        return .results(2)
      }
      return 1
    }
  }

  /// Does something with the store once it is open: now, as a rule.
  static func whenOpen(
    _ stack: borrowing LuaStack,
    _ body: @escaping (any StateStore, StateShelf, borrowing LuaStack) throws -> Int
  ) throws -> LuaOutcome {
    try RefoldLibrary.requireSuspendable(stack)
    let run = try RefoldLibrary.run(of: stack)
    let store = run.lane.configuration.store
    let shelf = run.shelf
    let pending = PendingCall()
    if store.isOpen {
      pending.complete { stack in try body(store, shelf, stack) }
    } else {
      store.open(
        run.lane.answers.expect { result in
          pending.complete { stack in
            try result.get()
            return try body(store, shelf, stack)
          }
        })
    }
    return try run.settle(pending, on: stack)
  }

  static func push(_ entry: StateEntry, on stack: borrowing LuaStack) throws {
    do throws(JSONError) {
      try stack.pushJSON(entry.value)
      stack.planner?.redress(stack, entry.value)
    } catch {
      if error.code == .memory { throw LuaError(error.message, code: .memory) }
      throw ActionError(
        kind: .permanent, code: "state_corrupt",
        message: "the stored value of '\(entry.key)' is no JSON: \(error.message)",
        hint: "set it again, or remove it with 'refold state delete'")
    }
  }

  // MARK: - Changing

  /// `refold.store.set(key, value)`: durable when it returns; nil removes the value.
  private static func set(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let key = try key(1, of: stack)
    guard stack.count >= 2 else { throw stack.argumentError(2, "value", expected: "value") }
    var value: [UInt8]?
    if !stack.isAbsent(2) {
      do throws(JSONError) {
        value = try json(at: 2, of: stack)
      } catch {
        throw stack.argumentError(2, "value", problem: error.message)
      }
    }
    return try put(value, at: key, ifVersion: nil, on: stack) { _, _ in 0 }
  }

  /// `refold.store.delete(key)`: whether there was a value.
  private static func delete(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let key = try key(1, of: stack)
    return try put(nil, at: key, ifVersion: nil, on: stack) { wasThere, stack in
      stack.push(wasThere)
      return 1
    }
  }

  /// `refold.store.update(key, fn)`: sets the value to what `fn` makes of it, and returns that.
  private static func update(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let key = try key(1, of: stack)
    guard stack.type(at: 2) == .function else {
      throw stack.argumentError(2, "fn", expected: "function")
    }
    try RefoldLibrary.requireSuspendable(stack)
    try DurableGlue.push("update", on: stack)
    stack.push(key)
    stack.pushCopy(of: 2)
    return .call(arguments: 2)
  }

  static func put(
    _ value: [UInt8]?, at key: String, ifVersion version: Int64?, on stack: borrowing LuaStack,
    push: @escaping (Bool, borrowing LuaStack) throws -> Int
  ) throws -> LuaOutcome {
    try RefoldLibrary.requireSuspendable(stack)
    let run = try RefoldLibrary.run(of: stack)
    let pending = PendingCall()
    try run.put(value, at: key, ifVersion: version, from: stack.location()) { result in
      pending.complete { stack in try push(result.get(), stack) }
    }
    return try run.settle(pending, on: stack)
  }

  // MARK: - Arguments

  /// Writes a value as JSON, with the keys of objects in order, so that equal values have equal texts.
  static func json(at position: Int, of stack: borrowing LuaStack) throws(JSONError) -> [UInt8] {
    var options = JSONEncodingOptions()
    options.maximumBytes = maximumBytes
    options.sortsKeys = true
    return try stack.encodeJSON(at: position, options: options)
  }

  /// Reads a key: text, not empty.
  static func key(_ position: Int, of stack: borrowing LuaStack) throws -> String {
    // The store of a plan is thrown away, so a key that is known after apply may be any that is its own.
    if let planner = stack.planner, let number = PlaceholderLibrary.number(at: position, of: stack)
    {
      return planner.mark.text(number)
    }
    guard let bytes = stack.bytes(at: position) else {
      throw stack.argumentError(position, "key", expected: "string")
    }
    let key = String(decoding: bytes, as: UTF8.self)
    let problem: String? =
      if bytes.isEmpty {
        "a key expected, got an empty string"
      } else if bytes.count > maximumKeyBytes {
        "a key has at most \(maximumKeyBytes) bytes, this one has \(bytes.count)"
      } else if bytes.contains(0) || !key.utf8.elementsEqual(bytes) {
        "a key is UTF-8 text without zero bytes"
      } else {
        nil
      }
    if let problem { throw stack.argumentError(position, "key", problem: problem) }
    return key
  }
}

/// The entries of a shelf, page by page.
private final class StorePages {
  private let store: any StateStore
  private let prefix: String
  private let size: Int
  private let place: LuaError.Location?
  private var page: ArraySlice<StateEntry> = []
  private var last: String?
  private var isAtEnd = false

  init(store: any StateStore, prefix: String, size: Int, place: LuaError.Location?) {
    self.store = store
    self.prefix = prefix
    self.size = size
    self.place = place
  }

  func next(in run: Run) throws(ActionError) -> StateEntry? {
    if page.isEmpty, !isAtEnd {
      page = try run.storedEntries(prefix, after: last, limit: size, in: store, at: place)[...]
      isAtEnd = page.count < size
    }
    guard let entry = page.popFirst() else { return nil }
    last = entry.key
    return entry
  }
}
