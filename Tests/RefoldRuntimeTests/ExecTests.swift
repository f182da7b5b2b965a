import RefoldActions
import RefoldRuntime
import Testing

@Test(arguments: [false, true])
func `an action is checked, sent once and its answer read`(answersLater: Bool) {
  let backend = ScriptedBackend()
  backend.answersLater = answersLater
  let outcome = run(
    "return refold.exec('crm', 'create_contact', nil, { email = 'a@example.com' }).data.sent.email",
    on: backend)
  #expect(outcome.text == "\"a@example.com\"")
  #expect(backend.executed == [#"crm.create_contact {"email":"a@example.com"}"#])
  #expect(outcome.statistics.writes == 1)
  #expect(outcome.statistics.reads == 0)
  #expect(backend.calls.last?.effect == .write)
  #expect(backend.calls.last?.account == "acme")
}

@Test func `a lazy result reads like a table, and its data can be sent on`() {
  let backend = ScriptedBackend()
  let outcome = run(
    """
    local params = { email = 'a@example.com', more = { x = { 1 } } }
    local first = refold.exec('crm', 'create_contact', nil, params, { lazy = true })
    local sent = first.data.sent
    refold.exec('crm', 'create_contact', nil, { email = sent.email, more = sent.more })
    return { status = type(first.node_status), data = type(first.data), all = sent.more }
    """, on: backend)
  #expect(
    outcome.text
      == #"{"all":{"x":[1]},"data":"userdata","status":"string"}"#)
  #expect(backend.executed.last?.contains(#""more":{"x":[1]}"#) == true)
  let refused = run(
    "refold.exec('crm', 'get_contact', nil, {}, { lazy = true }).data.x = 1", on: backend)
  #expect(
    refused.failure?.message
      == "cannot set 'x': a lazy view is read-only; make a table of it with json.copy(view)")
}

@Test func `a schema is looked up once for many calls`() {
  let backend = ScriptedBackend()
  backend.answersLater = true
  let outcome = run(
    "for i = 1, 10 do refold.exec('crm', 'get_contact', 'acme', { limit = i }) end", on: backend)
  #expect(outcome.statistics.reads == 10)
  #expect(backend.calls.count == 11)
}

@Test(arguments: [
  ("{}", "crm.create_contact: missing required parameter 'email'"),
  ("{ emial = 'x', email = 'y' }", "crm.create_contact: unknown parameter 'emial'"),
  (
    "{ email = 'x', age = {} }",
    "crm.create_contact: parameter 'age' must be a number, but is a table"
  ),
  (
    "{ email = 'x', age = 'seven' }",
    "crm.create_contact: parameter 'age' must be a number, but is a string"
  ),
  (
    "{ email = 'x', active = 1 }",
    "crm.create_contact: parameter 'active' must be a boolean, but is a number"
  ),
  (
    "{ email = 'x', more = true }",
    "crm.create_contact: parameter 'more' must be a table or JSON text, but is a boolean"
  ),
])
func `parameters that do not fit are refused before anything is sent`(
  params: String, message: String
) {
  let backend = ScriptedBackend()
  let outcome = run("return refold.exec('crm', 'create_contact', nil, \(params))", on: backend)
  #expect(outcome.failure?.message == message)
  #expect(outcome.failure?.code == "invalid_parameters")
  #expect(outcome.failure?.location?.description == "script.lua:1")
  #expect(backend.executed == [])
  #expect(outcome.statistics.writes == 0)
}

@Test func `the nearest valid name is offered`() {
  let hint = run("refold.exec('crm', 'create_contact', nil, { emial = 'x', email = 'y' })").failure?
    .hint
  #expect(hint == "did you mean 'email'? See 'refold actions crm create_contact'")
}

@Test(arguments: [
  "{ email = 'x', age = 7, active = true, more = { a = 1 }, odd = 'red' }",
  "{ email = 'x', age = '7', active = 'false', more = '{}', odd = { 1 } }",
  "{ email = 'x', age = refold.null, more = refold.null }",
])
func `parameters that fit pass, unknown types and null too`(params: String) {
  #expect(run("refold.exec('crm', 'create_contact', nil, \(params))").failure == nil)
}

private func missing(_ call: ActionCall) -> Result<Reply, ActionError>? {
  func notFound(_ message: String) -> Result<Reply, ActionError> {
    let body =
      #"{"status_code":404,"http_error_type":"NOT_FOUND","error_code":"SERVER_ERROR","message":"\#(message)"}"#
    return .success(Reply(status: 404, body: Array(body.utf8)))
  }
  switch call.operation {
  case .schema(_, "create_contct"): return notFound("Action not found")
  case .schema("crn", _), .actions("crn"): return notFound("Application not found")
  default: return nil
  }
}

@Test func `an unknown action or app is named with the nearest one, and nothing is sent`() {
  let backend = ScriptedBackend(missing)
  let action = run("refold.exec('crm', 'create_contct')", on: backend).failure
  #expect(action?.message == "no action 'crm.create_contct'")
  #expect(action?.hint == "did you mean 'crm.create_contact'? List them with 'refold actions crm'")
  #expect(action?.status == 404)
  let app = run("refold.exec('crn', 'get_contact')", on: backend).failure
  #expect(app?.message == "no app 'crn'")
  #expect(app?.hint == "did you mean 'crm'? List them with 'refold actions'")
  #expect(backend.executed == [])
}

@Test(arguments: [
  (
    #"{"slug":"crm","name":"CRM","connected":true,"reauth_required":true}"#,
    "reconnect_needed: the connection of CRM for account 'acme' has expired"
  ),
  (#"{"slug":"crm","name":"CRM"}"#, "not_connected: CRM is not connected for account 'acme'"),
  (
    #"{"slug":"crm","connected":true}"#,
    "SERVER_ERROR: the API refused the key: Invalid Credentials"
  ),
  ("not JSON", "SERVER_ERROR: the API refused the key: Invalid Credentials"),
])
func `a refused call says whether the app is connected`(state: String, text: String) {
  let backend = ScriptedBackend { call in
    let refusal = #"{"status_code":401,"error":"SERVER_ERROR","message":"Invalid Credentials"}"#
    return switch call.operation {
    case .execute: .success(Reply(status: 401, body: Array(refusal.utf8)))
    case .application: .success(Reply(status: 200, body: Array(state.utf8)))
    default: nil
    }
  }
  let outcome = run("refold.exec('crm', 'create_contact', nil, { email = 'x' })", on: backend)
  #expect(outcome.text == text)
  #expect(outcome.failure?.kind.exitStatus == 4)
}

@Test func `an unknown account is not mistaken for an unknown app`() {
  let backend = ScriptedBackend { _ in
    let body = #"{"error":"INVALID_LINKED_ACCOUNT_ID","message":"Linked account acme not found"}"#
    return .success(Reply(status: 404, body: Array(body.utf8)))
  }
  let outcome = run("refold.exec('crm', 'get_contact')", on: backend)
  #expect(
    outcome.text == "INVALID_LINKED_ACCOUNT_ID: the API does not know the linked account: "
      + "Linked account acme not found")
}

@Test(arguments: [
  ("refold.exec()", "bad argument 'app' (#1) to 'exec': string expected, got no value"),
  (
    "refold.exec('crm', '')",
    "bad argument 'action' (#2) to 'exec': a name expected, got an empty string"
  ),
  (
    "refold.exec('crm', 'get_contact', { limit = 1 })",
    "bad argument 'account' (#3) to 'exec': string expected, got table (parameters come fourth: pass nil for the run's account)"
  ),
  (
    "refold.exec('crm', 'get_contact', nil, 7)",
    "bad argument 'params' (#4) to 'exec': table expected, got number"
  ),
  (
    "refold.exec('crm', 'get_contact', nil, { 1, 2 })",
    "bad argument 'params' (#4) to 'exec': a table with parameter names as keys expected, got a list"
  ),
  (
    "refold.exec('crm', 'get_contact', nil, { limit = print })",
    "bad argument 'params' (#4) to 'exec': $.limit: a function has no JSON form"
  ),
  (
    "refold.exec('crm', 'get_contact', nil, nil, { timout = 1 })",
    "bad argument 'opts' (#5) to 'exec': unknown option 'timout' (use 'find', 'key', 'lazy', 'retry' or 'timeout')"
  ),
  (
    "refold.exec('crm', 'get_contact', nil, nil, { timeout = -1 })",
    "bad argument 'opts' (#5) to 'exec': option 'timeout' must be seconds, more than 0 and at most 86400"
  ),
])
func `a wrong argument is named at the caller's line`(code: String, message: String) {
  let failure = run("\n\(code)").failure
  #expect(failure?.message == message)
  #expect(failure?.location?.description == "script.lua:2")
}

@Test func `another account than the run's is refused before anything is sent`() {
  let backend = ScriptedBackend()
  let failure = run("refold.exec('crm', 'get_contact', 'globex')", on: backend).failure
  #expect(failure?.message == "account 'globex' is not the account of this run, 'acme'")
  #expect(failure?.kind.exitStatus == 7)
  #expect(run("return refold.actions('crm', 'globex')", on: backend).failure?.kind.exitStatus == 7)
  #expect(backend.calls.isEmpty)
}

@Test(arguments: [
  #"{"node_status":"Failed","data":{"message":"no such contact"},"http_status":404}"#,
  #"{"success":false,"data":{},"message":"nope"}"#,
  #"{"node_status":"Success","http_status":500,"data":{}}"#,
])
func `a failure inside a success answer is an error`(body: String) {
  let backend = ScriptedBackend { call in
    guard case .execute = call.operation else { return nil }
    return .success(Reply(status: 200, body: Array(body.utf8)))
  }
  #expect(run("return refold.exec('crm', 'get_contact')", on: backend).failure != nil)
  #expect(
    run(
      "local r, e = refold.try('crm', 'get_contact') return { r == nil, type(e.message), e.app, e.action, e.account, e.script }",
      on: backend
    ).text == #"[true,"string","crm","get_contact","acme","script.lua:1"]"#)
}

@Test(arguments: [
  #"{"node_status":"Success","data":{"n":1}}"#,
  #"{"data":{"n":1},"node_status":"Success","http_status":200}"#,
  #"{"success":true,"data":{"n":1}}"#,
])
func `all three documented success envelopes are read`(body: String) {
  let backend = ScriptedBackend { call in
    guard case .execute = call.operation else { return nil }
    return .success(Reply(status: 200, body: Array(body.utf8)))
  }
  #expect(run("return refold.exec('crm', 'get_contact').data.n", on: backend).text == "1")
}

@Test func `an error table has its fields and prints as one block`() {
  let backend = ScriptedBackend { call in
    guard case .execute = call.operation else { return nil }
    return .failure(
      ActionError(
        .transient, code: "rate_limited", message: "too many calls", hint: "wait", status: 429,
        retryable: true, about: call))
  }
  let code = """
    local ok, e = pcall(refold.exec, "crm", "get_contact")
    return { ok, e.kind, e.status, e.code, e.retryable, tostring(e) }
    """
  #expect(
    run(code, on: backend).text
      == #"[false,"transient",429,"rate_limited",true,"too many calls\n  at script.lua:1\n  fix: wait\n  status 429, code rate_limited"]"#
  )
  let uncaught = run(
    "local function f()\nreturn (refold.exec('crm', 'get_contact')) end\nf()", on: backend
  ).failure
  #expect(uncaught?.kind.exitStatus == 8)
  #expect(uncaught?.location?.description == "script.lua:2")
}

@Test func `look-ups give tables with effects and unknown keys`() {
  #expect(
    run("local a = refold.actions('crm') return { a[1].action_id, a[1].effect, a[2].effect, #a }")
      .text == #"["get_contact","read","write",2]"#)
  #expect(run("return refold.schema('crm', 'create_contact')[5].x").text == "1")
  #expect(
    run("return { refold.app('crm').connected, refold.apps()[1].slug }").text == #"[true,"crm"]"#)
}

@Test
func
  `calls work inside pcall, iterators, metamethods and coroutines, and are refused in C callbacks`()
{
  let backend = ScriptedBackend()
  backend.answersLater = true
  let code = """
    local function get(n) return refold.exec("crm", "get_contact", nil, { limit = n }).data.sent.limit end
    local t = setmetatable({}, { __index = function(_, k) return get(k) end })
    local co = coroutine.wrap(function() coroutine.yield(get(1)) return get(2) end)
    local list = { co(), co(), t[3], select(2, pcall(get, 4)) }
    for n in function() local n = get(5) return #list < 5 and n or nil end do list[#list + 1] = n end
    return list
    """
  #expect(run(code, on: backend).text == "[1,2,3,4,5]")
  let sort =
    "table.sort({ 2, 1 }, function(a, b) refold.exec('crm', 'get_contact') return a < b end)"
  for later in [false, true] {
    let refused = ScriptedBackend()
    refused.answersLater = later
    #expect(
      run(sort, on: refused).failure?.message.hasPrefix(
        "a call that waits cannot be made inside a C function") == true)
    #expect(refused.calls.isEmpty)
  }
}

@Test func `the time limit gives up a call in flight, and an unfinished write is named`() {
  let backend = ScriptedBackend()
  backend.answersLater = true
  backend.silentActions = ["create_contact"]
  let outcome = run(
    "refold.exec('crm', 'create_contact', nil, { email = 'x' })", on: backend,
    timeout: .milliseconds(50))
  #expect(outcome.failure?.message == "time limit of 50ms reached")
  #expect(outcome.failure?.location?.description == "script.lua:1")
  #expect(outcome.statistics.unknownWrites == ["crm.create_contact"])
  #expect(backend.cancelled == 1)
}
