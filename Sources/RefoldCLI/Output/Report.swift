import Lua
import RefoldActions
import RefoldRuntime

/// The one JSON document that `--json` prints.
enum Report {
  // { format_version, ok, data, warnings }
  static func success(_ data: [UInt8]) -> [UInt8] {
    var bytes = Array("{\"format_version\":1,\"ok\":true,\"data\":".utf8)
    bytes += data.last == UInt8(ascii: "\n") ? data.dropLast() : data[...]
    bytes += Array(",\"warnings\":[]}\n".utf8)
    return bytes
  }

  // { format_version, ok, error, warnings }
  static func failure(_ failure: RunFailure) -> [UInt8] {
    let document = JSONText.object([
      "format_version": "1", "ok": "false", "error": error(failure), "warnings": "[]",
    ])
    return Array("\(document)\n".utf8)
  }

  /// A failure as `{ kind, code, message, hint?, app?, action?, location?, trace_id?, status? }`.
  static func error(_ failure: RunFailure) -> String {
    var members: [(name: String, value: String)] = [
      ("kind", JSONText.quoted(failure.kind.name)), ("code", JSONText.quoted(failure.code)),
      ("message", JSONText.quoted(failure.message)),
    ]
    let optional: [(String, String?)] = [
      ("hint", failure.hint), ("app", failure.app), ("action", failure.action),
      ("location", failure.location?.description), ("trace_id", failure.traceID),
    ]
    for (name, value) in optional {
      if let value { members.append((name, JSONText.quoted(value))) }
    }
    if let status = failure.status { members.append(("status", String(status))) }
    return JSONText.object(members)
  }
}
