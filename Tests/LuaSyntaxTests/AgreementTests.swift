import Foundation
import Testing

@testable import LuaSyntax

/// The parser and the Lua compiler agree: on what is right, on what is wrong, in which line and in which words.
@Suite struct AgreementTests {
  @Test(arguments: Texts.right)
  func `what is Lua is taken`(text: String) throws {
    let source = Array(text.utf8)
    #expect(Verdict.ofParser(source) == Verdict())
    // The compiler itself does not know the first line of an executable file.
    if !text.hasPrefix("#") { #expect(try Verdict.ofLua(source) == Verdict()) }
  }

  @Test(arguments: Texts.wrong)
  func `what is no Lua is refused in the words of the compiler`(text: String) throws {
    let source = Array(text.utf8)
    #expect(Verdict.ofParser(source).message != nil)
    #expect(Verdict.ofParser(source) == (try Verdict.ofLua(source)))
  }

  @Test func `every file of the repository is taken`() throws {
    let files = try Corpus.files()
    #expect(files.count >= 10)
    for path in files {
      let source = try Corpus.source(path)
      #expect(Verdict.ofParser(source) == Verdict(), "\(path)")
      #expect(try Verdict.ofLua(source) == Verdict(), "\(path)")
    }
  }

  @Test func `they agree on changed texts`() throws {
    let wanted = ProcessInfo.processInfo.environment["MUTATIONS"].flatMap(Int.init) ?? 8_000
    let statements = try Corpus.statements()
    var dice = Dice(state: 5)
    var refused = 0
    for _ in 0..<wanted {
      var source = statements[dice.next(below: statements.count)]
      for _ in 0...dice.next(below: 3) where !source.isEmpty { source = dice.mutation(of: source) }
      // Bytecode, and lines for the system, are the caller's to refuse or leave out.
      if source.first == 0x1B || source.first == UInt8(ascii: "#") { continue }
      let (ours, theirs) = (Verdict.ofParser(source), try Verdict.ofLua(source))
      if theirs.message != nil { refused += 1 }
      if ours != theirs {
        Issue.record("\(ours) | \(theirs) |\n\(String(decoding: source, as: UTF8.self))")
      }
    }
    #expect(refused > wanted / 4)
    #expect(refused < wanted)
  }

  @Test(arguments: [
    ("x = ", "(", "1", ")"), ("x = ", "{", "1", "}"), ("x = ", "-", "1", ""),
    ("", "do ", "", " end"),
    ("x = ", "1 .. ", "1", ""), ("x = ", "function() return ", "1", " end"),
    ("", "x,", "x", " = 1"),
    ("", "if x then ", "", " end"), ("x = ", "1 ^ ", "1", ""), ("", "repeat ", "", " until x"),
    ("", "while x do ", "", " end"), ("x = ", "f(", "1", ")"), ("x = ", "a[", "1", "]"),
    ("", "::a", "", ""), ("", "function f() ", "", " end"), ("x = ", "not ", "1", ""),
  ])
  func `they agree on how deep a text may nest`(_ text: (String, String, String, String)) throws {
    for count in [1, 60, 90] + Array(94...100) + Array(190...201) + [400] {
      let source = Array(
        (text.0 + String(repeating: text.1, count: count) + text.2
          + String(repeating: text.3, count: count)).utf8)
      let (ours, theirs) = (Verdict.ofParser(source), try Verdict.ofLua(source))
      #expect((ours.message == nil) == (theirs.message == nil), "\(count) \(ours) \(theirs)")
    }
  }

  @Test(arguments: [199, 200, 201])
  func `they agree on how many variables there may be`(count: Int) throws {
    let names = (1...count).map { "v\($0)" }
    let texts = [
      names.map { "local \($0)" }.joined(separator: "\n"),
      "\nlocal function f(\(names.joined(separator: ","))) end",
      "for \(names.dropLast(4).joined(separator: ",")) in x do end",
      "local \(names.dropLast(3).joined(separator: ",")) for i = 1, 2 do end",
    ]
    for text in texts {
      let source = Array(text.utf8)
      #expect(Verdict.ofParser(source) == (try Verdict.ofLua(source)))
    }
  }

  @Test(arguments: [253, 254, 255, 256])
  func `they agree on how many outer variables a function may use`(count: Int) throws {
    let names = (1...count).map { "v\($0)" }
    var text = ""
    for start in stride(from: 0, to: count, by: 150) {
      let part = names[start..<min(start + 150, count)]
      text += "local \(part.joined(separator: ","))\nlocal function f\(start)()\n"
    }
    text +=
      "local c <const> = 1\nreturn function() return {c, g, \(names.joined(separator: ","))} end"
    text += String(repeating: " end", count: (count + 149) / 150)
    let source = Array(text.utf8)
    let (ours, theirs) = (Verdict.ofParser(source), try Verdict.ofLua(source))
    #expect(ours == theirs)
  }

  @Test(arguments: [
    "(", "{", "[", "- ", "not ", "f(", "a.", "x+", "x..", "[[", "--[==[", "'", "do ",
    "goto a ", "::a::",
  ])
  func `a megabyte of one word ends well`(word: String) {
    let source = Array(String(repeating: word, count: (1 << 20) / word.utf8.count).utf8)
    #expect(Verdict.ofParser(source).message != nil)
  }

  @Test func `a long chain of operators and calls is no nesting`() throws {
    let sum = "return 1" + String(repeating: "+1", count: 100_000)
    let calls = "f" + String(repeating: "()", count: 100_000)
    for text in [sum, calls] {
      #expect(try LuaParser.parse(Array(text.utf8)).expressions.count > 100_000)
    }
  }

  @Test func `labels and jumps without number take no square of their time`() throws {
    let labels = (0..<20_000).map { "goto a\($0) " } + (0..<20_000).map { "::a\($0):: f() " }
    #expect(try LuaParser.parse(Array(labels.joined().utf8)).statements.count == 60_000)
  }
}
