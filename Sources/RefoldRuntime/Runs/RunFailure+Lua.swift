import Lua
import RefoldActions

extension RunFailure {
  /// Reads the failure of a thread: a Lua error, with the fields of the error table that lies on top of its stack.
  init(_ error: LuaError, of thread: LuaThread, budget: Budget) {
    switch error.code {
    case .deadline: self = .timeLimit(budget.time, at: error.location)
    case .stopped: self = .stopped(at: error.location)
    case .memory: self = .memoryLimit(budget.memoryBytes, at: error.location)
    case .held: self = .held(at: error.location)
    case .instructions: self = .instructionLimit(budget.instructions, at: error.location)
    default:
      self.init(
        .script, code: error.code == .syntax ? "syntax_error" : "script_error",
        message: error.message, location: error.location)
      thread.withStack { readFields(of: $0) }
    }
    traceback = error.traceback
  }

  /// The failure of a file that does not compile.
  static func syntax(_ error: LuaError) -> RunFailure {
    RunFailure(
      .script, code: "syntax_error", message: error.message, location: error.location,
      hint: "the file does not compile as Lua 5.4")
  }

  static func stopped(at location: LuaError.Location?) -> RunFailure {
    RunFailure(.cancelled, code: "stopped", message: "stopped", location: location)
  }

  /// Takes over the fields of an error table: `refold`'s own, or one that a script made.
  private mutating func readFields(of stack: borrowing LuaStack) {
    let type = stack.type(at: -1)
    if type == .nil && message == "nil" || message.hasPrefix("\(type.name): 0x") {
      // An address says nothing to anybody.
      message = "\(type == .nil ? "nil" : "a \(type.name)") was raised, without a message"
      hint = "raise a text, or a table with a field 'message'"
    }
    guard type == .table else { return }
    let height = stack.count
    func text(_ field: String, _ stack: borrowing LuaStack) -> String? {
      stack.pushField(field, at: height)
      defer { stack.setCount(height) }
      return stack.string(at: -1)
    }
    if let text = text("message", stack) { (message, hint) = (text, nil) }
    if let text = text("code", stack) {
      code = text
      if hint != nil { message = "a table with the code '\(text)' was raised, without a message" }
    }
    if let text = text("hint", stack) { hint = text }
    app = text("app", stack)
    action = text("action", stack)
    traceID = text("trace_id", stack)
    if let text = text("kind", stack), ActionError.Kind(rawValue: text) != nil {
      kind = Kind(name: text)
    }
    if let text = text("script", stack) {
      location = LuaError.Location(text) ?? location
    }
    stack.pushField("status", at: height)
    status = stack.integer(at: -1).map { Int($0) }
    stack.setCount(height)
  }
}

extension LuaError.Location {
  /// Reads `file:line`.
  init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let line = Int(text[text.index(after: colon)...])
    else { return nil }
    self.init(source: String(text[..<colon]), line: line)
  }
}

/// A count of bytes that prints as people write it: `64 MiB`, `1.5 GiB`, `20 bytes`.
struct ByteCount: CustomStringConvertible {
  let bytes: Int

  init(_ bytes: Int) { self.bytes = bytes }

  var description: String {
    for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where bytes >= size {
      let tenths = (bytes * 10 + size / 2) / size
      return tenths % 10 == 0 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
    }
    return "\(bytes) bytes"
  }
}

extension Duration {
  /// The duration as people write it: `10s`, `1.5s`, `500ms`.
  var inSeconds: String {
    let (seconds, attoseconds) = components
    let milliseconds = attoseconds / 1_000_000_000_000_000
    if seconds == 0 { return "\(milliseconds)ms" }
    guard milliseconds != 0 else { return "\(seconds)s" }
    var fraction = String(milliseconds + 1000).dropFirst()
    while fraction.last == "0" { fraction.removeLast() }
    return "\(seconds).\(fraction)s"
  }
}
