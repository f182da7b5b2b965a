import Lua
import RefoldActions

extension ActionError {
  /// The error as the journal keeps it: `{ kind, code, message, hint?, status?, retryable?, retry_after_ms?, trace_id? }`.
  var journalText: [UInt8] {
    var members: [(name: String, value: String)] = [
      ("kind", JSONText.quoted(kind.rawValue)), ("code", JSONText.quoted(code)),
      ("message", JSONText.quoted(message)),
    ]
    if let hint { members.append(("hint", JSONText.quoted(hint))) }
    if let status { members.append(("status", String(status))) }
    if retryable { members.append(("retryable", "true")) }
    if let retryAfter {
      members.append(("retry_after_ms", String(SQLiteStateStore.milliseconds(retryAfter))))
    }
    if let traceID { members.append(("trace_id", JSONText.quoted(traceID))) }
    return Array(JSONText.object(members).utf8)
  }

  /// Reads what ``journalText`` wrote; nil when it is something else.
  init?(journalText: [UInt8], about call: ActionCall) {
    var fields: [String: JSONScanner.Token] = [:]
    var scanner = JSONScanner(journalText)
    do {
      guard try scanner.next() == .beginObject else { return nil }
      while case .name(let name) = try scanner.next() { fields[name] = try scanner.next() }
    } catch {
      return nil
    }
    func text(_ name: String) -> String? {
      switch fields[name] {
      case .string(let text)?, .number(let text)?: text
      default: nil
      }
    }
    guard let kind = text("kind").flatMap(Kind.init(rawValue:)) else { return nil }
    self.init(
      kind, code: text("code") ?? "unknown", message: text("message") ?? "it failed",
      hint: text("hint"), status: text("status").flatMap(Int.init),
      retryable: fields["retryable"] == .bool(true), about: call)
    retryAfter = text("retry_after_ms").flatMap(Int64.init).map { .milliseconds($0) }
    traceID = text("trace_id")
  }
}

extension RunFailure {
  /// The failure as the journal keeps it: `{ kind, code, message, hint?, location? }`.
  var journalText: [UInt8] {
    var members: [(name: String, value: String)] = [
      ("kind", JSONText.quoted(kind.name)), ("code", JSONText.quoted(code)),
      ("message", JSONText.quoted(message)),
    ]
    if let hint { members.append(("hint", JSONText.quoted(hint))) }
    if let location { members.append(("location", JSONText.quoted(location.description))) }
    return Array(JSONText.object(members).utf8)
  }
}
