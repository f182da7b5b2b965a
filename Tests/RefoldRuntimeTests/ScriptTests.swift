import RefoldRuntime
import Testing

@Test(arguments: [
  ("return 1 + 1", "2"), ("", "null"), ("-- only a comment", "null"), ("return nil", "null"),
  ("return 'x', 'y'", "\"x\""), ("return { 1, 2 }", "[1,2]"),
  ("#!/usr/bin/env refold run\nreturn 1", "1"),
  (
    "return function(input, ctx) return { input, ctx.account, ctx.mode } end",
    "[{},\"acme\",\"live\"]"
  ),
  ("return { run = function(input) return input.n end }", "null"),
  ("return { running = 1 }", "{\"running\":1}"),
  ("return refold.account", "\"acme\""), ("return refold.mode", "\"live\""),
  ("return #refold.run_id", "24"),
  ("return refold.input == nil", "true"),
  ("return { refold.null, refold.array(), refold.object() }", "[null,[],{}]"),
])
func `what a chunk returns decides the result`(code: String, result: String) {
  #expect(run(code).text == result)
}

@Test func `the input reaches scripts as a value`() {
  #expect(
    run("return function(input) return input.a.b[2] end", input: #"{"a":{"b":[1,2]}}"#).text == "2")
  #expect(run("return refold.input", input: "[1,null]").text == "[1,null]")
  let bad = run("return 1", input: "{oops}").failure
  #expect(
    bad?.message
      == "the input is not JSON: line 1, column 2 (byte 1): expected a key in double quotes, found 'o'"
  )
  #expect(bad?.kind.exitStatus == 2)
}

@Test(
  arguments: [
    (nil, "input_invalid: input field 'email' is missing"),
    (#"{"email":1}"#, "input_invalid: input field 'email' must be a string, but is a number"),
    (
      #"{"email":null,"age":1.5}"#,
      "input_invalid: input field 'age' must be a integer, but is a number; input field 'email' is missing"
    ),
    (#"{"email":"a","age":7}"#, "\"a\""), (#"{"email":"a","age":null,"other":true}"#, "\"a\""),
    ("[]", "input_invalid: input field 'email' is missing"),
    ("3", "input_invalid: the input must be a JSON object, but is a number"),
  ] as [(String?, String)])
func `a declared script has its input checked before it runs`(input: String?, result: String) {
  let code =
    "return { input = { email = 'string', age = 'integer?' }, run = function(i) return i.email end }"
  #expect(run(code, input: input).text == result)
}

@Test func `a runtime error three calls deep has its place and its calls`() throws {
  let code = """
    local function inner(t) return t.missing.field end
    local function middle(t) return (inner(t)) end
    local function outer(t) return (middle(t)) end
    return function() local r = outer({}) return r end
    """
  let failure = try #require(run(code).failure)
  #expect(failure.code == "script_error")
  #expect(failure.message == "attempt to index a nil value (field 'missing')")
  #expect(failure.location?.description == "script.lua:1")
  #expect(failure.kind.exitStatus == 1)
  #expect(failure.traceback?.contains("script.lua:4: in function <script.lua:4>") == true)
}

@Test(arguments: [
  ("return return", "syntax_error: <eof> expected near 'return'"),
  (
    "return { f = { print } }",
    "result_not_json: the script's result can't be written as JSON: $.f[1]: a function has no JSON form"
  ),
  (
    "return function() return print end",
    "result_not_json: the script's result can't be written as JSON: $: a function has no JSON form"
  ),
  (
    "local t = {} t.self = t return t",
    "result_not_json: the script's result can't be written as JSON: $.self: the table contains itself"
  ),
  ("error('plain')", "script_error: plain"),
  ("error({ code = 'own', message = 'made here', hint = 'x' })", "own: made here"),
  ("error()", "script_error: nil was raised, without a message"),
  (
    "require('nothing')",
    "script_error: no module 'nothing': not in the standard library, and no file "
  ),
  (
    "require('../etc')",
    "script_error: '../etc' is not a module name: use words between dots, as in 'contacts.shape'"
  ),
])
func `a script that fails says why`(code: String, text: String) {
  let actual = run(code).text
  #expect(actual == text || (text.hasPrefix("syntax") && actual.hasPrefix("syntax_error: ")))
}

@Test func `log and print reach the host, with place and fields`() {
  var lines: [LogLine] = []
  let outcome = run("refold.log.info('hello', { n = 1 })\nprint('a', nil, 2)\nrefold.log.error({})")
  { lines.append($0) }
  #expect(outcome.text == "null")
  #expect(lines.map(\.level) == [.info, .plain, .error])
  #expect(lines.first?.message == "hello")
  #expect(lines.first?.fields == Array(#"{"n":1}"#.utf8))
  #expect(lines.first?.location?.description == "script.lua:1")
  #expect(lines.dropFirst().first?.message == "a\tnil\t2")
}

@Test func `limits end a run with a budget error that names them`() throws {
  let time = try #require(
    run("while true do pcall(function() while true do end end) end", timeout: .milliseconds(30))
      .failure)
  #expect(time.message == "time limit of 30ms reached")
  #expect(time.location?.description == "script.lua:1")
  #expect(time.kind.exitStatus == 7)
  let memory = try #require(
    run("local t = {} for i = 1, 1e9 do t[i] = {} end", memoryBytes: 2 << 20).failure)
  #expect(memory.message == "memory limit of 2 MiB reached")
  #expect(memory.kind.exitStatus == 7)
  let tiny = try #require(run("return 1", memoryBytes: 1000).failure)
  #expect(tiny.code == "memory_limit")
}

@Test func `runs share no globals and release their states`() {
  let backend = ScriptedBackend()
  let lane = Lane(backend: backend)
  func text(_ code: String) -> String {
    lane.run(.inline(code), RunOptions(account: "acme")).text
  }
  #expect(text("x = 1 string.upper = nil refold.exec = nil return x") == "1")
  #expect(
    text("return { tostring(x), ('a'):upper(), type(refold.exec) }") == #"["nil","A","function"]"#)
}
