import RefoldActions
import RefoldRuntime
import Testing

/// A session that notes what its lines give.
private final class Desk {
  let session: Session
  var number = 0

  init(_ backend: ScriptedBackend = ScriptedBackend(), memoryBytes: Int = 64 << 20) throws {
    session = try Session(Lane(backend: backend), account: "acme", memoryBytes: memoryBytes)
  }

  /// The values of a line, or how it failed.
  @discardableResult
  func enter(_ text: String) -> String {
    number += 1
    switch session.read(text, at: number) {
    case .unfinished: return "unfinished"
    case .wrong(let failure): return "wrong: \(failure.message)"
    case .ready(let line):
      switch session.run(line).result {
      case .failure(let failure):
        return "\(failure.location.map { "\($0): " } ?? "")\(failure.message)"
      case .success:
        let texts = (try? session.jsonValues()) ?? [Array("no json".utf8)]
        return texts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
      }
    }
  }
}

@Test func `locals of the top level stay, and closures share them`() throws {
  let desk = try Desk()
  #expect(desk.enter("local n = 0 function add() n = n + 1 return n end") == "")
  #expect(desk.enter("add() add()") == "")
  #expect(desk.enter("n") == "2")
  #expect(desk.enter("n = 10") == "")
  #expect(desk.enter("add()") == "11")
  #expect(desk.enter("_G.n, _G.add ~= nil") == "null true")
}

@Test func `constants cannot be assigned, and can be declared anew`() throws {
  let desk = try Desk()
  desk.enter("local limit <const> = 5")
  #expect(desk.enter("limit = 6") == "(session):2: attempt to assign to const variable 'limit'")
  #expect(desk.enter("limit") == "5")
  #expect(desk.enter("local limit <const> = limit + 1") == "")
  #expect(desk.enter("local limit = limit + 1") == "")
  #expect(desk.enter("limit = limit + 1 return limit") == "8")
}

@Test func `what is closed is closed with its line`() throws {
  let desk = try Desk()
  desk.enter("log = {}")
  desk.enter("local c <close> = setmetatable({}, { __close = function() log[1] = 'closed' end })")
  #expect(desk.enter("log[1], c == nil") == "\"closed\" true")
}

@Test(arguments: [
  ("function f()", "unfinished"), ("x = {", "unfinished"), ("1 +", "unfinished"),
  ("s = [[", "unfinished"), ("for i = 1, 2 do", "unfinished"), ("--[[", "unfinished"),
  ("x = )", "wrong: unexpected symbol near ')'"), ("\"abc", "wrong: unfinished string near <eof>"),
  ("1, 'two', nil", "1 \"two\" null"), ("return 7", "7"), ("-- nothing", ""),
  ("::a:: goto b ::b::", ""),
])
func `a line is an expression, statements, or a beginning`(line: String, result: String) throws {
  #expect(try Desk().enter(line) == result)
}

@Test func `the last value and the last error are kept`() throws {
  let desk = try Desk()
  #expect(desk.enter("6 * 7") == "42")
  #expect(desk.enter("_ + 1") == "43")
  #expect(
    desk.enter("error({ code = 7 })") == "(session):3: a table was raised, without a message")
  #expect(desk.enter("_err.value.code, type(_err.traceback)") == "7 \"string\"")
  #expect(desk.enter("nosuch()") == "(session):5: attempt to call a nil value (global 'nosuch')")
  #expect(desk.enter("_err.message") == "\"attempt to call a nil value (global 'nosuch')\"")
}

@Test func `a limit stops a line and leaves the session`() throws {
  let desk = try Desk(memoryBytes: 8 << 20)
  desk.session.budget.time = .milliseconds(50)
  desk.enter("kept = 'here'")
  #expect(desk.enter("while true do pcall(error) end").hasSuffix("time limit of 50ms reached"))
  desk.session.budget.time = nil
  #expect(
    desk.enter("local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end").hasSuffix(
      "memory limit of 8 MiB reached"))
  #expect(desk.enter("t = nil kept2 = kept") == "")
  #expect(desk.enter("kept2") == "\"here\"")
}

@Test func `nesting and length have an end`() throws {
  let desk = try Desk()
  let deep = String(repeating: "(", count: 100_000)
  #expect(desk.enter(deep).hasPrefix("wrong: "))
  #expect(desk.enter(String(repeating: "{", count: 100_000)).hasPrefix("wrong: "))
  let long = "x = '" + String(repeating: "y", count: 10 << 20) + "'"
  #expect(desk.enter(long) == "wrong: the line has 10485766 bytes, and 1048576 are the most")
  #expect(desk.enter("x = 1\0").hasPrefix("wrong: unexpected symbol"))
}

@Test func `writes are refused before anything is sent`() throws {
  let backend = ScriptedBackend()
  let desk = try Desk(backend)
  desk.session.permissions = [Permissions(source: Session.writesOff, writes: [])]
  let text = desk.enter("refold.exec('hubspot', 'create_contact', nil, {})")
  #expect(text == "(session):1: hubspot.create_contact writes, and ':writes off' permits no write")
  #expect(backend.executed == [])
}

@Test func `values are copied as far as anybody looks`() throws {
  let desk = try Desk()
  desk.enter("t = {} for i = 1, 1000000 do t[i] = i end")
  desk.enter("t")
  guard case .table(let table) = desk.session.values()[0] else {
    Issue.record("no table")
    return
  }
  #expect(table.elementCount == 1_000_000)
  #expect(table.elements.count == 200)
  desk.enter("c = {} c.c = c return c, ('x'):rep(5000), 1, 1.0, refold.null, nil")
  let values = desk.session.values()
  #expect(values[2...] == [.integer(1), .float(1), .null, .nil])
  guard case .string(let bytes, let length) = values[1] else { return }
  #expect((bytes.count, length) == (1000, 5000))
}

@Test func `fields are found without running code`() throws {
  let desk = try Desk()
  desk.enter("o = setmetatable({ name = 1 }, { __index = function() error('called') end })")
  desk.enter("p = { { id = 1, run = print } }")
  #expect(desk.session.fields(of: [.field("o")]).map(\.name) == ["name"])
  #expect(
    desk.session.fields(of: [.field("p"), .element(1)])
      == [LiveField(name: "id", isFunction: false), LiveField(name: "run", isFunction: true)])
  #expect(desk.session.fields(of: [.field("nosuch"), .field("x")]) == [])
  #expect(desk.session.fields(of: []).map(\.name).contains("refold"))
}
