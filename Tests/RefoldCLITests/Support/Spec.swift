import Foundation

/// One case: files, a command for the shell, and what it has to print.
///
/// ```
/// # What the case shows.
/// server: html              (optional: what answers under REFOLD_BASE_URL, see SpecServer)
/// == file scripts/a.lua     (any number)
/// return 1
/// == run
/// refold run scripts/a.lua
/// == stdout
/// == stderr
/// == exit
/// 0
/// ```
struct Spec: Sendable, CustomStringConvertible {
  var name: String
  var path: String
  var head: [String] = []
  var files: [(name: String, text: String)] = []
  var command = ""
  var expected = Outcome()

  struct Outcome: Equatable, Sendable {
    var stdout = ""
    var stderr = ""
    var exit: Int32 = -1

    var text: String { stdout + stderr }
  }

  var description: String { name }

  /// A setting of the head: `project` (a folder of this project to copy), `server` (what answers the remote backend), `lock` (a database that is held meanwhile),
  /// `requires: unshare` (the right to a disk or a network of its own).
  func setting(_ name: String) -> String? {
    head.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
  }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Specs")

  /// All cases, by name.
  static func all() throws -> [Spec] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return try names.filter { $0.hasSuffix(".txt") }.sorted().map { name in
      let path = folder.appending(path: name).path
      return try Spec(
        name: String(name.dropLast(4)), path: path,
        text: String(contentsOfFile: path, encoding: .utf8))
    }
  }

  init(name: String, path: String, text: String) throws {
    self.name = name
    self.path = path
    var section = "head"
    var body: [String] = []
    func finish() throws {
      let text = body.isEmpty ? "" : body.joined(separator: "\n") + "\n"
      switch section {
      case "head": head = body
      case "run": command = text
      case "stdout": expected.stdout = text
      case "stderr": expected.stderr = text
      case "exit": expected.exit = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
      case _ where section.hasPrefix("file "): files.append((String(section.dropFirst(5)), text))
      default: throw Malformed(name: name, section: section)
      }
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("== ") {
        try finish()
        section = String(line.dropFirst(3))
        body = []
      } else {
        body.append(line)
      }
    }
    if body.last == "" { body.removeLast() }
    try finish()
  }

  struct Malformed: Error {
    var name: String
    var section: String
  }

  /// Writes the case down with what the program said.
  func record(_ outcome: Outcome) throws {
    var lines = head
    for file in files { lines += ["== file \(file.name)", Self.body(file.text)] }
    lines += ["== run", Self.body(command)]
    for (section, text) in [("stdout", outcome.stdout), ("stderr", outcome.stderr)] {
      lines.append("== \(section)")
      if !text.isEmpty { lines.append(Self.body(text)) }
    }
    lines += ["== exit", String(outcome.exit), ""]
    try lines.joined(separator: "\n").write(toFile: path, atomically: false, encoding: .utf8)
  }

  private static func body(_ text: String) -> String {
    text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}
