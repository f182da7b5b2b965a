local pages = require("pages")

--- Returns a fetch function that gives these answers, one after the other, and what it was asked.
local function answers(list)
  local asked = {}
  return function(params)
    asked[#asked + 1] = params[next(params)] or false
    return list[#asked] or error("asked once too often")
  end, asked
end

local CURSOR <const> = { style = "cursor", records = "results", next = "paging.next.after", into = "after" }
local OFFSET <const> = { style = "offset", records = "rows", into = "offset" }
local NUMBER <const> = { style = "page", records = "docs", into = "page" }

local function with(base, more)
  local opts = {}
  for name, value in pairs(base) do
    opts[name] = value
  end
  for name, value in pairs(more or {}) do
    opts[name] = value
  end
  return opts
end

--- Reads all of a list and returns its records.
local function read(fetch, opts)
  local all = {}
  for records in pages.walk(fetch, opts) do
    table.move(records, 1, #records, #all + 1, all)
  end
  return all
end

local function cursor_page(records, after)
  return { results = records, paging = after and { next = { after = after } } or {} }
end

test.each("a list is read to its end", {
  ["cursor, one page"] = { opts = CURSOR, pages = { cursor_page({ 1, 2 }) }, records = { 1, 2 }, asked = { false } },
  ["cursor, null ends it"] = {
    opts = CURSOR, pages = { cursor_page({ 1 }, refold.null) }, records = { 1 }, asked = { false },
  },
  ["cursor, empty text ends it"] = {
    opts = CURSOR, pages = { cursor_page({ 1 }, "") }, records = { 1 }, asked = { false },
  },
  ["cursor, an empty page in the middle"] = {
    opts = CURSOR, pages = { cursor_page({ 1 }, "a"), cursor_page({}, "b"), cursor_page({ 2 }) },
    records = { 1, 2 }, asked = { false, "a", "b" },
  },
  ["cursor, more is false though there is a cursor"] = {
    opts = with(CURSOR, { more = "more" }),
    pages = { { results = { 1 }, more = false, paging = { next = { after = "a" } } } },
    records = { 1 }, asked = { false },
  },
  ["offset with a total"] = {
    opts = with(OFFSET, { total = "total" }), pages = { { rows = { 1, 2 }, total = 3 }, { rows = { 3 }, total = "3" } },
    records = { 1, 2, 3 }, asked = { false, "2" },
  },
  ["offset without a total, until an empty page"] = {
    opts = OFFSET, pages = { { rows = { 1, 2 } }, { rows = { 3 } }, { rows = {} } },
    records = { 1, 2, 3 }, asked = { false, "2", "3" },
  },
  ["offset with more"] = {
    opts = with(OFFSET, { more = "has_more" }),
    pages = { { rows = { 1 }, has_more = true }, { rows = { 2 }, has_more = false } },
    records = { 1, 2 }, asked = { false, "1" },
  },
  ["offset with done"] = {
    opts = with(OFFSET, { done = "done" }), pages = { { rows = { 1 }, done = false }, { rows = { 2 }, done = true } },
    records = { 1, 2 }, asked = { false, "1" },
  },
  ["page numbers"] = {
    opts = with(NUMBER, { more = "hasNextPage" }),
    pages = { { docs = { 1 }, hasNextPage = true }, { docs = { 2 }, hasNextPage = false } },
    records = { 1, 2 }, asked = { "1", "2" },
  },
  ["page numbers from 0"] = {
    opts = with(NUMBER, { first = 0, total = "n" }), pages = { { docs = { 1 }, n = 2 }, { docs = { 2 }, n = 2 } },
    records = { 1, 2 }, asked = { "0", "1" },
  },
  ["the answer itself is the list"] = {
    opts = with(OFFSET, { records = "." }),
    pages = { { 1 }, { 2 }, {} }, records = { 1, 2 }, asked = { false, "1", "2" },
  },
  ["nothing at all"] = { opts = OFFSET, pages = { { rows = {} } }, records = {}, asked = { false } },
  ["an absent list that is allowed"] = {
    opts = with(CURSOR, { optional = true }), pages = { {} }, records = {}, asked = { false },
  },
  ["a cursor that repeats, allowed"] = {
    opts = with(CURSOR, { allow_repeats = true }),
    pages = { cursor_page({ 1 }, "a"), cursor_page({ 2 }, "a"), cursor_page({ 3 }) },
    records = { 1, 2, 3 }, asked = { false, "a", "a" },
  },
  ["a total that differs, allowed"] = {
    opts = with(CURSOR, { total = "total", check_total = false }), pages = { { results = { 1 }, total = 9 } },
    records = { 1 }, asked = { false },
  },
}, function(t, case)
  local fetch, asked = answers(case.pages)
  t.same(read(fetch, case.opts), case.records)
  t.same(asked, case.asked)
end)

test.each("what would cut a list short is an error", {
  ["no records"] = {
    opts = CURSOR, pages = { { result = {}, paging = {} } },
    code = "missing_path", message = "pages.walk: page 1 has no 'results'; it has 'paging', 'result'",
    hint = "say where the records are: records = 'PATH'. When an empty page comes without it, pass optional = true",
  },
  ["null for records"] = {
    opts = CURSOR, pages = { { results = refold.null } },
    code = "missing_path", message = "pages.walk: 'results' of page 1 is no list",
    hint = "say where the records are: records = 'PATH'",
  },
  ["an object for records"] = {
    opts = CURSOR, pages = { { results = { a = 1 } } },
    code = "missing_path", message = "pages.walk: 'results' of page 1 is no list",
    hint = "say where the records are: records = 'PATH'",
  },
  ["an answer that is text"] = {
    opts = CURSOR, pages = { "<html>" },
    code = "missing_path", message = "pages.walk: page 1 has no 'results'; it has a string",
    hint = "say where the records are: records = 'PATH'. When an empty page comes without it, pass optional = true",
  },
  ["the cursor of the page before"] = {
    opts = CURSOR, pages = { cursor_page({ 1 }, "a"), cursor_page({ 2 }, "a") },
    code = "repeated_cursor", message = "pages.walk: page 2 gives the cursor 'a' of page 1 again",
    hint = "the list would never end; pass allow_repeats = true to go on regardless",
  },
  ["the cursor of an earlier page"] = {
    opts = CURSOR, pages = { cursor_page({ 1 }, "a"), cursor_page({ 2 }, "b"), cursor_page({ 3 }, "a") },
    code = "repeated_cursor", message = "pages.walk: page 3 gives the cursor 'a' of page 1 again",
    hint = "the list would never end; pass allow_repeats = true to go on regardless",
  },
  ["an offset that the app ignores"] = {
    opts = OFFSET, pages = { { rows = { { id = 1 } } }, { rows = { { id = 1 } } } },
    code = "repeated_page", message = "pages.walk: page 2 is page 1 again",
    hint = "the app may not know the parameter 'offset'; pass allow_repeats = true when equal pages are right",
  },
  ["an empty page that is not the last"] = {
    opts = with(OFFSET, { more = "more" }), pages = { { rows = {}, more = true } },
    code = "repeated_page", message = "pages.walk: page 1 is empty, but is not the last",
    hint = "the list would never end; check 'more' and 'done'",
  },
  ["fewer records than the total"] = {
    opts = with(OFFSET, { total = "total" }), pages = { { rows = { 1, 2 }, total = 3 }, { rows = {}, total = 3 } },
    code = "total_mismatch", message = "pages.walk: 2 records came, but 'total' says 3",
    hint = "records may have changed meanwhile: read again, or pass check_total = false to take what came",
  },
  ["more records than the total"] = {
    opts = with(CURSOR, { total = "total" }), pages = { { results = { 1, 2 }, total = 1 } },
    code = "total_mismatch", message = "pages.walk: 2 records came, but 'total' says 1",
    hint = "records may have changed meanwhile: read again, or pass check_total = false to take what came",
  },
  ["no total"] = {
    opts = with(CURSOR, { total = "total" }), pages = { { results = { 1 } } },
    code = "missing_path", message = "pages.walk: page 1 has no number 'total'; it has 'results'",
    hint = "name the field that holds the number of all records, or leave it out",
  },
  ["no flag"] = {
    opts = with(OFFSET, { more = "more" }), pages = { { rows = { 1 }, more = "yes" } },
    code = "missing_path", message = "pages.walk: page 1 has no boolean 'more'; it has 'more', 'rows'",
    hint = "name the field that tells whether there is more, or leave it out",
  },
  ["too many pages"] = {
    opts = with(CURSOR, { max_pages = 2 }), pages = { cursor_page({ 1 }, "a"), cursor_page({ 2 }, "b") },
    code = "too_many_pages", message = "pages.walk: there is more after 2 pages with 2 records",
    hint = "narrow the list down, or pass max_pages = 20",
  },
}, function(t, case)
  local fetch = answers(case.pages)
  t.raises(function()
    read(fetch, case.opts)
  end, { code = case.code, message = case.message, hint = case.hint })
end)

test("the page cap itself is no error", function(t)
  local fetch = answers({ cursor_page({ 1 }, "a"), cursor_page({ 2 }) })
  t.same(read(fetch, with(CURSOR, { max_pages = 2 })), { 1, 2 })
end)

test("records before an error were given", function(t)
  local fetch = answers({ cursor_page({ 1 }, "a"), cursor_page({ 2 }, "a") })
  local seen = {}
  t.raises(function()
    for records in pages.walk(fetch, CURSOR) do
      seen[#seen + 1] = records[1]
    end
  end, { code = "repeated_cursor", page = 2, received = 2 })
  t.same(seen, { 1 })
end)

test("the next page is asked for when it is needed", function(t)
  local fetch, asked = answers({ cursor_page({ 1 }, "a"), cursor_page({ 2 }) })
  local next_page = pages.walk(fetch, CURSOR)
  t.equal(#asked, 0)
  next_page()
  t.equal(#asked, 1)
end)

local SANDBOX <const> = {
  ["hubspot.get_contact"] = { size = "4", count = 6 },
  ["hubspot.get_companies"] = { size = "1", count = 2 },
  ["salesforce.get_contacts"] = { size = "5", count = 12 },
  ["salesforce.get_leads"] = { size = "1", count = 1 },
  ["netsuite.get_list_of_records_invoice"] = { size = "2", count = 5 },
  ["slack.get_channels"] = { size = "2", count = 3 },
  ["slack.get_users"] = { size = "3", count = 3 },
  ["slack.get_messages"] = { size = "1", count = 2, params = { channel = "general" } },
}

test("the sandbox's apps need no options", function(t)
  for name, case in pairs(SANDBOX) do
    local app, action = name:match("^(%w+)%.(.+)$")
    for _, size in ipairs({ case.size, false }) do
      local params, count = with(case.params or {}, { limit = size or nil }), 0
      for record in pages.each(app, action, params) do
        count = count + (record and 1 or 0)
      end
      t.equal(name .. " " .. count, name .. " " .. case.count)
    end
  end
end)

test("a search is paged, and its total adds up", function(t)
  local emails = {}
  local params = { propertyName = "email", operator = "CONTAINS_TOKEN", value = "example", limit = "4" }
  for contact in pages.each("hubspot", "search_contacts", params) do
    emails[#emails + 1] = contact.properties.email
  end
  t.equal(#emails, 6)
end)

test("an offset to begin with counts towards the total", function(t)
  local count = 0
  for _ in pages.each("salesforce", "get_contacts", { offset = "10" }) do
    count = count + 1
  end
  t.equal(count, 2)
end)

test("batches give whole pages", function(t)
  local sizes = {}
  for records, answer in pages.batches("salesforce", "get_contacts", { limit = "5" }) do
    sizes[#sizes + 1] = #records
    t.equal(answer.totalSize, 12)
  end
  t.same(sizes, { 5, 5, 2 })
end)

test("parameters are not changed", function(t)
  local params = { limit = "4" }
  for _ in pages.each("hubspot", "get_contact", params) do
    t.same(params, { limit = "4" })
  end
end)

test.each("misuse is told at the caller's line", {
  ["an unknown option"] = {
    { "hubspot", "get_contact", nil, { limt = 5 } }, "pages_test.lua", "pages.each: unknown option 'limt'",
  },
  ["an unknown app"] = {
    { "acme", "get_things" }, "pages_test.lua",
    "pages.each: acme.get_things: how this is paged is not known; say style = 'cursor', 'offset' or 'page'",
  },
  ["an unknown style"] = {
    { "acme", "get_things", nil, { style = "curser" } }, "pages_test.lua",
    "pages.each: acme.get_things: unknown style 'curser' (use 'cursor', 'offset' or 'page')",
  },
  ["half a style"] = {
    { "acme", "get_things", nil, { style = "cursor", records = "r", into = "after" } }, "pages_test.lua",
    "pages.each: acme.get_things: the style 'cursor' needs 'next'",
  },
  ["no action"] = { { "hubspot" }, "pages_test.lua", "pages.each: action must be a string, but is nil" },
  ["parameters that are none"] = {
    { "hubspot", "get_contact", "x" }, "pages_test.lua", "pages.each: params must be a table, but is a string",
  },
}, function(t, case)
  local message = t.raises(function()
    pages.each(table.unpack(case[1], 1, 4))
  end, case[3])
  t.matches(tostring(message), case[2])
  message = t.raises(function()
    pages.batches(table.unpack(case[1], 1, 4))
  end, (case[3]:gsub("^pages.each", "pages.batches")))
  t.matches(tostring(message), case[2])
end)
