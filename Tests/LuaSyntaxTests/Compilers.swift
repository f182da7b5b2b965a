import Foundation
import Lua

@testable import LuaSyntax

/// What a compiler says about a text: nothing, or what is wrong in which line.
struct Verdict: Equatable, CustomStringConvertible {
  var line: Int?
  var message: String?

  var description: String { message.map { "\(line ?? 0): \($0)" } ?? "right" }

  /// The Lua compiler's.
  static func ofLua(_ source: [UInt8]) throws -> Verdict {
    let lua = try LuaState(memoryLimit: 64 << 20)
    return lua.withStack { stack in
      do throws(LuaError) {
        try stack.load(source, name: "@x")
        return Verdict()
      } catch {
        return Verdict(line: error.location?.line, message: error.message)
      }
    }
  }

  /// The parser's.
  static func ofParser(_ source: [UInt8]) -> Verdict {
    do throws(LuaSyntaxError) {
      _ = try LuaParser.parse(source)
      return Verdict()
    } catch {
      return Verdict(line: error.line, message: error.message)
    }
  }
}

/// The Lua files of this repository.
enum Corpus {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func files() throws -> [String] {
    try ["stdlib", "scripts", "Benchmarks"].flatMap { folder in
      try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
        .filter { $0.hasSuffix(".lua") }.map { "\(folder)/\($0)" }
    }.sorted()
  }

  static func source(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: root.appending(path: path)))
  }

  /// Each statement of the repository's files that is not longer than some screens, and all statements that tests list.
  static func statements() throws -> [[UInt8]] {
    var all = Texts.right.map { Array($0.utf8) } + Texts.wrong.map { Array($0.utf8) }
    for path in try files() {
      let tree = try LuaParser.parse(try source(path))
      all += tree.statements.filter { $0.range.count < 800 }
        .map { Array(tree.source.bytes[$0.range]) }
    }
    return all
  }
}

/// The same numbers in each run, so that a failure can be seen again.
struct Dice {
  var state: UInt64

  mutating func next(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(max(1, limit)))
  }

  /// Changes a text a little: a word is left out, doubled, moved, or put in, or a byte is another.
  mutating func mutation(of source: [UInt8]) -> [UInt8] {
    let words = LuaToken.list(in: source)
    guard !words.isEmpty else { return source + [UInt8(next(below: 256))] }
    var source = source
    let word = words[next(below: words.count)]
    switch next(below: 6) {
    case 0: source.removeSubrange(word.range)
    case 1: source.insert(contentsOf: Array(source[word.range]) + [0x20], at: word.range.lowerBound)
    case 2:
      let other = words[next(below: words.count)]
      source.replaceSubrange(word.range, with: Array(source[other.range]))
    case 3:
      let spice = Array(Texts.spice[next(below: Texts.spice.count)].utf8)
      source.insert(contentsOf: [0x20] + spice + [0x20], at: word.range.lowerBound)
    case 4: source[next(below: source.count)] = UInt8(next(below: 256))
    default: source.removeSubrange(next(below: source.count)...)
    }
    return source
  }
}
