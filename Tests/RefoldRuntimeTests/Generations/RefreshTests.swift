import Foundation
import Posix
import RefoldActions
import Testing

@testable import RefoldRuntime

/// What becomes of live generations when files change.
@Suite struct RefreshTests {
  private static let files = [
    "scripts/main.lua": "local m = require('m')\nreturn { m.v, require('n').v }",
    "scripts/m.lua": "return { v = 1 }", "scripts/n.lua": "return { v = 1 }",
  ]

  @Test func `nothing happens when nothing changed`() throws {
    let project = try TestProject(Self.files)
    let first = try project.current()
    #expect(first.problems.isEmpty)
    #expect(project.refresh() == [])
    #expect(try project.current() === first)
    #expect(try project.result() == "[1,1]")
  }

  @Test func `a file that is saved as it was makes no new generation`() throws {
    let project = try TestProject(Self.files)
    let first = try project.current()
    try project.write("return { v = 1 }", "scripts/m.lua")
    #expect(project.refresh() == [])
    #expect(try project.current() === first)
  }

  @Test func `a module that changes is live with all that require it`() throws {
    let project = try TestProject(Self.files)
    let first = try project.current()
    _ = try project.current(account: "globex")
    try project.write("return { v = 22 }", "scripts/m.lua")
    let notices = project.store.refresh()
    #expect(notices.map { project.short($0.text) } == ["reloaded main: scripts/m.lua changed"])
    #expect(notices.map(\.accounts) == [["acme", "globex"]])
    #expect(try project.current().hash != first.hash)
    #expect(try project.result() == "[22,1]")
    // Whoever has the old generation keeps it.
    let old = Lane(backend: ScriptedBackend()).run(first, RunOptions(account: "acme"))
    #expect(old.text == "[1,1]")
  }

  @Test func `a file that gets its text while it is asked about is read again`() throws {
    let project = try TestProject(Self.files)
    _ = try project.current()
    try project.write("", "scripts/m.lua")
    var asked: [Bool] = []
    let notices = project.store.refresh { path, isEmpty in
      guard path.hasSuffix("/m.lua") else { return true }
      asked.append(isEmpty)
      if isEmpty { try? project.write("return { v = 3 }", "scripts/m.lua") }
      return true
    }
    #expect(asked == [true, false])
    #expect(notices.map { project.short($0.text) } == ["reloaded main: scripts/m.lua changed"])
    #expect(try project.result() == "[3,1]")
  }

  @Test func `the hash depends on the contents alone`() throws {
    let project = try TestProject(Self.files)
    let first = try project.current().hash
    #expect(first.count == 64)
    try project.write("return { v = 2 }", "scripts/n.lua")
    #expect(project.refresh().count == 1)
    #expect(try project.current().hash != first)
    try project.write("return { v = 1 }", "scripts/n.lua")
    #expect(project.refresh().count == 1)
    #expect(try project.current().hash == first)
  }

  @Test func `versions of the same length that are saved in one tick are told apart`() throws {
    let project = try TestProject(Self.files)
    for version in 2...9 {
      try project.write("return { v = \(version) }", "scripts/m.lua")
      _ = project.refresh()
      #expect(try project.result() == "[\(version),1]")
    }
  }

  @Test(arguments: [
    (
      "scripts/m.lua", "return {\n v = = 1 }",
      "kept main as it was: scripts/m.lua:2: unexpected symbol near '='"
    ),
    (
      "scripts/main.lua", "return (",
      "kept main as it was: scripts/main.lua:1: "
        + "unexpected symbol near <eof>"
    ),
    (
      "scripts/customers/acme/config.lua", "\nreturn x.y",
      "kept main as it was: scripts/customers/acme/config.lua:2: the customer's config "
        + "'scripts/customers/acme/config.lua' is wrong: attempt to index a nil value (global 'x')"
    ),
    (
      "scripts/m.lua", "\u{0}",
      "kept main as it was: script 'scripts/m.lua' is not text: byte 0 is NUL"
    ),
  ])
  func `a version that is wrong never goes live`(
    file: String, text: String, notice: String
  ) throws {
    let project = try TestProject(Self.files)
    let first = try project.current()
    let before = (try? String(contentsOfFile: project.folder.file(file), encoding: .utf8))
    try project.age()
    _ = project.refresh()
    try project.write(text, file)
    try project.age()
    #expect(project.refresh() == [notice])
    #expect(project.refresh() == [])
    #expect(try project.current() === first)
    if let before { try project.write(before, file) } else { try project.remove(file) }
    #expect(project.refresh().count == 1)
    #expect(try project.current() === first)
    #expect(project.refresh() == [])
  }

  @Test func `a script that was wrong from the start says so, and goes live when it is mended`()
    throws
  {
    let project = try TestProject(["scripts/main.lua": "return = 1"])
    let problems = try project.current().problems
    #expect(
      problems.map { project.short("\($0.location?.description ?? "") \($0.message)") }
        == ["scripts/main.lua:1 unexpected symbol near '='"])
    #expect(try project.result() == "syntax_error: unexpected symbol near '='")
    try project.write("return 1", "scripts/main.lua")
    #expect(project.refresh() == ["reloaded main: scripts/main.lua changed"])
    #expect(try project.result() == "1")
  }

  @Test func `files that are deleted, renamed or replaced by a folder leave what is live`() throws {
    let project = try TestProject(Self.files)
    let first = try project.current()
    try project.age()
    _ = project.refresh()
    try project.remove("scripts/m.lua")
    #expect(
      project.refresh() == [
        "kept main as it was: module 'm' is gone: there is no file 'scripts/m.lua' any more"
      ])
    try project.write("x", "scripts/m.lua/inside")
    #expect(project.refresh() == [])
    try project.remove("scripts/m.lua")
    try project.remove("scripts/main.lua")
    #expect(project.refresh() == ["kept main as it was: no script 'main'"])
    #expect(try project.current() === first)
    #expect(try project.result() == "[1,1]")
    for (name, text) in Self.files { try project.write(text, name) }
    #expect(project.refresh().count == 1)
    #expect(try project.current() === first)
  }

  @Test func `an override and a config that come and go are live`() throws {
    let project = try TestProject(["scripts/main.lua": "return 'base'"])
    #expect(try project.result() == "\"base\"")
    try project.write(
      "return refold.base() .. refold.config().x", "scripts/customers/acme/main.lua")
    try project.write("return { x = '!' }", "scripts/customers/acme/config.lua")
    #expect(project.refresh().count == 1)
    #expect(try project.result() == "\"base!\"")
    #expect(try project.result(account: "globex") == "\"base\"")
    try project.remove("scripts/customers")
    #expect(project.refresh().count == 1)
    #expect(try project.result() == "\"base\"")
  }

  @Test func `a module of a computed name is pinned when it is used first`() throws {
    let project = try TestProject([
      "scripts/main.lua": "local name = 'mod' .. 1\nreturn require(name)",
      "scripts/mod1.lua": "return 1",
    ])
    let first = try project.current()
    #expect(first.modulePaths == [])
    #expect(try project.result() == "1")
    #expect(first.modulePaths.map(project.short) == ["scripts/mod1.lua"])
    try project.write("return 2", "scripts/mod1.lua")
    let again = Lane(backend: ScriptedBackend()).run(first, RunOptions(account: "acme"))
    #expect(again.text == "1")
    #expect(project.refresh().count == 1)
    // From now on it belongs to the generation from the start.
    #expect(try project.current().modulePaths.map(project.short) == ["scripts/mod1.lua"])
    #expect(try project.result() == "2")
  }

  @Test func `a module that fails or requires itself fails the run, and each run anew`() throws {
    let project = try TestProject([
      "scripts/main.lua": """
      local function why(name)
        local _, problem = pcall(require, name)
        return problem:match("[^:]*$")
      end
      return { why("bad"), why("loop") }
      """,
      "scripts/bad.lua": "error('no luck', 0)", "scripts/loop.lua": "return require('loop2')",
      "scripts/loop2.lua": "return require('loop')",
    ])
    for _ in 0..<2 {
      #expect(
        try project.result()
          == #"["no luck"," loop -> loop2 -> loop"]"#)
    }
    #expect(project.refresh() == [])
  }

  @Test func `a generation is freed when the last that has it is gone`() throws {
    let project = try TestProject(Self.files)
    weak let first = try project.current()
    #expect(first != nil)
    try project.write("return { v = 7 }", "scripts/m.lua")
    _ = project.refresh()
    #expect(first == nil)
  }

  @Test func `ten thousand scripts are not read`() throws {
    let project = try TestProject(["scripts/main.lua": "return 1"])
    for index in 0..<10_000 {
      try Files.write([0x2D, 0x2D], to: project.folder.file("scripts/s\(index).lua"))
    }
    let start = MonotonicTime.now()
    #expect(try project.result() == "1")
    #expect(project.refresh() == [])
    #expect(MonotonicTime.now() - start < .seconds(1))
    #expect(
      try project.store.current("s9999", account: "acme").script
        == project.folder.file("scripts/s9999.lua"))
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 100_000),
      "6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee"
    ),
  ])
  func `the hash is SHA-256`(text: String, expected: String) {
    var hash = ContentHash()
    for chunk in stride(from: 0, to: text.utf8.count, by: 37) {
      hash.add(Array(text.utf8.dropFirst(chunk).prefix(37)))
    }
    #expect(hash.hexadecimal() == expected)
  }

  @Test(arguments: [
    (#"local a = require("a") require 'b.c' require("a")"#, ["a", "b.c"]),
    ("-- require('x')\n--[[ require('y') ]] local s = \"require('z')\"", []),
    ("require(name) require('a' .. b)", ["a"]), ("local require_x = 'require'", []),
    ("", []), ("require", []), ("require(", []),
  ])
  func `modules are found in the source`(source: String, names: [String]) {
    #expect(RequireScan.modules(in: Array(source.utf8)) == names)
  }
}
