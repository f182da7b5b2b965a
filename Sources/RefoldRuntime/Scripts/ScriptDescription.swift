import Lua
import RefoldActions

/// What a script is made of for an account, as text by path, such as `mapping.phone`.
///
/// A value is its JSON text; a function is the place where it is written, as `function FILE:LINE`.
public struct ScriptDescription: Sendable, Equatable {
  /// The values of the table that the script returns, and under `config.` those of the customer's data.
  public private(set) var values: [String: String] = [:]

  /// The source of the permissions of a script that is only described, for ``Permissions/source``.
  static let source = "the description of a script"
  private static let (maximumDepth, maximumValues) = (8, 2000)

  /// Reads what ``Lane/describe(_:_:)`` gave.
  init(json: [UInt8]) {
    var scanner = JSONScanner(json)
    var values: [String: String] = [:]
    _ = try? scanner.members { (key, scanner) throws(JSONScanError) in
      values[key] = try scanner.string()
    }
    self.values = values
  }

  /// Describes the value on top of a stack, as JSON text that ``init(json:)`` reads.
  static func json(of stack: borrowing LuaStack, config: CustomerData) throws -> [UInt8] {
    var description = ScriptDescription(json: [])
    description.add(stack, path: "", depth: 0)
    try stack.pushJSON(config.json)
    description.add(stack, path: "config", depth: 0)
    stack.pop()
    let members = description.values.sorted { $0.key < $1.key }
      .map { ($0.key, JSONText.quoted($0.value)) }
    return Array(JSONText.object(members).utf8)
  }

  private mutating func add(_ stack: borrowing LuaStack, path: String, depth: Int) {
    guard values.count < Self.maximumValues else { return }
    switch stack.type(at: -1) {
    case .table where depth < Self.maximumDepth && !isList(stack):
      stack.forEachEntry(at: -1) { stack in
        let key = stack.displayText(at: -2)
        add(stack, path: path.isEmpty ? key : "\(path).\(key)", depth: depth + 1)
      }
    case .function: values[path.isEmpty ? "(script)" : path] = stack.functionText(at: -1)
    case .nil: break
    default: values[path.isEmpty ? "(script)" : path] = text(stack)
    }
  }

  /// Whether the table on top of the stack is shown in one piece: a list of what JSON can hold.
  private func isList(_ stack: borrowing LuaStack) -> Bool {
    (stack.isMarkedArray(at: -1) || stack.rawLength(at: -1) > 0)
      && (try? stack.encodeJSON(at: -1)) != nil
  }

  private func text(_ stack: borrowing LuaStack) -> String {
    var encoding = JSONEncodingOptions()
    encoding.sortsKeys = true
    guard let json = try? stack.encodeJSON(at: -1, options: encoding) else {
      return stack.type(at: -1).name
    }
    return String(decoding: json, as: UTF8.self)
  }
}

extension Lane {
  /// Runs a script as far as it returns its value, and describes that.
  ///
  /// The script's function is not called. A call that writes is refused on the way.
  ///
  /// - Throws: ``RunFailure`` when the script fails before that.
  public func describe(
    _ generation: Generation, _ options: RunOptions
  ) throws(RunFailure) -> ScriptDescription {
    var options = options
    options.isDescribed = true
    options.permissions.append(Permissions(source: ScriptDescription.source, writes: []))
    return ScriptDescription(json: try run(generation, options).result.get())
  }
}
