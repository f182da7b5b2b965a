import Lua
import Posix
import RefoldCheck
import RefoldRuntime

extension RunFailure {
  /// Adds how to mend the use of a name that is not there, where the source tells.
  ///
  /// - Parameters:
  ///   - code: The text of `-e`, which is in no file.
  ///   - session: The lines of a session.
  mutating func addHint(code: String? = nil, session: [String] = []) {
    guard kind == .script, hint == nil, let location else { return }
    let lines: [String]
    if location.source == Session.place {
      lines = session
    } else if let bytes = try? Files.read(location.source, limit: Script.maximumBytes) {
      lines = String(decoding: bytes, as: UTF8.self).lines
    } else {
      lines = code?.lines ?? []
    }
    hint = NilHint.of(message, lines: lines, line: location.line)
  }
}

extension String {
  fileprivate var lines: [String] {
    split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}
