import LuaSyntax
import RefoldActions

/// The comments `-- refold: ignore RULE` of a file.
///
/// Such a comment counts for its own line; alone on its line, for the next line too. Several rules stand between commas.
struct IgnoreComments {
  private struct Ignored {
    var rule: String
    var range: Range<Int>
    var lines: ClosedRange<Int>
  }

  private var all: [Ignored] = []

  init(_ tree: LuaTree) {
    let source = tree.source
    let marker = "refold: ignore "
    for comment in tree.comments {
      let text = source.text(comment)
      guard text.hasPrefix("--") else { continue }
      let words = text.dropFirst(2).drop { $0 == " " }
      guard words.hasPrefix(marker) else { continue }
      let line = source.line(of: comment.lowerBound)
      let before = source.bytes[source.lineStarts[line - 1]..<comment.lowerBound]
      let isAlone = before.allSatisfy { $0 == 0x20 || $0 == 0x09 }
      // What follows the rules behind two blanks or a dash is for people.
      for word in words.dropFirst(marker.count).split(separator: ",") {
        guard let rule = word.split(separator: " ").first else { continue }
        all.append(
          Ignored(rule: String(rule), range: comment, lines: line...(isAlone ? line + 1 : line)))
      }
    }
  }

  /// Whether a comment says that a finding is meant.
  func cover(_ finding: Finding) -> Bool {
    all.contains { $0.rule == finding.rule && $0.lines.contains(finding.start.line) }
  }

  /// Reports the rules that there are not.
  func checkRules(_ findings: inout FindingList) {
    for ignored in all where !Rules.codes.contains(ignored.rule) {
      let nearest = NearestName.of(ignored.rule, in: Rules.codes)
      findings.warning(
        "no rule '\(ignored.rule)' to ignore", at: ignored.range,
        hint: nearest.map { "did you mean '\($0)'?" } ?? "the rules are listed in docs/check.md")
    }
  }
}
