--- What test files are made of: `test`, and the `t` that each test is given.
---
--- `refold test` runs them; a test file needs no `require` for it. `M.new` makes a `t` for those who test assertions of
--- their own.
local json = require("json")
local kit = require("refold_kit")
local values = require("refold_test_values")

local M = {
  show = values.show,
  differences = values.differences,
}

local MOST_DIFFERENCES <const> = 20
local keys_of <const>, quoted <const> = values.keys_of, values.quoted

-- Describing differences -------------------------------------------------------------------------

local function describe(difference)
  local actual, expected = values.show_both(difference.actual, difference.expected)
  local is_inside = difference.path ~= "$"
  if is_inside and difference.actual == nil then
    return ("%s is missing, expected %s"):format(difference.path, expected)
  elseif is_inside and difference.expected == nil then
    return ("%s is not expected, got %s"):format(difference.path, actual)
  end
  return ("%s: expected %s, got %s"):format(difference.path, expected, actual)
end

local function describe_all(differences)
  local lines = {}
  for index, difference in ipairs(differences) do
    if index > MOST_DIFFERENCES then
      lines[index] = ("  and %d more"):format(#differences - MOST_DIFFERENCES)
      break
    end
    lines[index] = "  " .. describe(difference)
  end
  return table.concat(lines, "\n")
end

-- Failing ----------------------------------------------------------------------------------------

local failure = {
  __name = "test failure",
  __tostring = function(self)
    return self.message
  end,
}

--- Returns `file:line` of the innermost function that is not of this file.
local function place()
  for level = 3, 40 do
    local _, text = pcall(error, "", level)
    if text ~= "" and not text:find("^stdlib/test%.lua:") then
      return (text:gsub(": $", ""))
    end
  end
end

local function fail(state, message, code)
  local err = setmetatable({ code = code or "assertion_failed", message = message, script = place() }, failure)
  state.failures[#state.failures + 1] = err
  error(err, 0)
end

local function is_own_failure(state, err)
  for _, own in ipairs(state.failures) do
    if rawequal(own, err) then
      return true
    end
  end
  return false
end

local function check_dot(t, first, name)
  if rawequal(first, t) then
    error(("t.%s is called with a dot, as in t.%s(…)"):format(name, name), 3)
  end
end

-- Assertions -------------------------------------------------------------------------------------

local function add_equality(t, state)
  function t.equal(actual, expected)
    check_dot(t, actual, "equal")
    state.count = state.count + 1
    if actual == expected then
      return
    end
    local shown_actual, shown_expected = values.show_both(actual, expected)
    local message = ("values differ\n  expected: %s\n  actual:   %s"):format(shown_expected, shown_actual)
    if type(actual) == "table" and type(expected) == "table" then
      message = message .. "\n  t.equal compares tables by identity; t.same compares what they hold"
    end
    fail(state, message)
  end

  function t.same(actual, expected)
    check_dot(t, actual, "same")
    state.count = state.count + 1
    local differences = M.differences(actual, expected)
    if #differences > 0 then
      local count = #differences == 1 and "one place" or #differences .. " places"
      fail(state, ("values differ in %s\n%s"):format(count, describe_all(differences)))
    end
  end

  function t.matches(text, pattern)
    check_dot(t, text, "matches")
    state.count = state.count + 1
    if type(text) ~= "string" then
      fail(state, ("a text is expected, got %s"):format(M.show(text)))
    elseif not text:find(pattern) then
      fail(state, ("text does not match\n  pattern: %s\n  text:    %s"):format(quoted(pattern), M.show(text)))
    end
  end
end

local function check_error(state, err, expected)
  if type(expected) == "table" then
    local differences = {}
    for _, key in ipairs(keys_of(expected)) do
      local actual = type(err) == "table" and err[key] or nil
      values.compare(actual, expected[key], values.step("$", key), differences, {})
    end
    if #differences > 0 then
      fail(state, ("another error was raised\n%s\n  error: %s"):format(describe_all(differences), M.show(err)))
    end
  elseif expected ~= nil then
    local message = tostring(err)
    if not message:find(expected, 1, true) then
      fail(state, ("another error was raised\n  expected: %s\n  actual:   %s"):format(
        quoted(expected), M.show(message)))
    end
  end
end

local function add_raises(t, state)
  function t.raises(fn, expected)
    check_dot(t, fn, "raises")
    local kind = type(expected)
    if type(fn) ~= "function" then
      error("t.raises: a function is expected, got " .. (fn == nil and "nil" or "a " .. type(fn)), 2)
    elseif kind ~= "nil" and kind ~= "string" and kind ~= "table" then
      error("t.raises: a text or a table of fields is expected, got a " .. kind, 2)
    end
    state.count = state.count + 1
    local ok, err = pcall(fn)
    if ok then
      fail(state, "no error was raised")
    elseif is_own_failure(state, err) then
      error(err, 0)
    end
    check_error(state, err, expected)
    return err
  end
end

local function add_snapshot(t, state, host)
  local seen = {}

  function t.snapshot(value, name)
    check_dot(t, value, "snapshot")
    state.count = state.count + 1
    local key = name and state.name .. ": " .. name or state.name
    seen[key] = (seen[key] or 0) + 1
    if seen[key] > 1 then
      key = ("%s (%d)"):format(key, seen[key])
    end
    local plain_value = json.decode(json.encode(value))
    local found, stored, may_keep = host.snapshot(key)
    local differences = found and M.differences(plain_value, stored) or {}
    if (not found or #differences > 0) and may_keep then
      host.keep(key, plain_value)
    elseif not found then
      fail(state, ("there is no snapshot '%s'\n  'refold test --update' makes it"):format(key))
    elseif #differences > 0 then
      fail(state, ("the value differs from its snapshot\n%s\n  'refold test --update' accepts it"):format(
        describe_all(differences)))
    end
  end
end

-- The test's world -------------------------------------------------------------------------------

local RUN_OPTIONS <const> = { account = true }

local function check_options(name, opts, known)
  for key in pairs(opts or {}) do
    if not known[key] then
      error(("%s: unknown option '%s' (use %s)"):format(name, tostring(key), table.concat(keys_of(known), ", ")), 3)
    end
  end
  return opts or {}
end

local function check_records(records)
  if type(records) ~= "table" or (next(records) ~= nil and #records == 0) then
    error("t.seed: a list of records is expected, got " .. values.show(records), 3)
  end
  for index, record in ipairs(records) do
    if type(record) ~= "table" then
      error(("t.seed: record %d is a %s, not a table"):format(index, type(record)), 3)
    end
  end
end

local function add_world(t, host)
  function t.run(script, input, opts)
    return host.run(script, input, check_options("t.run", opts, RUN_OPTIONS).account)
  end

  function t.seed(app, table_name, records, opts)
    check_records(records)
    host.seed(app, table_name, json.array(records), check_options("t.seed", opts, RUN_OPTIONS).account)
  end

  function t.records(app, table_name, opts)
    return host.records(app, table_name, check_options("t.records", opts, RUN_OPTIONS).account)
  end

  function t.fixture(path)
    local text = host.fixture(path)
    return path:find("%.json$") and json.decode(text) or text
  end

  t.time = host.time
  t.advance = host.advance
end

--- Makes the `t` of one test.
---
---@param host table What reaches out of the state: `run seed records fixture time advance snapshot keep`.
---@param name? string The test's, under which its snapshots are kept.
---@return table t
---@return { count: integer, failures: table[] } # How many assertions were made, and those that failed.
function M.new(host, name)
  local state = { count = 0, failures = {}, name = name or "test" }
  local t = {}
  add_equality(t, state)
  add_raises(t, state)
  add_snapshot(t, state, host)
  add_world(t, host)
  return setmetatable(t, {
    __index = function(_, field)
      local near = kit.nearest(tostring(field), keys_of(t))
      local hint = near and ("did you mean 't.%s'?"):format(near) or "it has " .. table.concat(keys_of(t), ", ")
      error(("t has no '%s'; %s"):format(tostring(field), hint), 2)
    end,
  }), state
end

-- Test files -------------------------------------------------------------------------------------

local function add(file, name, fn, case)
  if file.running then
    error(("test '%s' inside test '%s': tests stand side by side"):format(tostring(name), file.running), 3)
  elseif type(name) ~= "string" or name:find("^%s*$") then
    error("test: a name is expected, got " .. M.show(name), 3)
  elseif type(fn) ~= "function" then
    error(("test '%s': a function is expected, got %s"):format(name, (fn == nil and "nil" or "a " .. type(fn))), 3)
  elseif file.lines[name] then
    error(("test '%s' is there already, at %s"):format(name, file.lines[name]), 3)
  end
  local index = #file.tests + 1
  -- Finding the place costs more than all else, and of those that are not run nobody asks for it.
  file.lines[name] = (file.wanted == 0 or file.wanted == index) and place() or "?"
  file.tests[index] = { name = name, fn = fn, case = case, place = file.lines[name] }
end

local function case_name(name, key, case)
  local label = type(case) == "table" and rawget(case, "name")
  if type(label) ~= "string" then
    label = tostring(key)
  end
  return name .. ": " .. label
end

local function make_test(file)
  local test = {}

  function test.each(name, cases, fn)
    if type(cases) ~= "table" or next(cases) == nil then
      error(("test.each '%s': a table of cases is expected"):format(tostring(name)), 2)
    end
    for _, key in ipairs(keys_of(cases)) do
      add(file, case_name(tostring(name), key, cases[key]), fn, { cases[key] })
    end
  end

  return setmetatable(test, {
    __call = function(_, name, fn)
      add(file, name, fn)
    end,
  })
end

local function check(state, entry)
  if state.failures[1] then
    error(state.failures[1], 0)
  elseif state.count == 0 then
    error({
      code = "no_assertion",
      message = "no assertion was made",
      hint = "say what must hold, with t.equal, t.same, t.raises, t.matches or t.snapshot",
      script = entry.place,
    }, 0)
  end
end

--- Opens a test file: `test` collects its tests, `list` names them, `run` runs one.
---
---@param host table See `M.new`; its `index` is the test that will be run, 0 when all are listed.
---@return { test: table, list: fun(): table[], run: fun(index: integer): table }
function M.open(host)
  local file = { tests = {}, lines = {}, wanted = host.index }

  local function list()
    local found = json.array()
    for index, entry in ipairs(file.tests) do
      found[index] = { name = entry.name, place = entry.place }
    end
    return found
  end

  local function run(index)
    local entry = file.tests[index]
    file.running = entry.name
    local t, state = M.new(host, entry.name)
    if entry.case then
      entry.fn(t, entry.case[1])
    else
      entry.fn(t)
    end
    check(state, entry)
    return { assertions = state.count }
  end

  return { test = make_test(file), list = list, run = run }
end

return M
