import Lua
import Posix

/// Which lines of a file the tests ran.
public struct FileCoverage: Sendable, Equatable {
  /// The file's path.
  public var path: String
  /// The lines that hold code, sorted.
  public var lines: [Int]
  /// How often each line was run.
  public var counts: [Int: Int]

  /// How many of the lines were run.
  public var covered: Int { lines.count { counts[$0] != nil } }
  /// The lines that were not run, sorted.
  public var uncovered: [Int] { lines.filter { counts[$0] == nil } }

  /// Reads files and says which of their lines were run: those that were loaded, and those that are named.
  ///
  /// Test files are left out, and so are files that cannot be read or do not compile. Lines that only close something, such
  /// as `end`, do not count.
  ///
  /// - Parameters:
  ///   - counts: What ``TestOutcome/lineCounts`` says.
  ///   - paths: Files that count also when no test loads them.
  /// - Returns: The files, sorted by path.
  public static func all(
    _ counts: [String: [Int: Int]], including paths: [String]
  ) throws(RunFailure) -> [FileCoverage] {
    let names = Set(counts.keys).union(paths).filter { !$0.hasSuffix(TestFile.suffix) }
    do {
      let lua = try LuaState(memoryLimit: 256 << 20)
      return names.sorted().compactMap { path in
        guard let script = try? Script.file(path) else { return nil }
        let source = script.sourceWithoutShebang
        let texts = source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let lines = lua.linesOfCode(in: source).filter { line in
          line >= 1 && line <= texts.count && !isClosing(texts[line - 1])
        }
        return FileCoverage(path: path, lines: lines, counts: counts[path] ?? [:])
      }
    } catch {
      throw RunFailure(starting: error)
    }
  }

  /// Whether a line only closes something that was opened before.
  private static func isClosing(_ line: ArraySlice<UInt8>) -> Bool {
    var text = String(decoding: line, as: UTF8.self)
    if let comment = text.firstRange(of: "--") { text.removeSubrange(comment.lowerBound...) }
    let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    let signs = text.filter { !$0.isLetter && !$0.isWhitespace }
    return words.allSatisfy { $0 == "end" || $0 == "else" }
      && signs.allSatisfy { ")},;]".contains($0) }
  }
}
