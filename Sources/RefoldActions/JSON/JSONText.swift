/// JSON documents written by hand, where no Lua value stands behind them.
public enum JSONText {
  /// Returns text as a JSON string, with its quotes (RFC 8259, section 7).
  ///
  /// ```swift
  /// JSONText.quoted("say \"hi\"")  // "\"say \\\"hi\\\"\""
  /// ```
  public static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// Returns a JSON object with members in their order; each value is JSON text already.
  public static func object(_ members: KeyValuePairs<String, String>) -> String {
    object(members.map { ($0.key, $0.value) })
  }

  /// Returns a JSON object with members in their order; each value is JSON text already.
  public static func object(_ members: [(name: String, value: String)]) -> String {
    "{" + members.map { "\(quoted($0.name)):\($0.value)" }.joined(separator: ",") + "}"
  }

  /// Returns a JSON array; each element is JSON text already.
  public static func array(_ elements: [String]) -> String {
    "[" + elements.joined(separator: ",") + "]"
  }
}
