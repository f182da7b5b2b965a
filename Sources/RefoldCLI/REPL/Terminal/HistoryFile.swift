import Posix

/// What was typed at the prompt, kept in the user's state folder for the next session.
///
/// One entry a line, `\` and line breaks escaped. Only the user can read it, and no line that holds the key is in it.
/// Sessions append to it, so that several at once keep each other's lines.
struct HistoryFile {
  /// The entries, oldest first.
  private(set) var entries: [String] = []
  /// Why it is not kept on disk; said once.
  private(set) var problem: String?
  private let path: String?
  private let redact: @Sendable (String) -> String
  private static let mostEntries = 5000
  /// A longer entry is kept for this session only.
  private static let mostBytes = 64 << 10

  /// A history that is kept nowhere.
  init() {
    path = nil
    redact = { $0 }
  }

  /// Reads the history.
  ///
  /// - Parameter redact: Replaces the key; a line that it changes is never written.
  init(path: String?, redact: @escaping @Sendable (String) -> String) {
    self.path = path
    self.redact = redact
    guard let path else { return }
    do throws(PosixError) {
      let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      try Folders.create(parts.joined(separator: "/"))
      try Files.append([], to: path, mode: 0o600)
      try Files.makePrivate(path)
      let bytes = try Files.read(path)
      entries = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
        Self.unescaped($0)
      }.filter { redact($0) == $0 }
      guard entries.count > 2 * Self.mostEntries else { return }
      entries.removeFirst(entries.count - Self.mostEntries)
      let kept = entries.map { Self.escaped($0) + "\n" }.joined()
      try Files.write(Array(kept.utf8), to: path, mode: 0o600)
    } catch {
      problem = "the history can't be kept: \(error.message)"
    }
  }

  /// The file of a user: in `XDG_STATE_HOME`, else `~/.local/state`; nil without either.
  static func path(_ environment: [String: String]) -> String? {
    if let folder = environment["XDG_STATE_HOME"], folder.hasPrefix("/") {
      return "\(folder)/refold/history"
    }
    guard let home = environment["HOME"], !home.isEmpty else { return nil }
    return "\(home)/.local/state/refold/history"
  }

  /// Adds an entry, and says when it cannot be kept for the first time.
  mutating func add(_ entry: String) {
    guard entries.last != entry, !entry.allSatisfy(\.isWhitespace) else { return }
    guard redact(entry) == entry else { return }
    entries.append(entry)
    guard let path, problem == nil, entry.utf8.count <= Self.mostBytes else { return }
    do throws(PosixError) {
      try Files.append(Array("\(Self.escaped(entry))\n".utf8), to: path, mode: 0o600)
    } catch {
      problem = "the history can't be kept: \(error.message)"
    }
  }

  static func escaped(_ entry: String) -> String {
    entry.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
  }

  static func unescaped(_ line: Substring) -> String {
    var result = ""
    var isEscape = false
    for character in line {
      if isEscape {
        result.append(character == "n" ? "\n" : character)
        isEscape = false
      } else if character == "\\" {
        isEscape = true
      } else {
        result.append(character)
      }
    }
    return result
  }
}
