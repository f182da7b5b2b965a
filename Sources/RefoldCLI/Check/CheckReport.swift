import LuaSyntax
import RefoldActions
import RefoldCheck

/// Writes what a check found, in one of its formats.
struct CheckReport {
  /// How findings are written.
  enum Format: String, CaseIterable {
    /// For people: the line, what is meant in it, and how to fix it.
    case pretty
    /// One JSON document.
    case json
    /// The workflow commands of GitHub, which shows them beside the lines.
    case github
  }

  /// A file with what was found in it.
  struct File {
    var path: String
    var source: LuaSource
    var findings: [Finding]
  }

  let format: Format
  let style: TextStyle

  /// The lines about one file; for JSON its findings as objects.
  func lines(_ file: File) -> [String] {
    file.findings.map { finding in
      switch format {
      case .pretty: pretty(finding, file)
      case .json: Self.json(finding, file.path)
      case .github: Self.github(finding, file.path)
      }
    }
  }

  private func pretty(_ finding: Finding, _ file: File) -> String {
    let place = "\(file.path):\(finding.start.line):\(finding.start.column)"
    let isError = finding.severity == .error
    let word = style(isError ? .failure : .write, finding.severity.rawValue)
    var lines = ["\(style(.bold, place)): \(word): \(finding.message) [\(finding.rule)]"]
    let number = String(finding.start.line)
    let shown = Self.line(finding.start.line, of: file.source)
    if finding.start.column <= 120 {
      lines.append("    \(number) | \(shown.prefix(120))")
      let blanks = shown.prefix(finding.start.column - 1).map { $0 == "\t" ? "\t" : " " }
      let last = finding.end.line == finding.start.line ? finding.end.column : shown.count + 1
      let width = max(1, min(last, 121) - finding.start.column)
      let marks = style(isError ? .failure : .write, String(repeating: "^", count: width))
      let margin = String(repeating: " ", count: number.count)
      lines.append("    \(margin) | \(blanks.joined())\(marks)")
    }
    if let hint = finding.hint { lines.append("  \(style(.bold, "fix:")) \(hint)") }
    return lines.joined(separator: "\n")
  }

  private static func line(_ number: Int, of source: LuaSource) -> String {
    let start = source.lineStarts[number - 1]
    let rest = source.bytes[start...].prefix { $0 != 0x0A && $0 != 0x0D }
    // What a terminal would obey is not shown.
    return String(
      String.UnicodeScalarView(
        String(decoding: rest, as: UTF8.self).unicodeScalars.map {
          ($0.value < 0x20 && $0 != "\t") || $0.value == 0x7F ? "\u{FFFD}" : $0
        }))
  }

  private static func json(_ finding: Finding, _ path: String) -> String {
    var members: [(name: String, value: String)] = [
      ("path", JSONText.quoted(path)), ("line", String(finding.start.line)),
      ("column", String(finding.start.column)), ("end_line", String(finding.end.line)),
      ("end_column", String(finding.end.column)),
      ("severity", JSONText.quoted(finding.severity.rawValue)),
      ("rule", JSONText.quoted(finding.rule)), ("message", JSONText.quoted(finding.message)),
    ]
    if let hint = finding.hint { members.append(("hint", JSONText.quoted(hint))) }
    return JSONText.object(members)
  }

  // https://docs.github.com/actions/reference/workflow-commands-for-github-actions
  private static func github(_ finding: Finding, _ path: String) -> String {
    func escaped(_ text: String, isProperty: Bool) -> String {
      var result = ""
      for character in text.unicodeScalars {
        switch character {
        case "%": result += "%25"
        case "\r": result += "%0D"
        case "\n": result += "%0A"
        case ":" where isProperty: result += "%3A"
        case "," where isProperty: result += "%2C"
        default: result.unicodeScalars.append(character)
        }
      }
      return result
    }
    let properties = [
      "file=\(escaped(path, isProperty: true))", "line=\(finding.start.line)",
      "endLine=\(finding.end.line)", "col=\(finding.start.column)",
      "endColumn=\(finding.end.column)", "title=\(escaped(finding.rule, isProperty: true))",
    ]
    let message = finding.message + (finding.hint.map { "\nfix: \($0)" } ?? "")
    return "::\(finding.severity.rawValue) \(properties.joined(separator: ","))"
      + "::\(escaped(message, isProperty: false))"
  }
}
