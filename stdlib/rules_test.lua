local json = require("json")
local rules = require("rules")

local null <const> = refold.null

--- Whether an operator holds for a value of the record.
local function holds(actual, operator, value)
  return rules.matches({ field = actual }, { variable = "field", operator = operator, value = value })
end

local CASES <const> = {
  -- Numbers are compared as numbers, also as texts.
  { true, "5.50", "eq", "5.5" }, { true, 5.5, "eq", "5.50" }, { true, "5", "eq", 5 }, { true, 5, "eq", 5.0 },
  { true, "-0", "eq", "0" }, { true, "-0.0", "eq", 0 }, { true, 0.1, "eq", "0.1" },
  { true, 0.1, "eq", "0.10000000000000000000" }, { false, 0.1, "eq", "0.10000000000000000001" },
  { true, 1e-7, "eq", "0.0000001000000000000" },
  { false, "007", "eq", "7" }, { false, "007", "eq", 7 }, { true, "007", "eq", "007" },
  { false, "1e3", "eq", "1000" }, { true, "1e3", "eq", "1e3" }, { false, " 5", "eq", "5" },
  { false, "5.", "eq", "5" },
  { false, ".5", "eq", "0.5" }, { false, "+5", "eq", "5" }, { false, "", "eq", 0 }, { true, "", "eq", "" },
  { false, "9007199254740993", "eq", "9007199254740992" }, { false, 9007199254740993, "eq", "9007199254740992" },
  { true, "123456789012345678901234567890", "eq", "123456789012345678901234567890.0" },
  { false, "123456789012345678901234567891", "eq", "123456789012345678901234567890" },
  { false, 0 / 0, "eq", "nan" },
  -- Booleans with booleans.
  { true, true, "eq", true }, { true, true, "eq", "true" }, { true, "false", "eq", false },
  { false, true, "eq", false },
  { false, "1", "eq", "true" }, { false, 1, "eq", true }, { false, true, "eq", 1 }, { false, "TRUE", "eq", true },
  { false, true, "eq", "yes" },
  -- Texts with texts, exactly.
  { true, "a", "eq", "a" }, { false, "a", "eq", "A" }, { false, "a", "eq", 1 }, { false, "5", "eq", "five" },
  -- Null is null, and what is absent equals nothing.
  { true, null, "eq", null }, { false, nil, "eq", null }, { false, null, "eq", "" }, { false, null, "eq", "null" },
  { true, nil, "neq", "a" }, { true, "a", "neq", "b" }, { false, "5.0", "neq", 5 }, { false, {}, "eq", "x" },
  -- Order is of numbers only.
  { true, 6, "gt", 5 }, { false, 5, "gt", 5 }, { true, "10", "gt", "9" }, { true, "10", "gt", 9.5 },
  { true, 5, "gte", "5.0" }, { false, 4, "gte", 5 }, { true, -1, "lt", 0 }, { false, 0, "lt", "0" },
  { true, "0", "lte", 0 },
  { false, "b", "gt", "a" }, { false, "b", "lt", "a" }, { false, nil, "lt", 5 }, { false, null, "lte", 5 },
  { false, true, "gt", 0 }, { false, "2026-01-20", "gt", "2025-01-20" }, { false, 5, "gt", "" },
  { false, 5, "lt", "x" },
  { true, "9007199254740993", "gt", "9007199254740992" }, { true, "123456789012345678901234567891", "gt", 1 },
  { true, "-123456789012345678901234567891", "lt", "-1234567890123456789012345678" },
  { true, math.huge, "gt", "123456789012345678901234567891" },
  { true, -math.huge, "lt", "123456789012345678901234567891" },
  { false, 0 / 0, "gt", 1 },
  -- LIKE.
  { true, "Acme Corp", "like", "acme%" }, { true, "Acme Corp", "like", "%CORP" },
  { true, "Acme Corp", "like", "%e c%" },
  { true, "Acme", "like", "a__e" }, { false, "Acme", "like", "a_e" }, { false, "Acme Corp", "like", "acme" },
  { true, "", "like", "%" }, { true, "", "like", "" }, { false, "a", "like", "" }, { true, "a", "like", "%%" },
  { true, "50% off", "like", "50\\%%" }, { false, "500 off", "like", "50\\%%" }, { true, "a_b", "like", "a\\_b" },
  { false, "axb", "like", "a\\_b" }, { true, "a.b", "like", "A.B" }, { false, "axb", "like", "a.b" },
  { true, "Ümlaut", "like", "ü%" }, { true, "日本", "like", "__" }, { true, "abcabc", "like", "%abc" },
  { true, "aXbXc", "like", "a%x%c" }, { false, "aXb", "like", "a%x%xb" }, { true, 550, "like", "5%" },
  { false, null, "like", "%" },
  { false, nil, "like", "%" }, { true, "a\nb", "like", "a%b" },
  -- Parts and elements.
  { true, "hello", "contains", "ell" }, { false, "hello", "contains", "ELL" }, { true, "a.b", "contains", "." },
  { true, { "a", 5 }, "contains", "5.0" }, { false, { "ab" }, "contains", "a" }, { false, nil, "contains", "a" },
  { true, 1234, "contains", 23 }, { true, "x", "contains", "" }, { false, null, "contains", "null" },
  { true, "hello", "not_contains", "x" }, { true, nil, "not_contains", "x" }, { false, { 1 }, "not_contains", 1 },
  { true, "b", "included_in", { "a", "b" } }, { true, 5, "included_in", { "5" } },
  { false, "A", "included_in", { "a" } },
  { false, nil, "included_in", { "a" } }, { false, "a", "included_in", {} }, { true, null, "included_in", { null } },
  { true, "c", "not_included_in", { "a" } }, { false, "a", "not_included_in", { "a" } },
  { true, nil, "not_included_in", { "a" } },
  { true, "hello", "starts_with", "he" }, { false, "hello", "starts_with", "He" }, { false, nil, "starts_with", "" },
  { true, "hello", "ends_with", "llo" }, { true, "hello", "ends_with", "" }, { false, "hello", "ends_with", "hell" },
  -- Null and absence.
  { true, null, "is_null" }, { false, nil, "is_null" }, { false, "", "is_null" }, { false, null, "not_null" },
  { true, "", "not_null" }, { true, nil, "not_null" },
  { true, "a", "exist" }, { true, 0, "exist" }, { true, false, "exist" }, { false, "", "exist" },
  { false, null, "exist" },
  { false, nil, "exist" }, { true, {}, "exist" }, { true, "", "not_exist" }, { false, 0, "not_exist" },
}

test.each("operators", CASES, function(t, case)
  local expected, actual, operator, value = case[1], case[2], case[3], case[4]
  t.equal(holds(actual, operator, value), expected)
end)

test("every operator has cases that hold and cases that do not", function(t)
  for _, operator in ipairs(rules.operators) do
    local seen = {}
    for _, case in ipairs(CASES) do
      if case[3] == operator then
        seen[case[1]] = true
      end
    end
    if not (seen[true] and seen[false]) then
      error("no cases for " .. operator)
    end
  end
  t.equal(#rules.operators, 17)
end)

test("a LIKE pattern with many wildcards ends soon", function(t)
  t.equal(holds(("a"):rep(5000), "like", ("%a"):rep(30) .. "%b"), false)
end)

local ORDER <const> = {
  amount = 250, status = "open", customer = { country = "DE", tags = { "vip", "new" } },
  lines = { { sku = "a", qty = 1 }, { sku = "b", qty = 5 } }, ["0"] = "zero",
}

local function rule(variable, operator, value)
  return { variable = variable, operator = operator, value = value }
end

test.each("paths lead into records, places count from 0", {
  { "amount", 250 }, { "customer.country", "DE" }, { "lines.0.sku", "a" }, { "lines.1.qty", 5 },
  { "customer.tags.1", "new" },
  { "0", "zero" },
}, function(t, case)
  t.equal(rules.matches(ORDER, rule(case[1], "eq", case[2])), true)
end)

test.each("a path that leads nowhere finds nothing", {
  "nope", "amount.x", "customer.country.x", "lines.7.qty", "lines.x", "customer.nope.deep.er",
}, function(t, path)
  t.equal(rules.matches(ORDER, rule(path, "exist")), false)
end)

local HOLDS <const>, FAILS <const> = rule("amount", "gt", 1), rule("amount", "gt", 1000)

test.each("groups", {
  { true, {} }, { true, { HOLDS } }, { false, { HOLDS, FAILS } }, { true, { all = {} } }, { false, { any = {} } },
  { true, { all = { HOLDS, HOLDS } } }, { false, { all = { FAILS, HOLDS } } }, { true, { any = { FAILS, HOLDS } } },
  { false, { any = { FAILS, FAILS } } }, { true, HOLDS }, { false, FAILS },
  { true, { HOLDS, { any = { FAILS, { all = { HOLDS, HOLDS } } } } } },
  { false, { HOLDS, { any = { FAILS, { HOLDS, FAILS } } } } },
}, function(t, case)
  t.equal(rules.matches(ORDER, case[2]), case[1])
  t.equal(rules.compile(case[2])(ORDER), case[1])
  t.equal(rules.explain(ORDER, case[2]).result, case[1])
end)

test("rules and records may come from JSON, records as views too", function(t)
  local data = json.decode([[{"any":[{"variable":"a.0.b","operator":"eq","value":"5.0"},
    {"variable":"c","operator":"is_null"}]}]])
  t.equal(rules.matches(json.decode('{"a":[{"b":5}]}'), data), true)
  t.equal(rules.matches(json.decode('{"a":[{"b":5}]}', { lazy = true }), data), true)
  t.equal(rules.matches(json.decode('{"a":[],"c":null}', { lazy = true }), data), true)
  t.equal(rules.matches(json.decode('{"a":[]}'), data), false)
end)

test.each("explain names the rule that decided", {
  { { HOLDS, rule("status", "eq", "closed"), FAILS }, '$[2]: status eq "closed" does not hold for "open"' },
  { { any = { FAILS, rule("customer.country", "included_in", { "DE", "FR" }) } },
    '$.any[2]: customer.country included_in ["DE", "FR"] holds for "DE"' },
  { { all = { HOLDS, { any = { FAILS, rule("phone", "exist") } } } },
    "$.all[2].any[2]: phone exist does not hold for nothing" },
  { HOLDS, "$: amount gt 1 holds for 250" },
  { { HOLDS, HOLDS }, "$[2]: amount gt 1 holds for 250" },
  { {}, "there are no rules" },
}, function(t, case)
  t.equal(rules.explain(ORDER, case[1]).text, case[2])
end)

test("an explanation is data", function(t)
  t.same(rules.explain(ORDER, { FAILS }), {
    result = false, path = "$[1]", variable = "amount", operator = "gt", value = 1000, actual = 250,
    text = "$[1]: amount gt 1000 does not hold for 250",
  })
end)

test.each("wrong rules are named with their place", {
  { { { variable = "a", operator = "equals", value = 1 } }, "$[1]: unknown operator 'equals'" },
  { { any = { HOLDS, { variable = "a", operator = "gtt", value = 1 } } }, "$.any[2]: unknown operator 'gtt'" },
  { { { variable = "a", operator = "eq" } }, "$[1]: 'eq' needs a value" },
  { { { variable = "a", operator = "included_in", value = "x" } },
    "$[1]: 'included_in' needs a list, but has a string" },
  { { { variable = "a", operator = "eq", value = {} } }, "$[1]: 'eq' takes one value, but has a table" },
  { { { operator = "eq", value = 1 } }, "$[1]: 'variable' must be a path, but is nil" },
  { { { variable = "", operator = "exist" } }, "$[1]: 'variable' must be a path, but is a string" },
  { { { variable = "a", op = "eq" } }, "$[1]: unknown field 'op'" },
  { { all = {}, any = {} }, "$: a group with 'all' has nothing else, but this one has 'any'" },
  { { any = { a = 1 } }, "$: 'any' must be a list, but is a table" },
  { { 5 }, "$[1]: must be a rule or a group, but is an integer" },
}, function(t, case)
  t.raises(function()
    rules.compile(case[1])
  end, { code = "invalid_rule", message = case[2] })
end)

test("a misspelt operator is answered with the nearest", function(t)
  local err = t.raises(function()
    rules.compile({ variable = "a", operator = "start_with", value = "x" })
  end, { code = "invalid_rule", path = "$" })
  t.equal(tostring(err), "$: unknown operator 'start_with'\n  fix: did you mean 'starts_with'?")
end)

test("wrong arguments are named at the line of the call", function(t)
  t.raises(function()
    rules.matches(nil, {})
  end, "rules.matches: argument 1 must be a table, but is nil")
  t.raises(function()
    rules.matches({}, nil)
  end, "rules.matches: argument 2 must be a table, but is nil")
end)
