local diff = require("diff")
local json = require("json")

local null <const> = refold.null

local function cyclic(name)
  local value = { name = name }
  value.self = value
  return value
end

test.each("differences", {
  { 1, 1, "" },
  { 1, 1.0, "" },
  { 0 / 0, 0 / 0, "" },
  { nil, nil, "" },
  { {}, {}, "" },
  { refold.array({}), {}, "" },
  { 1, "1", '~ $: 1 -> "1"' },
  { nil, 1, "+ $: 1" },
  { 1, nil, "- $: 1" },
  { nil, null, "+ $: null" },
  { { a = null }, { a = 1 }, "~ $.a: null -> 1" },
  { { a = 1 }, { a = null }, "~ $.a: 1 -> null" },
  { { a = 1, b = 2 }, { b = 3, c = 4 }, "- $.a: 1\n~ $.b: 2 -> 3\n+ $.c: 4" },
  { { a = { b = { 1, { c = 1 } } } }, { a = { b = { 1, { c = 2 } } } }, "~ $.a.b[2].c: 1 -> 2" },
  { { ["first name"] = 1 }, { ["first name"] = 2 }, '~ $["first name"]: 1 -> 2' },
  { { 1, 2, 3 }, { 0, 1, 2, 3 }, "+ $[1]: 0" },
  { { 1, 2, 3 }, { 1, 2, 3, 4 }, "+ $[4]: 4" },
  { { 1, 2, 3 }, { 1, 3 }, "- $[2]: 2" },
  { { 1, 1 }, { 1 }, "- $[2]: 1" },
  { { 1, 2, 3 }, { 1, 9, 3 }, "~ $[2]: 2 -> 9" },
  { { 1, false, 3 }, { 1, true, 3 }, "~ $[2]: false -> true" },
  { {}, { 1 }, "+ $[1]: 1" },
  { { 1 }, {}, "- $[1]: 1" },
  { { 1 }, { a = 1 }, "~ $: [1] -> { a = 1 }" },
  { { a = {} }, { a = 1 }, "~ $.a: {} -> 1" },
  { cyclic("a"), cyclic("a"), "" },
  { cyclic("a"), cyclic("b"), '~ $.name: "a" -> "b"' },
}, function(t, case)
  t.equal(diff.text(diff.compare(case[1], case[2])), case[3])
  t.equal(diff.same(case[1], case[2]), case[3] == "")
end)

test("changes are data", function(t)
  t.equal(json.encode(diff.compare({ a = 1 }, { a = { 2 } }), { sort_keys = true }),
    '[{"after":[2],"before":1,"kind":"changed","path":"$.a"}]')
  t.equal(json.encode(diff.compare(1, 1)), "[]")
end)

test("paths can be ignored, those of all elements too", function(t)
  local before = { updated = 1, lines = { { qty = 1, at = 1 }, { qty = 1, at = 1 } } }
  local after = { updated = 2, lines = { { qty = 2, at = 2 }, { qty = 1, at = 2 } } }
  t.equal(diff.text(diff.compare(before, after, { ignore = { "$.updated", "$.lines[*].at" } })),
    "~ $.lines[1].qty: 1 -> 2")
  t.equal(#diff.compare(before, after, { ignore = { "$.updated", "$.lines[1].at" } }), 2)
end)

test("elements are found by a key", function(t)
  local before = { { id = 1, qty = 1 }, { id = 2, qty = 2 }, { id = 3, qty = 3 } }
  local after = { { id = 3, qty = 3 }, { id = 1, qty = 9 }, { id = 4, qty = 4 } }
  t.equal(diff.text(diff.compare(before, after, { key = "id" })),
    "~ $[id=1].qty: 1 -> 9\n- $[id=2]: { id = 2, qty = 2 }\n+ $[id=4]: { id = 4, qty = 4 }")
  -- Without a key of all elements the place counts.
  t.equal(diff.text(diff.compare({ { id = 1 }, { id = 1 } }, { { id = 1 } }, { key = "id" })), "- $[2]: { id = 1 }")
end)

test("views of JSON count as what they show", function(t)
  local view = json.decode('{"a":[1,2]}', { lazy = true })
  t.equal(diff.same(view, { a = { 1, 2 } }), true)
  t.equal(diff.text(diff.compare(view, { a = { 1, 3 } })), "~ $.a[2]: 2 -> 3")
end)

test("wrong arguments are named", function(t)
  t.raises(function()
    diff.compare({}, {}, { ignored = {} })
  end, "diff.compare: unknown option 'ignored' (use 'ignore' or 'key')")
  t.raises(function()
    diff.compare({}, {}, { ignore = { "a" } })
  end, "diff.compare: path 1 to ignore must begin with '$', but is \"a\"")
  t.raises(function()
    diff.text(nil)
  end, "diff.text: argument 1 must be a list or an iterator, but is nil")
end)
