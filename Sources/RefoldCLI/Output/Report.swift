import Lua
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
    var members = [
      ("kind", quote(failure.kind.name)), ("code", quote(failure.code)),
      ("message", quote(failure.message)),
    ]
    let optional: [(String, String?)] = [
      ("hint", failure.hint), ("app", failure.app), ("action", failure.action),
      ("location", failure.location?.description), ("trace_id", failure.traceID),
    ]
    for (name, value) in optional {
      if let value { members.append((name, quote(value))) }
    }
    if let status = failure.status { members.append(("status", String(status))) }
    let error = members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",")
    return Array("{\"format_version\":1,\"ok\":false,\"error\":{\(error)},\"warnings\":[]}\n".utf8)
  }

  /// A JSON string (RFC 8259, section 7).
  static func quote(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
