local json = require("json")
local list = require("list")

local function iterator(...)
  local values, index = { ... }, 0
  return function()
    index = index + 1
    return values[index]
  end
end

local function encoded(value)
  return json.encode(value, { sort_keys = true })
end

local function double(number)
  return number * 2
end

local function is_even(number)
  return number % 2 == 0
end

local PEOPLE <const> = {
  { name = "Ada", team = "a", age = 36 },
  { name = "Grace", team = "b", age = 85 },
  { name = "Alan", team = "a", age = 41 },
  { name = "Nobody", team = refold.null },
}

local function names(source)
  local result = list.map(source, "name")
  return table.concat(result, " ")
end

test.each("what comes out of an empty list is written as []", {
  map = list.map({}, double),
  filter = list.filter({}, is_even),
  filter_map = list.filter_map({}, double),
  flatten = list.flatten({}),
  unique = list.unique({}),
  chunk = list.chunk({}, 3),
  sort_by = list.sort_by({}, "name"),
  take = list.take({ 1 }, 0),
  drop = list.drop({ 1 }, 1),
  zip = list.zip({}, {}),
  range = list.range(1, 0),
  keys = list.keys({}),
  concat = list.concat(),
  reverse = list.reverse({}),
  collect = list.collect(iterator()),
}, function(t, result)
  t.equal(encoded(result), "[]")
end)

test.each("a list, an iterator and a view of JSON are sources alike", {
  list = function()
    return { 1, 2, 3, 4 }
  end,
  iterator = function()
    return iterator(1, 2, 3, 4)
  end,
  view = function()
    return json.decode("[1,2,3,4]", { lazy = true })
  end,
}, function(t, source)
  t.equal(encoded(list.map(source(), double)), "[2,4,6,8]")
  t.equal(encoded(list.filter(source(), is_even)), "[2,4]")
  t.equal(encoded({ list.partition(source(), is_even) }), "[[2,4],[1,3]]")
  t.equal(list.reduce(source(), 10, math.max), 10)
  t.equal(encoded({ list.find(source(), is_even) }), "[2,2]")
  t.equal(list.any(source(), is_even), true)
  t.equal(list.all(source(), is_even), false)
  t.equal(list.count(source()), 4)
  t.equal(list.count(source(), is_even), 2)
  t.equal(list.sum(source()), 10)
  t.equal(encoded({ list.min(source()) }), "[1,1]")
  t.equal(encoded({ list.max(source()) }), "[4,4]")
  t.equal(encoded(list.chunk(source(), 3)), "[[1,2,3],[4]]")
  t.equal(encoded(list.take(source(), 2)), "[1,2]")
  t.equal(encoded(list.drop(source(), 3)), "[4]")
  t.equal(encoded(list.reverse(source())), "[4,3,2,1]")
  t.equal(encoded(list.zip(source(), source())), "[[1,1],[2,2],[3,3],[4,4]]")
  t.equal(encoded(list.concat(source(), { 9 }, source())), "[1,2,3,4,9,1,2,3,4]")
  t.equal(list.index_of(source(), 3), 3)
end)

test("map keeps the place of what becomes nil, filter_map leaves it out", function(t)
  local function only_even(number)
    return is_even(number) and number or nil
  end
  t.equal(encoded(list.map({ 1, 2, 3 }, only_even)), "[null,2,null]")
  t.equal(encoded(list.filter_map({ 1, 2, 3 }, only_even)), "[2]")
end)

test("functions get the index as well", function(t)
  local function with_index(element, index)
    return element .. index
  end
  t.equal(encoded(list.map({ "a", "b" }, with_index)), '["a1","b2"]')
end)

test("a source stays as it is", function(t)
  local source = { 3, 1, 2 }
  list.sort_by(source)
  list.reverse(source)
  list.flatten(source)
  t.same(source, { 3, 1, 2 })
end)

test("group_by keeps the order and returns what has no key", function(t)
  local groups, keys, rest = list.group_by(PEOPLE, "team")
  t.equal(names(groups.a), "Ada Alan")
  t.equal(names(groups.b), "Grace")
  t.equal(encoded(keys), '["a","b"]')
  t.equal(names(rest), "Nobody")
end)

test("index_by finds elements, and refuses to lose one", function(t)
  local by_name, rest = list.index_by(PEOPLE, "name")
  t.equal(by_name.Grace.age, 85)
  t.equal(encoded(rest), "[]")
  t.raises(function()
    list.index_by(PEOPLE, "team")
  end, {
    code = "duplicate_key",
    message = "elements 1 and 3 have the same key 'a'",
    hint = 'pass { duplicates = "first" } or { duplicates = "last" }, or use list.group_by',
  })
  t.equal(list.index_by(PEOPLE, "team", { duplicates = "first" }).a.name, "Ada")
  t.equal(list.index_by(PEOPLE, "team", { duplicates = "last" }).a.name, "Alan")
end)

test("unique keeps the first of equal ones, and all without a key", function(t)
  t.equal(encoded(list.unique({ 1, 2, 1, 3, 2 })), "[1,2,3]")
  t.equal(names(list.unique(PEOPLE, "team")), "Ada Grace Nobody")
  t.equal(encoded(list.unique({ 1, 1.0, "1" })), '[1,"1"]')
end)

test("flatten opens lists, not objects", function(t)
  local nested = { 1, { 2, { 3, {} } }, { name = "x" }, refold.array({}) }
  t.equal(encoded(list.flatten(nested)), '[1,2,[3,{}],{"name":"x"}]')
  t.equal(encoded(list.flatten(nested, 2)), '[1,2,3,{},{"name":"x"}]')
  t.equal(encoded(list.flatten({ { 1 } }, 0)), "[[1]]")
end)

test("sort_by is stable, in both directions", function(t)
  t.equal(names(list.sort_by(PEOPLE, "team")), "Ada Alan Grace Nobody")
  t.equal(names(list.sort_by(PEOPLE, "team", { descending = true })), "Grace Ada Alan Nobody")
  t.equal(names(list.sort_by(PEOPLE, { "team", "age" }, { descending = true })), "Grace Alan Ada Nobody")
  local rows = list.map(list.range(1, 500), function(number)
    return { key = number % 3, number = number }
  end)
  local sorted = list.sort_by(rows, "key")
  for index = 2, #sorted do
    local before, this = sorted[index - 1], sorted[index]
    if before.key > this.key or (before.key == this.key and before.number > this.number) then
      error("out of order at " .. index)
    end
  end
  t.equal(#sorted, 500)
end)

test("sort_by takes keys of any kind: numbers, texts, booleans, and last those that are absent", function(t)
  local nan = 0 / 0
  local sorted = list.sort_by({ "b", refold.null, 10, true, "a", nan, 2.5, false })
  t.equal(sorted[8] ~= sorted[8], true)
  t.equal(encoded(list.take(sorted, 7)), '[2.5,10,"a","b",false,true,null]')
end)

test("min and max give the element and its key, or nil", function(t)
  local element, key = list.max(PEOPLE, "age")
  t.equal(element.name, "Grace")
  t.equal(key, 85)
  t.equal(list.min(PEOPLE, "age").name, "Ada")
  t.equal(list.min({}), nil)
  t.equal(list.max({ refold.null }), nil)
  t.equal(list.max({ "b", "c", "a" }), "c")
end)

test("sum adds numbers, and names what is none", function(t)
  t.equal(list.sum({}), 0)
  t.equal(math.type(list.sum({ 1, 2 })), "integer")
  t.equal(list.sum({ 0.5, 1 }), 1.5)
  t.equal(list.sum(PEOPLE, "age"), 162)
  local err = t.raises(function()
    list.sum({ 1, "12" })
  end, { code = "not_a_number" })
  t.equal(tostring(err), "element 2 of a sum is a string ('12'), not a number\n  fix: pass a function that gives "
    .. "the number, as in function(element) return tonumber(element.amount) end")
end)

test("zip refuses lists of different lengths unless told", function(t)
  t.raises(function()
    list.zip({ 1 }, { 1, 2 })
  end, { code = "different_lengths", message = "the lists to zip have 1 and 2 elements" })
  t.equal(encoded(list.zip({ 1 }, { 1, 2 }, { shortest = true })), "[[1,1]]")
end)

test("range counts up and down", function(t)
  t.equal(encoded(list.range(1, 3)), "[1,2,3]")
  t.equal(encoded(list.range(3, 1, -1)), "[3,2,1]")
  t.equal(encoded(list.range(1, 2, 0.5)), "[1,1.5,2]")
  t.equal(encoded(list.range(math.maxinteger - 1, math.maxinteger)), "[9223372036854775806,9223372036854775807]")
end)

test("keys are sorted", function(t)
  t.equal(encoded(list.keys({ b = 1, a = 1, [2] = 1, [10] = 1 })), '[2,10,"a","b"]')
end)

test("take and find pull no more from an iterator than they need", function(t)
  local pulled = 0
  local function endless()
    pulled = pulled + 1
    return pulled
  end
  t.equal(encoded(list.take(endless, 3)), "[1,2,3]")
  t.equal(pulled, 3)
  t.equal(list.find(endless, is_even), 4)
  t.equal(pulled, 4)
  t.equal(list.any(endless, is_even), true)
  t.equal(pulled, 6)
  t.equal(encoded(list.batches(endless, 2)()), "[7,8]")
  t.equal(pulled, 8)
end)

test("batches end once, and stay ended", function(t)
  local batches = list.batches({ 1, 2, 3 }, 2)
  t.equal(encoded(batches()), "[1,2]")
  t.equal(encoded(batches()), "[3]")
  t.equal(batches(), nil)
  t.equal(batches(), nil)
end)

test.each("an element that has no fields is named", {
  { 5, "an integer" }, { "abc", "a string" }, { refold.null, "null" },
}, function(t, case)
  t.raises(function()
    list.group_by({ { len = 1 }, case[1] }, "len")
  end, { code = "no_field", message = "element 2 is " .. case[2] .. ", which has no field 'len'" })
end)

test("what a function raises comes through as it is", function(t)
  local failure = { code = "mine" }
  local err = t.raises(function()
    list.map({ 1 }, function()
      error(failure)
    end)
  end, { code = "mine" })
  t.equal(err, failure)
end)

test.each("wrong arguments are named at the line of the call", {
  { "list.map: argument 1 must be a list or an iterator, but is nil", function() list.map(nil, double) end },
  { "list.map: argument 1 must be a list or an iterator, but is null", function() list.map(refold.null, double) end },
  { "list.map: argument 1 must be a list or an iterator, but is a table with names",
    function() list.map({ a = 1 }, double) end },
  { "list.map: the selector must be a function or the name of a field, but is nil", function() list.map({}) end },
  { "list.filter: the selector must be a function or the name of a field, but is an integer",
    function() list.filter({}, 1) end },
  { "list.find: argument 2 must be a function, but is a string", function() list.find({}, "a") end },
  { "list.chunk: argument 2 must be an integer of at least 1, but is 0", function() list.chunk({}, 0) end },
  { "list.chunk: argument 2 must be an integer of at least 1, but is a number", function() list.chunk({}, 1.5) end },
  { "list.take: argument 2 must be an integer of at least 0, but is nil", function() list.take({}) end },
  { "list.range: the step must not be 0", function() list.range(1, 2, 0) end },
  { "list.range: argument 2 must be a number, but is a string", function() list.range(1, "2") end },
  { "list.concat: argument 2 must be a list or an iterator, but is a boolean", function() list.concat({}, true) end },
  { "list.keys: argument 1 must be a table, but is a string", function() list.keys("a") end },
  { "list.sort_by: unknown option 'descendng' (use 'descending')",
    function() list.sort_by({}, "a", { descendng = true }) end },
  { "list.sort_by: option 'descending' must be a boolean, but is a string",
    function() list.sort_by({}, "a", { descending = "yes" }) end },
  { "list.sort_by: the options must be a table, but are a boolean", function() list.sort_by({}, "a", true) end },
  { "list.index_by: 'duplicates' must be 'error', 'first' or 'last', but is 'firs'",
    function() list.index_by({}, "a", { duplicates = "firs" }) end },
}, function(t, case)
  local err = t.raises(case[2], case[1])
  t.matches(err, "^[^:]*list_test.lua:%d+: ")
  t.equal(err:match("list_test.lua:%d+: (.*)$"), case[1])
end)
