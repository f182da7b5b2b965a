local json = require("json")

test.each("a text that comes back as it was", {
  "null",
  "true",
  "-1",
  "9223372036854775807",
  "0.1",
  "1e+300",
  '"a\\"b\\\\c"',
  '"Zoë 😀"',
  "[]",
  "{}",
  "[1,[],{}]",
}, function(t, text)
  t.equal(json.encode(json.decode(text)), text)
end)

test("null is a value, and no hole in an array", function(t)
  local list = json.decode("[1,null,3]")
  t.equal(#list, 3)
  t.equal(list[2], json.null)
end)

test("integers beyond 64 bits keep their digits only when asked", function(t)
  t.equal(json.decode("12345678901234567890", { big = "string" }), "12345678901234567890")
  t.equal(math.type(json.decode("12345678901234567890")), "float")
end)

test.each("a text that is no JSON names its place", {
  { name = "comma", text = "[1,]", line = 1, column = 4 },
  { name = "second line", text = '{\n  "a": x }', line = 2, column = 8 },
  { name = "the end", text = "[1", line = 1, column = 3 },
}, function(t, case)
  t.raises(function()
    json.decode(case.text)
  end, { line = case.line, column = case.column })
end)

test.each("a value that JSON cannot say names its path", {
  { value = { lines = { { qty = 0 / 0 } } }, path = "$.lines[1].qty" },
  { value = { tostring }, path = "$[1]" },
  { value = { 1, nil, 3 }, path = "$[2]" },
}, function(t, case)
  t.raises(function()
    json.encode(case.value)
  end, { path = case.path })
end)

test("marks keep the shape of an empty table", function(t)
  t.equal(json.encode(json.array({})), "[]")
  t.equal(json.encode(json.object({})), "{}")
  t.equal(json.encode({}), "{}")
end)

test("keys are sorted, and lines broken, when asked", function(t)
  t.equal(json.encode({ b = 1, a = { 2 } }, { sort_keys = true }), '{"a":[2],"b":1}')
  t.equal(json.encode({ a = { 2 } }, { pretty = true }), '{\n  "a": [\n    2\n  ]\n}\n')
end)

test("lines give one value each, and pass over blank ones", function(t)
  local ids = {}
  for record in json.lines('{"id":1}\n\n{"id":2}\n') do
    ids[#ids + 1] = record.id
  end
  t.same(ids, { 1, 2 })
end)

test("a view shows what the text says, and is read only", function(t)
  local view = json.decode('{"a":[10,20],"b":null}', { lazy = true })
  t.equal(view.a[2], 20)
  t.equal(#view.a, 2)
  t.same(json.copy(view), { a = { 10, 20 }, b = json.null })
  t.raises(function()
    view.a = 1
  end, "json.copy")
end)
