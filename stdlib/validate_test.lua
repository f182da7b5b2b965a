local json = require("json")
local validate = require("validate")

--- Returns the problems of one value as text.
local function problems_of(value, field)
  local _, problems = validate.value(value, field)
  return validate.text(problems)
end

test.each("one value", {
  { "x", "string", "" },
  { "", "string", "" },
  { nil, "string", "$: is required" },
  { refold.null, "string", "$: must not be null" },
  { nil, "string?", "" },
  { refold.null, "string?", "" },
  { nil, { type = "string", optional = true }, "" },
  { 1, "string", "$: must be a string, but is an integer" },
  { {}, "string", "$: must be a string, but is an array" },
  { { a = 1 }, "string", "$: must be a string, but is an object" },
  { " \n", "text", "$: must not be blank" },
  { "x", "text", "" },
  { 1, "text", "$: must be a string, but is an integer" },
  { 1, "number", "" }, { 1.5, "number", "" }, { "1", "number", "$: must be a number, but is a string" },
  { 0 / 0, "number", "$: must be a number, but is " .. tostring(0 / 0) },
  { math.huge, "number", "$: must be a number, but is inf" },
  { 1, "integer", "" }, { 2.0, "integer", "" }, { 1.5, "integer", "$: must be an integer, but is a number" },
  { math.huge, "integer", "$: must be an integer, but is inf" },
  { false, "boolean", "" }, { 0, "boolean", "$: must be a boolean, but is an integer" },
  { {}, "array", "" }, { { 1 }, "array", "" }, { refold.array({}), "array", "" },
  { { a = 1 }, "array", "$: must be an array, but is an object" },
  { refold.object({}), "array", "$: must be an array, but is an object" },
  { {}, "object", "" }, { { a = 1 }, "object", "" },
  { { 1 }, "object", "$: must be an object, but is an array" },
  { refold.array({}), "object", "$: must be an object, but is an array" },
  { { 1 }, "table", "" }, { refold.null, "any", "" }, { false, "any", "" }, { nil, "any", "$: is required" },
  { 5, { min = 5, max = 5 }, "" },
  { 4, { min = 5 }, "$: must be at least 5, but is 4" },
  { 6, { max = 5 }, "$: must be at most 5, but is 6" },
  { "2026-01-20", { format = "date", min = "2026-01-20", max = "2026-01-20" }, "" },
  { "2026-01-19", { format = "date", min = "2026-01-20" }, "$: must be at least 2026-01-20, but is 2026-01-19" },
  { "2026-01-20T01:00:00+02:00", { format = "datetime", min = "2026-01-20T00:00:00Z" },
    "$: must be at least 2026-01-20T00:00:00Z, but is 2026-01-20T01:00:00+02:00" },
  { "äöü", { length = 3 }, "" },
  { "ab", { type = "string", length = { 3, 5 } }, "$: must have from 3 to 5 characters, but has 2" },
  { "abc", { length = { nil, 2 } }, "$: must have at most 2 characters, but has 3" },
  { "", { length = { 1 } }, "$: must have at least 1 character, but has 0" },
  { { 1, 2, 3 }, { type = "array", length = { nil, 2 } }, "$: must have at most 2 elements, but has 3" },
  { "\xFF", { length = 1 }, "$: must be text in UTF-8" },
  { "b", { enum = { "a", "b" } }, "" },
  { "c", { enum = { "a", "b", 3 } }, "$: must be 'a', 'b' or 3, but is 'c'" },
  { "3", { enum = { 3 } }, "$: must be 3, but is '3'" },
  { "AB-1", { pattern = "^%u%u%-%d$" }, "" },
  { "ab-1", { pattern = "^%u%u%-%d$" }, "$: must match the pattern '^%u%u%-%d$', but is 'ab-1'" },
  { ("x"):rep(50), { pattern = "y" }, "$: must match the pattern 'y', but is '" .. ("x"):rep(40) .. "…'" },
  { 3, { check = function(value) return value % 2 == 0, "must be even" end }, "$: must be even" },
  { 3, { check = function() return false end }, "$: is not accepted" },
  { "x", { format = "email", message = "we need an address" }, "$: we need an address" },
  { { 1, "x", {} }, { items = "integer" },
    "$[2]: must be an integer, but is a string\n$[3]: must be an integer, but is an array" },
}, function(t, case)
  t.equal(problems_of(case[1], case[2]), case[3])
  t.equal((validate.value(case[1], case[2])), case[3] == "")
end)

test.each("formats", {
  date = { { "2026-01-20", "2024-02-29" },
    { "", "2026-02-29", "20260120", "2026-1-2", "2026-01-20T00:00:00Z", "20.01.2026" } },
  datetime = { { "2026-01-20T10:00:00Z", "2026-01-20T10:00:00.000+0000", "2026-01-20 10:00", "2016-12-31T23:59:60Z" },
    { "", "2026-01-20", "2026-01-20T25:00:00Z", "10:00" } },
  digits = { { "0", "007" }, { "", "1.5", "-1", "١" } },
  email = { { "ada@example.com", "Ada+x@mail.example.co.uk" },
    {
      "", "ada", "ada@", "@example.com", "Ada <ada@example.com>", " ada@example.com",
      "mailto:ada@example.com", "a@b",
    } },
  phone = { { "+442079460000" }, { "", "+", "02079460000", "+44 20 7946 0000", "+123", "+1234567890123456" } },
  url = {
    { "https://example.com", "http://localhost:8080/a?b=c#d", "https://user@example.com/%20", "https://[::1]/",
      "https://bücher.example/ü" },
    { "", "example.com", "ftp://example.com", "https://", "https:///path", "https://exa mple.com", "https://a..b",
      "https://example.com:99999", "https://example.com/<x>", "javascript:alert(1)" },
  },
  uuid = { { "123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000" },
    { "", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g",
      "123e4567-e89b-12d3-a456-4266141740000", "123e456-7e89b-12d3-a456-426614174000" } },
}, function(t, case)
  -- `test.each` gives the case alone, so the format is the one that takes all of the good texts.
  local formats = {}
  for _, format in ipairs({ "date", "datetime", "digits", "email", "phone", "url", "uuid" }) do
    local good = true
    for _, text in ipairs(case[1]) do
      good = good and problems_of(text, { format = format }) == ""
    end
    formats[#formats + 1] = good and format or nil
  end
  t.equal(#formats, 1)
  for _, text in ipairs(case[2]) do
    if problems_of(text, { format = formats[1] }) == "" then
      error(formats[1] .. " takes '" .. text .. "'")
    end
  end
end)

local ORDER <const> = {
  id = "integer",
  email = { format = "email" },
  note = "string?",
  address = { fields = { city = "text", ["zip code"] = { pattern = "^%d+$", optional = true } } },
  lines = { length = { 1 }, items = { fields = { sku = "text", qty = { type = "integer", min = 1 } } } },
}

local function good_order()
  return {
    id = 1, email = "ada@example.com", address = { city = "London" }, lines = { { sku = "a", qty = 1 } }, extra = true,
  }
end

test("a good record has no problems", function(t)
  local ok, problems = validate.check(good_order(), ORDER)
  t.equal(ok, true)
  t.equal(json.encode(problems), "[]")
end)

test("all problems are returned, in the order of the names", function(t)
  local ok, problems = validate.check({
    email = "ada", note = 5, address = { city = " ", ["zip code"] = "x1" },
    lines = { { sku = "a", qty = 0 }, { qty = "2" }, "three" },
  }, ORDER)
  t.equal(ok, false)
  t.equal(validate.text(problems), table.concat({
    "$.address.city: must not be blank",
    "$.address[\"zip code\"]: must match the pattern '^%d+$', but is 'x1'",
    "$.email: must be an e-mail address, but is 'ada'",
    "$.id: is required",
    "$.lines[1].qty: must be at least 1, but is 0",
    "$.lines[2].qty: must be an integer, but is a string",
    "$.lines[2].sku: is required",
    "$.lines[3]: must be an object, but is a string",
    "$.note: must be a string, but is an integer",
  }, "\n"))
  t.equal(json.encode(problems[4], { sort_keys = true }),
    '{"code":"required","message":"is required","path":"$.id"}')
end)

test("several rules of a field each report", function(t)
  t.equal(problems_of("x", { format = "email", length = { 3 } }),
    "$: must have at least 3 characters, but has 1\n$: must be an e-mail address, but is 'x'")
end)

test("unknown fields are reported when asked for", function(t)
  local ok, problems = validate.check({ emial = "x", email = "a@b.c" }, { email = "string" }, { unknown = "report" })
  t.equal(ok, false)
  t.equal(validate.text(problems), "$.emial: is unknown (did you mean 'email'?)")
  local nested = { a = { fields = { b = "any" } } }
  t.equal(validate.text(select(2, validate.check({ a = { b = 1, c = 1 } }, nested, { unknown = "report" }))),
    "$.a.c: is unknown")
  t.equal((validate.check({ a = { b = 1, c = 1 } }, nested)), true)
end)

test.each("what is no object is a problem of its own", {
  { nil, "$: must be an object, but is nil" }, { refold.null, "$: must be an object, but is null" },
  { "x", "$: must be an object, but is a string" }, { { 1 }, "$: must be an object, but is an array" },
}, function(t, case)
  local _, problems = validate.check(case[1], { a = "string?" })
  t.equal(validate.text(problems), case[2])
end)

test("a view of JSON is checked like a table", function(t)
  local view = json.decode('{"id":1,"email":"x","address":{"city":"L"},"lines":[]}', { lazy = true })
  local _, problems = validate.check(view, ORDER)
  t.equal(validate.text(problems), "$.email: must be an e-mail address, but is 'x'\n"
    .. "$.lines: must have at least 1 element, but has 0")
end)

test("assert returns the value, or raises all problems", function(t)
  local order = good_order()
  t.equal(validate.assert(order, ORDER), order)
  local err = t.raises(function()
    validate.assert({ id = 1.5, email = "x", address = { city = "L" }, lines = { { sku = "a", qty = 1 } } }, ORDER)
  end, { code = "invalid" })
  t.equal(tostring(err), "2 problems: $.email: must be an e-mail address, but is 'x'; "
    .. "$.id: must be an integer, but is a number\n  fix: mend the value, or leave it out and say so")
  t.equal(err.problems[2].path, "$.id")
end)

test("compile makes a function for loops", function(t)
  local is_order = validate.compile(ORDER)
  t.equal((is_order(good_order())), true)
  t.equal(#select(2, is_order({})), 4)
  t.equal((validate.compile({ a = "any" }, { unknown = "report" })({ a = 1, b = 2 })), false)
end)

test.each("mistakes in a schema are named at the line of the call", {
  { "validate.check: field a has an unknown type 'strin' (use 'string', 'text', 'number', 'integer', 'boolean', "
    .. "'array', 'object', 'table' or 'any')", { a = "strin" } },
  { "validate.check: field a has an unknown rule 'formt' (did you mean 'format'?)", { a = { formt = "email" } } },
  { "validate.check: field a has an unknown format 'mail' (use 'date', 'datetime', 'digits', 'email', 'phone', 'url' "
    .. "or 'uuid')", { a = { format = "mail" } } },
  { "validate.check: field a must be the name of a type or a table of rules, but is a boolean", { a = true } },
  { "validate.check: field a: the rule 'enum' must be a table, but is a string", { a = { enum = "x" } } },
  { "validate.check: field a: the rule 'min' must be a number", { a = { min = "x" } } },
  { "validate.check: field a: the rule 'max' must be the text of a time", { a = { format = "date", max = "x" } } },
  { "validate.check: field a: '[' is no Lua pattern", { a = { pattern = "[" } } },
  { "validate.check: field a: the rule 'length' must be an integer or { least, most }", { a = { length = "3" } } },
  { "validate.check: field a.b[*] has an unknown type 'x'", { a = { fields = { b = { items = "x" } } } } },
}, function(t, case)
  local err = t.raises(function()
    validate.check({}, case[2])
  end, case[1])
  t.matches(err, "^[^:]*validate_test.lua:%d+: ")
end)

test("wrong arguments are named", function(t)
  t.raises(function()
    validate.check({}, nil)
  end, "validate.check: the schema must be a table, but is nil")
  t.raises(function()
    validate.check({}, {}, { unknwn = "report" })
  end, "validate.check: unknown option 'unknwn' (use 'unknown')")
  t.raises(function()
    validate.check({}, {}, { unknown = "raise" })
  end, "validate.check: 'unknown' must be 'ignore' or 'report', but is 'raise'")
end)
