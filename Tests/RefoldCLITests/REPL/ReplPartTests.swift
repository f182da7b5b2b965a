import Posix
import RefoldTesting
import Testing

@testable import RefoldCLI

@Test(arguments: [
  (":help", "help", ""), ("  :set a  b ", "set", "a  b"),
  (":run s.lua { \"a\": 1 }", "run", "s.lua { \"a\": 1 }"),
])
func `a command is a word and its rest`(line: String, verb: String, rest: String) {
  let command = ReplCommandLine(line)
  #expect(command?.verb == verb)
  #expect(command?.rest == rest)
}

@Test(arguments: ["x", "::label::", "", " 1 + 1", "a:b()"])
func `Lua is no command`(line: String) {
  #expect(ReplCommandLine(line) == nil)
}

@Test func `the beginning of a command is enough when no other has it`() throws {
  #expect(try ReplVerb.named("q") == .quit)
  #expect(try ReplVerb.named("acc") == .account)
  let error = #expect(throws: CommandError.self) { try ReplVerb.named("relod") }
  #expect(error?.hint == "did you mean ':reload'? See ':help'")
  #expect((try? ReplVerb.named("s")) == nil)
  #expect((try? ReplVerb.named("")) == nil)
}

@Test func `settings are checked`() throws {
  var settings = ReplSettings()
  try settings.set("timeout", to: "30s")
  try settings.set("depth", to: "2")
  #expect(settings.timeout == .seconds(30))
  #expect(settings.layout.depth == 2)
  let error = #expect(throws: CommandError.self) { try settings.set("timout", to: "1s") }
  #expect(error?.message == "no setting 'timout'")
  #expect(error?.hint == "did you mean 'timeout'? See ':set'")
  #expect(throws: CommandError.self) { try settings.set("depth", to: "-1") }
}

@Test func `the prompt names account, backend and whether writes are refused`() {
  func plain(_ columns: Int, remote: Bool, writes: Bool, account: String = "acme") -> String {
    ReplPrompt(
      account: account, backend: remote ? "remote" : "sandbox", areWritesOn: writes,
      isRemote: remote,
      style: TextStyle()
    ).prompt(columns: columns).text
  }
  #expect(plain(80, remote: false, writes: true) == "acme@sandbox> ")
  #expect(plain(80, remote: true, writes: false) == "acme@remote read-only> ")
  #expect(plain(80, remote: true, writes: true) == "acme@remote> ")
  #expect(plain(20, remote: true, writes: false) == "read-only> ")
  #expect(plain(20, remote: true, writes: true) == "…@remote> ")
  #expect(
    plain(40, remote: false, writes: true, account: "a-very-long-account") == "a-very-lo…@sandbox> "
  )
  var style = TextStyle()
  style.isOn = true
  let prompt = ReplPrompt(
    account: "a", backend: "remote", areWritesOn: true, isRemote: true, style: style)
  #expect(prompt.prompt(columns: 80).text == "\u{1B}[1;31ma@remote> \u{1B}[0m")
}

@Test func `lines that worked become a script`() {
  let lines = [
    SavedLine(text: "local a = 1", kind: .statements), SavedLine(text: "a", kind: .expression),
    SavedLine(text: "print(a)", kind: .call),
    SavedLine(text: ":load scripts/x/y-z.lua", kind: .statements),
    SavedLine(text: "a + 1", kind: .expression),
  ]
  #expect(
    SavedScript(lines, account: "acme", backend: "sandbox").text == """
      -- From a session for acme on sandbox.
      local a = 1
      print(a)
      local y_z = require("x.y-z")
      return a + 1

      """)
  let last = [SavedLine(text: "f()", kind: .call), SavedLine(text: "print(_)", kind: .call)]
  #expect(
    SavedScript(last, account: "acme", backend: "sandbox").text
      == "-- From a session for acme on sandbox.\nlocal _\n_ = f()\nreturn print(_)\n")
}

@Suite struct HistoryFileTests {
  @Test(arguments: ["a", "a\nb", "\\n", "a\\\nb\\\\", "größe"])
  func `an entry is read as it was written`(entry: String) {
    #expect(HistoryFile.unescaped(HistoryFile.escaped(entry)[...]) == entry)
    #expect(!HistoryFile.escaped(entry).contains("\n"))
  }

  @Test func `two sessions keep each other's lines, without the key`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("state/refold/history")
    let redact: @Sendable (String) -> String = { $0.replacing("tk_1", with: "") }
    var first = HistoryFile(path: path, redact: redact)
    var second = HistoryFile(path: path, redact: redact)
    first.add("one")
    second.add("two\nlines")
    first.add("x = 'tk_1'")
    first.add("three")
    #expect(HistoryFile(path: path, redact: redact).entries == ["one", "two\nlines", "three"])
    #expect(first.entries == ["one", "three"])
    #expect(try mode(of: path) == 0o600)
  }

  @Test func `a folder that cannot be made is said, and the session goes on`() throws {
    var history = HistoryFile(path: "/proc/nowhere/history") { $0 }
    history.add("one")
    #expect(history.problem?.hasPrefix("the history can't be kept: ") == true)
    #expect(history.entries == ["one"])
  }

  @Test func `the file is where the user's state is`() {
    #expect(HistoryFile.path(["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/refold/history")
    #expect(
      HistoryFile.path(["XDG_STATE_HOME": "s", "HOME": "/h"]) == "/h/.local/state/refold/history")
    #expect(HistoryFile.path([:]) == nil)
  }
}

private func mode(of path: String) throws -> UInt32? { try Files.status(path)?.mode }
