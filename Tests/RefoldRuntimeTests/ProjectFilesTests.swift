import Foundation
import RefoldActions
import RefoldRuntime
import Testing

/// `fs.read` and `fs.lines`: what a script may read, and that it reads it right.
@Suite struct ProjectFilesTests {
  private static let lines = """
    local lines = {}
    for line in require("fs").lines("data") do lines[#lines + 1] = line end
    return lines
    """

  private func project(_ script: String, data: String) throws -> TestProject {
    try TestProject(["scripts/main.lua": script, "data": data])
  }

  @Test(arguments: [
    ("", "{}"), ("\n", #"[""]"#), ("a", #"["a"]"#), ("a\n", #"["a"]"#),
    ("a\n\nb", #"["a","","b"]"#),
    ("a\r\nb\r\n", #"["a","b"]"#), ("a\rb\n\r\n", #"["a\rb",""]"#), ("ä\r", #"["ä\r"]"#),
  ])
  func `lines end with LF or CR LF`(data: String, expected: String) throws {
    #expect(try project(Self.lines, data: data).result() == expected)
  }

  /// Parts are of 64 KiB: an end of a line may be cut by two, and a line may fill many.
  @Test(arguments: [65_534, 65_535, 65_536, 65_537, 131_071, 500_000])
  func `lines go on from part to part`(length: Int) throws {
    let long = String(repeating: "x", count: length)
    let project = try project(Self.lines, data: "\(long)\r\nsecond\n\(long)")
    #expect(try project.result() == #"["\#(long)","second","\#(long)"]"#)
  }

  @Test func `a file that is written while it is read is no mix of two`() throws {
    let project = try project(
      """
      local seen = 0
      for line in require("fs").lines("data") do
        seen = seen + 1
        if seen == 1 then refold.exec("hubspot", "list_contacts") end
      end
      """, data: String(repeating: "line\n", count: 50_000))
    let lane = Lane(
      backend: ScriptedBackend { _ in
        try? project.write(String(repeating: "other\n", count: 50_000), "data")
        return nil
      })
    let outcome = lane.run(try project.current(), RunOptions(account: "acme"))
    let failure = #expect(throws: RunFailure.self) { try outcome.result.get() }
    #expect(failure?.code == "file_changed")
    #expect(failure?.location?.line == 2)
  }

  @Test(arguments: [
    (".refold/state.db", "file_refused"), ("data/../.env", "file_refused"),
    ("scripts/customers/globex/config.lua", "file_refused"),
    ("./scripts//customers/./globex/config.lua", "file_refused"),
    ("to-globex/config.lua", "file_refused"), ("to-hidden", "file_refused"),
    ("out/inner", "file_refused"), ("out/missing", "file_refused"), ("../outer", "file_refused"),
    ("keys/credentials.json", "file_refused"), ("a\0b", "file_refused"),
    ("data/\u{301}/../../../outer", "file_refused"), ("/\u{301}etc/passwd", "file_refused"),
    ("\u{301}/../.env", "file_refused"),
    ("scripts/customers/\u{301}/../globex/config.lua", "file_refused"),
    ("missing", "file_not_found"), ("data/below", "file_not_found"), ("pipe", "file_failed"),
    ("scripts", "file_failed"), ("large", "file_too_large"), ("locked", "file_failed"),
  ])
  func `what is not for the run is refused`(path: String, code: String) throws {
    let project = try TestProject([
      "scripts/main.lua": """
      local fs = require("fs")
      local _, one = pcall(fs.read, refold.input)
      local ok, other = pcall(fs.lines, refold.input)
      return { one.code, ok and "lines" or other.code }
      """,
      "scripts/customers/globex/config.lua": "return {}", "scripts/customers/acme/a.txt": "mine",
      ".refold/state.db": "", ".env": "KEY=1", "keys/credentials.json": "{}", "data": "",
    ])
    let outer = try TestProject(["inner": "secret"])
    let manager = FileManager.default
    for (link, target) in [
      ("to-globex", "scripts/customers/globex"), ("to-hidden", ".env"), ("out", outer.folder.path),
    ] {
      try manager.createSymbolicLink(
        atPath: project.folder.file(link), withDestinationPath: target)
    }
    #expect(mkfifo(project.folder.file("pipe"), 0o600) == 0)
    // A link to itself, which the system gives up on.
    try manager.createSymbolicLink(
      atPath: project.folder.file("locked"), withDestinationPath: "locked")
    #expect(manager.createFile(atPath: project.folder.file("large"), contents: nil))
    #expect(truncate(project.folder.file("large"), 65 << 20) == 0)
    let lane = Lane(backend: ScriptedBackend())
    let options = RunOptions(account: "acme", input: Array(try JSONEncoder().encode(path)))
    let text = lane.run(try project.current(), options).text
    let lines = code == "file_too_large" ? "lines" : code
    #expect(text == #"["\#(code)","\#(lines)"]"#)
  }

  @Test func `no other path leads to another customer`() throws {
    let project = try TestProject([
      "src/main.lua": "return require('fs').read('src/customers/globex/a.txt')",
      "src/customers/globex/a.txt": "theirs",
    ])
    try FileManager.default.createSymbolicLink(
      atPath: project.folder.file("scripts"), withDestinationPath: "src")
    #expect(try project.result(account: "acme").hasPrefix("file_refused: "))
    #expect(try project.result(account: "globex") == "\"theirs\"")
  }

  @Test func `a run reads the folder of its own customer`() throws {
    let files = [
      "scripts/main.lua": "return require('fs').read('scripts/customers/acme/a.txt')",
      "scripts/customers/acme/a.txt": "mine",
    ]
    #expect(try TestProject(files).result(account: "acme") == "\"mine\"")
    let other = try TestProject(files).result(account: "globex")
    #expect(other.contains("it is another customer's: this run is for 'globex'"))
  }

  @Test func `a line that does not fit the memory limit ends the run`() throws {
    let project = try project(Self.lines, data: "")
    #expect(truncate(project.folder.file("data"), 30 << 20) == 0)
    var options = RunOptions(account: "acme")
    options.budget.memoryBytes = 8 << 20
    let outcome = Lane(backend: ScriptedBackend()).run(try project.current(), options)
    let failure = #expect(throws: RunFailure.self) { try outcome.result.get() }
    #expect(failure?.code == "memory_limit")
  }

  @Test func `a script of no project reads nothing`() {
    let script = Script.inline("return require('fs').read('Package.swift')")
    let text = Lane(backend: ScriptedBackend()).run(script, RunOptions(account: "acme")).text
    #expect(text.contains("this script belongs to no project"))
  }
}
