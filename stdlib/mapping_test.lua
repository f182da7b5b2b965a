local mapping = require("mapping")

local null <const> = refold.null

--- Compiles one field that goes from `a` to `b`.
local function field(def)
  def.from, def.to = def.from or "a", def.to or "b"
  return mapping.compile({ fields = { field = def } })
end

-- One conversion a row: the definition, what goes in, what comes out; `back` when it differs from what went in.
test.each("a value is converted", {
  { {}, "x", "x" },
  { {}, 7, 7 },
  { {}, false, false, back = false },
  { { as = "text" }, 42, "42" , back = "42" },
  { { as = "text" }, 42.0, "42", back = "42" },
  { { as = "text" }, 0.1, "0.1", back = "0.1" },
  { { as = "text" }, true, "true", back = "true" },
  { { as = "text", separator = ", " }, { "a", "b" }, "a, b", back = "a, b" },
  { { as = "number", from_as = "text" }, "18000", 18000 },
  { { as = "number" }, "1,234.50", 1234.5, back = 1234.5 },
  { { as = "number", decimal = "," }, "1.234,50", 1234.5, back = 1234.5 },
  { { as = "number" }, "-7", -7, back = -7 },
  { { as = "number" }, "1e3", 1000.0, back = 1000.0 },
  { { as = "integer", from_as = "text" }, "42", 42 },
  { { as = "integer" }, "42.0", 42, back = 42 },
  { { as = "boolean", from_as = "text" }, "true", true },
  { { as = "boolean" }, "Yes", true, back = true },
  { { as = "boolean" }, 0, false, back = false },
  { { as = "boolean" }, "OFF", false, back = false },
  { { as = "date" }, "2026-01-20", "2026-01-20" },
  { { as = "date" }, "2026-01-20T23:30:00Z", "2026-01-20", back = "2026-01-20" },
  { { as = "date" }, "2026-01-20T23:30:00-05:00", "2026-01-21", back = "2026-01-21" },
  { { as = "date", from_as = "datetime" }, "2024-02-29T00:00:00Z", "2024-02-29" },
  { { as = "date" }, "2026-01-20T23:59:59.999Z", "2026-01-20", back = "2026-01-20" },
  { { as = "date" }, "2026-01-20T24:00:00Z", "2026-01-21", back = "2026-01-21" },
  { { as = "date" }, "2026-01-20T23:59:60Z", "2026-01-21", back = "2026-01-21" },
  { { as = "date" }, 1768903200, "2026-01-20", back = "2026-01-20" },
  { { as = "datetime" }, "2026-01-20T10:00:00.000+0000", "2026-01-20T10:00:00Z", back = "2026-01-20T10:00:00Z" },
  { { as = "datetime" }, "2026-01-20T10:00:00.120Z", "2026-01-20T10:00:00.120Z" },
  { { as = "datetime" }, "2026-06-30T23:59:60Z", "2026-07-01T00:00:00Z", back = "2026-07-01T00:00:00Z" },
  { { as = "datetime", from_as = "epoch" }, 1768903200, "2026-01-20T10:00:00Z" },
  { { as = "datetime", from_as = "epoch_ms" }, "1768903200000", "2026-01-20T10:00:00Z", back = 1768903200000 },
  { { as = "epoch" }, "1969-12-31T23:59:59Z", -1 },
  { { as = "epoch_ms", from_as = "datetime" }, "2026-01-20T10:00:00.005Z", 1768903200005 },
  { { as = "date", format = "DD/MM/YYYY", from_as = "date" }, "2026-01-20", "20/01/2026" },
  {
    { as = "datetime", from_as = "datetime", from_format = "M/D/YYYY HH:mm" }, "1/2/2026 03:04", "2026-01-02T03:04:00Z",
  },
  { { as = "phone" }, "+44 20 7946 0101", "+442079460101", back = "+442079460101" },
  { { as = "phone" }, "0044 (0)20-7946.0101", "+442079460101", back = "+442079460101" },
  { { as = "phone", country = "+44" }, "020 7946 0101", "+442079460101", back = "+442079460101" },
  { { as = "list" }, "a; b;;c", { "a", "b", "c" }, back = "a;b;c" },
  { { as = "list", separator = "," }, { "a" }, { "a" }, back = "a" },
  { { values = { lead = "Open", won = "Closed" } }, "lead", "Open" },
  { { values = { ["1"] = "one" } }, 1, "one", back = "1" },
  { { values = { lead = "Open" }, otherwise = "Other" }, "x", "Other", back = "error" },
  { { values = { lead = "Open" }, unknown = "keep" }, "x", "x" },
  { { trim = true }, "\t a b \n", "a b", back = "a b" },
  { { trim = true, case = "lower" }, "  Ada@Example.COM ", "ada@example.com", back = "ada@example.com" },
  { { case = "upper" }, "gb", "GB", back = "GB" },
  { { most = 3 }, "äöüß", "äöü", back = "äöü" },
  { { most = 3 }, "abc", "abc" },
}, function(t, case)
  local mapped = field(case[1])
  local out = mapped.forward({ a = case[2] })
  t.same(out.b, case[3])
  if case.back == "error" then
    t.raises(function()
      mapped.backward(out)
    end, { code = "mapping_failed" })
  else
    t.same(mapped.backward(out).a, case.back == nil and case[2] or case.back)
  end
end)

test.each("a value that does not fit is a problem", {
  { { as = "number" }, "12a", "mapping: a: '12a' is no number" },
  { { as = "number" }, "0x10", "mapping: a: '0x10' is no number" },
  { { as = "number" }, ".", "mapping: a: '.' is no number" },
  { { as = "number" }, 0 / 0, "is no number" },
  { { as = "integer" }, "1.5", "mapping: a: '1.5' is no whole number" },
  { { as = "boolean" }, "maybe", "mapping: a: 'maybe' is neither true nor false" },
  { { as = "boolean" }, {}, "mapping: a: a table is neither true nor false" },
  { { as = "date" }, "2026-02-29", "mapping: a: '2026-02-29' is no date" },
  { { as = "date" }, "2026-13-01", "is no date" },
  { { as = "date" }, "2026-02-30T10:00:00Z", "is no date" },
  { { as = "date" }, "2026-01-20T25:00:00Z", "is no date" },
  { { as = "date" }, "2026-01-20T10:00:00.Z", "is no date" },
  { { as = "date" }, true, "is no date" },
  { { as = "datetime" }, "2026-01-20T25:00:00Z", "is no date" },
  { { as = "datetime" }, "2026-01-20T10:00:00+99:00", "is no date" },
  { { as = "datetime" }, "2026-01-20Txx", "is no date" },
  { { as = "date", from_as = "date", from_format = "DD/MM/YYYY" }, "1/2/2026", "is no date as DD/MM/YYYY" },
  { { as = "phone" }, "020 7946 0101", "is a phone number without a country ('country' names it)" },
  { { as = "phone" }, "call me", "mapping: a: 'call me' is no phone number" },
  { { as = "phone" }, "+1", "is no phone number" },
  { { values = { lead = "Open" } }, "won", "mapping: a: 'won' is none of the values" },
  { { as = "text" }, { x = 1 }, "mapping: a: a table is an object, not a text" },
  { { required = true }, nil, "mapping: a is missing" },
  { { required = true }, "", "mapping: a is missing" },
  { { required = true, trim = true }, "  ", "mapping: a is missing" },
  { { required = true }, null, "mapping: a is missing" },
}, function(t, case)
  local err = t.raises(function()
    field(case[1]).forward({ a = case[2] })
  end, { code = "mapping_failed" })
  t.matches(err.message, case[3]:gsub("%p", "%%%0"))
end)

test("all problems of a record are told at once", function(t)
  local mapped = mapping.compile({ fields = {
    email = { to = "Email", required = true }, amount = { to = "Amount", as = "number" }, name = "Name",
  } })
  local err = t.raises(function()
    mapped.forward({ amount = "much", name = "Ada" })
  end, { code = "mapping_failed", message = "mapping: amount: 'much' is no number; email is missing" })
  t.same(err.problems, {
    { field = "amount", path = "amount", value = "much", problem = "is no number" },
    { field = "email", path = "email", problem = "is missing" },
  })
end)

test.each("an empty field", {
  ["is left out"] = { {}, { a = "" }, {} },
  ["null is left out"] = { {}, { a = null }, {} },
  ["takes the default"] = { { default = "none" }, { a = "" }, { b = "none" } },
  ["takes a false default"] = { { default = false }, {}, { b = false } },
  ["clears the target"] = { { clear = true }, { a = null }, { b = null } },
  ["blank text that is trimmed"] = { { trim = true, default = "none" }, { a = "  " }, { b = "none" } },
  ["a constant needs nothing"] = { { constant = "hubspot" }, {}, { b = "hubspot" } },
  ["the first that is not empty"] = { { from = { "x", "y", "z" } }, { x = "", y = "two", z = "three" }, { b = "two" } },
  ["a value that is dropped"] = { { values = { x = "y" }, unknown = "drop" }, { a = "z" }, {} },
}, function(t, case)
  t.same(field(case[1]).forward(case[2]), case[3])
end)

test("a default that is a table is made anew for each record", function(t)
  local mapped = field({ default = { "a" } })
  local one = mapped.forward({})
  one.b[1] = "changed"
  t.same(mapped.forward({}), { b = { "a" } })
end)

test("paths lead into tables, both ways", function(t)
  local mapped = mapping.compile({ fields = {
    first = { from = "properties.firstname", to = "Name.First" },
    last = { from = "properties.lastname", to = "Name.Last" },
    sku = { from = "lines.1.sku", to = "sku" },
    dotted = { from = "a\\.b", to = "c" },
  } })
  local record = {
    properties = { firstname = "Ada", lastname = "Lovelace" }, lines = { { sku = "A1" } }, ["a.b"] = "dot",
  }
  local out = mapped.forward(record)
  t.same(out, { Name = { First = "Ada", Last = "Lovelace" }, sku = "A1", c = "dot" })
  t.same(mapped.backward(out), record)
  t.same(mapped.forward({ properties = null, lines = "none" }), {})
  t.same(mapped.forward({ properties = 7, lines = {} }), {})
end)

test("text is split and joined, both ways", function(t)
  local split = field({ from = "name", to = { "first", "last" }, split = " " })
  t.same(split.forward({ name = "Ada King Lovelace" }), { first = "Ada", last = "King Lovelace" })
  t.same(split.forward({ name = "Plato" }), { first = "Plato" })
  t.same(split.backward({ first = "Ada", last = "Lovelace" }), { name = "Ada Lovelace" })
  t.same(split.backward({ last = "Lovelace" }), { name = "Lovelace" })
  local join = field({ from = { "first", "last" }, to = "name", join = " " })
  t.same(join.forward({ first = "Ada", last = null }), { name = "Ada" })
  t.same(join.backward({ name = "Ada Lovelace" }), { first = "Ada", last = "Lovelace" })
end)

test("a field goes one way when it says so", function(t)
  local mapped = mapping.compile({ fields = {
    there = { to = "There", direction = "forward" }, back = { to = "Back", direction = "backward" },
    source = { to = "Source", constant = "refold" },
  } })
  t.same(mapped.forward({ there = 1, back = 2 }), { There = 1, Source = "refold" })
  t.same(mapped.backward({ There = 1, Back = 2, Source = "x" }), { back = 2 })
end)

test("a report names what is not mapped and what is missing", function(t)
  local mapped = mapping.compile({
    fields = {
      email = { to = "Email", required = true }, phone = "Phone", city = { from = "address.city", to = "City" },
      amount = { to = "Amount", as = "number" }, constant = { to = "C", constant = 1 },
    },
    ignore = { "meta" },
  })
  t.same(mapped.report({
    phone = "1", amount = "x", fax = "2", tags = { "a" }, address = { city = "London", zip = "N1", empty = "" },
    meta = { id = 1 }, none = null,
  }), {
    unmapped = { "address.zip", "fax", "tags" },
    missing = { "email" },
    problems = {
      { field = "amount", path = "amount", value = "x", problem = "is no number" },
      { field = "email", path = "email", problem = "is missing" },
    },
  })
end)

test("a customer's changes are laid over the base", function(t)
  local base = {
    fields = { email = { to = "Email", case = "lower" }, phone = "Phone", fax = "Fax" }, ignore = { "id" },
  }
  local spec = mapping.overlay(base, {
    fields = {
      phone = { as = "phone", country = "44" }, fax = false, vip = { to = "Vip__c", as = "boolean" }, email = "Mail",
    },
    ignore = { "createdate" },
  })
  t.same(spec, {
    fields = {
      email = { to = "Mail", case = "lower" }, phone = { to = "Phone", as = "phone", country = "44" },
      vip = { to = "Vip__c", as = "boolean" },
    },
    ignore = { "id", "createdate" },
  })
  t.same(base.fields.phone, "Phone")
  t.same(mapping.compile(spec).forward({ email = "A@B", phone = "020 7946 0101", vip = "yes" }), {
    Mail = "a@b", Phone = "+442079460101", Vip__c = true,
  })
  t.same(mapping.overlay(base).fields, base.fields)
end)

test.each("a mapping that cannot be is refused", {
  ["nothing"] = { {}, "mapping: 'fields' is missing or empty" },
  ["an unknown key"] = {
    { fields = { a = { too = "b" } } }, "mapping: field 'a': unknown key 'too'", "did you mean 'to'?",
  },
  ["an unknown type"] = {
    { fields = { a = { as = "nubmer" } } }, "mapping: field 'a': 'as' is 'nubmer'", "did you mean 'number'?",
  },
  ["a function"] = { { fields = { a = { default = next } } }, "mapping: field 'a': holds a function" },
  ["a hidden function"] = { { fields = { a = { values = { x = next } } } }, "mapping: field 'a': holds a function" },
  ["a number"] = { { fields = { a = 7 } }, "mapping: field 'a': must be a path or a table, but is an integer" },
  ["an empty path"] = {
    { fields = { a = { from = "x..y" } } }, "mapping: field 'a': 'from': the path 'x..y' has an empty name",
  },
  ["no paths"] = { { fields = { a = { to = {} } } }, "mapping: field 'a': 'to' names no path" },
  ["the same place twice"] = { { fields = { a = "X", b = "X" } }, "mapping: field 'b': writes 'X', and so does 'a'" },
  ["a place in a place"] = { { fields = { a = "X", b = "X.Y" } }, "mapping: field 'b': writes 'X.Y', and so does 'a'" },
  ["several targets"] = {
    { fields = { a = { to = { "x", "y" } } } }, "mapping: field 'a': 'to' has several paths, but there is no 'split'",
  },
  ["values that do not come back"] = {
    { fields = { a = { values = { x = "z", y = "z" } } } }, "mapping: field 'a': 'values' gives 'z' for two values",
  },
  ["a bad format"] = {
    { fields = { a = { as = "date", format = "DD.MON.YYYY" } } },
    "mapping: field 'a': 'format': 'MON' is none of YYYY, YY, MM, M, DD, D, HH, mm and ss",
  },
  ["a format without a date"] = { { fields = { a = { format = "DD" } } }, "mapping: field 'a': 'format' is for dates" },
  ["an empty separator"] = {
    { fields = { a = { as = "list", separator = "" } } }, "mapping: field 'a': a separator is empty text",
  },
  ["a constant both ways"] = {
    { fields = { a = { constant = 1, direction = "both" } } }, "mapping: field 'a': a constant goes one way",
  },
}, function(t, case)
  t.raises(function()
    mapping.compile(case[1])
  end, { code = "bad_mapping", message = case[2], hint = case[3] })
end)

test("values that go one way need not come back", function(t)
  t.same(field({ values = { x = "z", y = "z" }, direction = "forward" }).forward({ a = "y" }), { b = "z" })
  local mapped = field({ values = { x = "z", y = "z" }, values_back = { z = "x" } })
  t.same(mapped.backward({ b = "z" }), { a = "x" })
end)

test("text of a mapping never becomes code", function(t)
  local evil = '"] = nil end error("broken out") --[[\n\\'
  local mapped = mapping.compile({ fields = { [evil] = { from = "x", to = "]] evil" } } })
  t.same(mapped.forward({ x = "1" }), { ["]] evil"] = "1" })
  local quoted = mapping.compile({ fields = { field = { from = 'a"b\n', to = "c'd\\\\e" } } })
  t.same(quoted.forward({ ['a"b\n'] = 1 }), { ["c'd\\e"] = 1 })
end)

test("a mapping of five hundred fields compiles", function(t)
  local fields, record = {}, {}
  for index = 1, 500 do
    fields["f" .. index] = { to = "g" .. index, as = "text", default = "x" }
    record["f" .. index] = index
  end
  local mapped = mapping.compile({ fields = fields })
  t.equal(mapped.forward(record).g500, "500")
  t.equal(mapped.forward({}).g1, "x")
  t.equal(#mapped.fields, 500)
end)

test("a record that is none is told at the caller's line", function(t)
  local mapped = field({})
  t.matches(t.raises(function()
    mapped.forward(null)
  end, "forward: the record must be a table, but is null"), "mapping_test.lua")
  t.matches(t.raises(function()
    mapping.compile({ fields = { a = "b" }, feilds = {} })
  end, "mapping.compile: unknown option 'feilds'"), "mapping_test.lua")
end)

test("a lazy view is a record", function(t)
  local view = require("json").decode('{"a":{"x":1},"list":[1]}', { lazy = true })
  t.same(mapping.compile({ fields = { x = { from = "a.x", to = "X" } } }).forward(view), { X = 1 })
end)
