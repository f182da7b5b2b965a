local compare = require("ensure_compare")
local ensure = require("ensure")

local null <const> = refold.null

local function contact(id)
  return refold.exec("hubspot", "get_contact_by_id", nil, { contact_id = id }).data.properties
end

test.each("two values are the same to an app", {
  { 42, "42", true }, { 42, 42.0, true }, { 42, "42.0", true }, { 42.5, "42.50", true }, { 42, "43", false },
  { 7, "007", false }, { 16, "0x10", false }, { 7, " 7", false }, { "1.10", "1.1", false }, { "7", "007", false },
  { true, "true", true }, { false, "FALSE", true }, { true, "1", false }, { true, 1, false },
  { null, "", true }, { null, nil, true }, { "", nil, true }, { false, nil, false }, { 0, "", false },
  { "2026-01-20T10:00:00.000Z", "2026-01-20T10:00:00Z", true },
  { "2026-01-20T10:00:00+0000", "2026-01-20T12:00:00+02:00", true },
  { "2026-01-20", "2026-01-20T00:00:00Z", true }, { "2026-01-20", "2026-01-20T10:00:00Z", false },
  { "2026-01-20T10:00:00.001Z", "2026-01-20T10:00:00Z", false },
  { { 1, 2 }, { "1", "2" }, true }, { { 1, 2 }, { 2, 1 }, false }, { { a = null }, {}, true }, { { a = 1 }, {}, false },
  { "Ada", "ada", false }, { "Ada", "ada", true, "caseless" }, { " Ada", "Ada ", true, "trimmed" },
  {
    "+44 20 7946", "(44) 207946", true, "digits" }, { "a;b", { "b", "a" }, true, "set" }, { "a;b", "a; c", false, "set",
  },
  { 1768903200000, "2026-01-20T10:00:00Z", true, "date" }, { "1768903200", "2026-01-20T10:00:00Z", true, "date" },
  { "soon", "later", false, "date" }, { null, "", true, "date" },
}, function(t, case)
  t.equal(compare.same(case[1], case[2], case[4]), case[3])
  t.equal(compare.same(case[2], case[1], case[4]), case[3])
end)

test("a record is created, then left alone, then updated where it differs", function(t)
  local desired = { email = "New@example.com", firstname = "New", custom_tier = 7 }
  local created = ensure.record("hubspot.contact", desired)
  t.equal(created.action, "created")
  t.same(created.changed, {})
  t.same(ensure.record("hubspot.contact", desired), { action = "unchanged", id = created.id, changed = {} })
  desired.firstname, desired.custom_tier, desired.jobtitle = "Old", "7", "Analyst"
  t.same(ensure.record("hubspot.contact", desired), {
    action = "updated", id = created.id, changed = { "firstname", "jobtitle" },
  })
  t.equal(contact(created.id).custom_tier, 7)
end)

test("fields that are not given are left alone, null empties", function(t)
  ensure.record("hubspot.contact", { email = "ada.lovelace@example.com", phone = null })
  t.equal(contact("101").phone, nil)
  t.equal(contact("101").jobtitle, "Chief Engineer")
  local again = ensure.record("hubspot.contact", { email = "ada.lovelace@example.com", phone = null })
  t.equal(again.action, "unchanged")
end)

test.each("the apps of the sandbox need no description", {
  { "hubspot.company", { domain = "engines.example.com", city = "Paris" }, "city" },
  { "hubspot.deal", { dealname = "Engine maintenance", amount = 18001 }, "amount" },
  { "salesforce.contact", { Email = "ada.lovelace@example.com", Title = "Countess" }, "Title" },
  { "salesforce.account", { Name = "Harbour Lines", Phone = "+1" }, "Phone" },
  { "salesforce.lead", { Email = "hedy.lamarr@example.com", Status = "Working" }, "Status" },
  { "salesforce.opportunity", { Name = "New cranes", Amount = 7 }, "Amount" },
  { "netsuite.customer", { email = "office@frequency.example.com", isInactive = "true" }, "isInactive" },
  { "netsuite.invoice", { tranId = "INV-701", total = 18000.5 }, "total" },
}, function(t, case)
  local result = ensure.record(case[1], case[2])
  t.equal(result.action, "updated")
  t.same(result.changed, { case[3] })
  t.equal(ensure.record(case[1], case[2]).action, "unchanged")
end)

test("a value with quotes is looked up as it is", function(t)
  local desired = { Name = "O'Hara \\ Sons", Phone = "1" }
  t.equal(ensure.record("salesforce.account", desired).action, "created")
  t.equal(ensure.record("salesforce.account", desired).action, "unchanged")
  t.raises(function()
    ensure.record("netsuite.customer", { email = 'a"b@example.com', companyName = "X" })
  end, { code = "unsearchable_value" })
end)

test("several matches are an error with their ids", function(t)
  for _ = 1, 2 do
    refold.exec("salesforce", "create_contact", nil, { LastName = "Twin", Email = "twin@example.com" })
  end
  local err = t.raises(function()
    ensure.record("salesforce.contact", { Email = "Twin@example.com", Title = "x" })
  end, { code = "several_matches", hint = "merge them in the app, or choose a key that is unique" })
  t.equal(#err.ids, 2)
  t.matches(err.message, "^2 records of salesforce.contact have Email 'twin@example.com': 003.*, 003")
  t.equal(#ensure.absent("salesforce.contact", { Email = "twin@example.com" }, { all = true }).ids, 2)
end)

test("options limit what happens", function(t)
  local ada = { email = "ada.lovelace@example.com", jobtitle = "x", phone = "1" }
  t.same(ensure.record("hubspot.contact", ada, { owned = { "phone" } }).changed, { "phone" })
  t.equal(contact("101").jobtitle, "Chief Engineer")
  t.equal(ensure.record("hubspot.contact", ada, { update = false }).action, "unchanged")
  t.same(ensure.record("hubspot.contact", { email = "no@example.com" }, { create = false }), {
    action = "missing", changed = {},
  })
  t.equal(ensure.record("hubspot.contact", { jobtitle = "y" }, { id = "101" }).id, "101")
  t.equal(contact("101").jobtitle, "y")
  local by_name = { lastname = "Hopper", firstname = "Grace", jobtitle = "z" }
  t.equal(ensure.record("hubspot.contact", by_name, { key = { "lastname", "firstname" } }).id, "102")
  local compared = { email = "grace.hopper@example.com", phone = "12025550102" }
  t.equal(ensure.record("hubspot.contact", compared, { compare = { phone = "digits" } }).action, "unchanged")
end)

test("an empty key is an error", function(t)
  for _, empty in ipairs({ false, null, "" }) do
    t.raises(function()
      ensure.record("hubspot.contact", { email = empty or nil, phone = "1" })
    end, { code = "missing_key", message = "hubspot.contact: the key 'email' is empty" })
  end
end)

test("what is absent stays absent", function(t)
  t.same(ensure.absent("hubspot.contact", { email = "Ada.Lovelace@example.com" }), {
    action = "deleted", id = "101", changed = {},
  })
  local again = ensure.absent("hubspot.contact", { email = "ada.lovelace@example.com" })
  t.same(again, { action = "unchanged", changed = {} })
end)

--- A kind of a list in memory, which notes what is done to it.
local function memory(rows)
  local log = {}
  local kind = {
    name = "memory.thing", app = "memory", key = "name", id = "id",
    find = function(keys)
      local found = {}
      for _, row in ipairs(rows) do
        if row.name == keys.name then
          found[#found + 1] = row
        end
      end
      return found
    end,
    create = function(fields)
      log[#log + 1] = "create " .. fields.name
      rows[#rows + 1] = { id = #rows + 1, name = fields.name, size = fields.size }
      return #rows
    end,
    update = function(id, changes)
      log[#log + 1] = "update " .. id .. " size " .. tostring(changes.size)
      rows[tonumber(id)].size = changes.size
    end,
  }
  return kind, log
end

test("a kind of one's own may hold functions", function(t)
  local kind, log = memory({ { id = 1, name = "a", size = 1 } })
  t.equal(ensure.record(kind, { name = "a", size = 2 }).action, "updated")
  t.equal(ensure.record(kind, { name = "b", size = 2 }).id, "2")
  t.same(log, { "update 1 size 2", "create b" })
  t.raises(function()
    ensure.absent(kind, { name = "a" })
  end, { code = "unsupported", message = "memory.thing: the kind does not say how to delete records" })
end)

test("a record that somebody else creates meanwhile is taken", function(t)
  local kind, log = memory({})
  local create = kind.create
  kind.create = function(fields)
    create({ name = fields.name, size = 9 })
    error({ status = 409, message = "exists" }, 0)
  end
  t.same(ensure.record(kind, { name = "a", size = 1 }), { action = "updated", id = "1", changed = { "size" } })
  t.same(log, { "create a", "update 1 size 1" })
end)

test("a list is worked on, and counted", function(t)
  local list = {
    { email = "ada.lovelace@example.com", jobtitle = "x" }, { email = "one@example.com" },
    { email = "grace.hopper@example.com" },
  }
  local done = ensure.all("hubspot.contact", list, { concurrency = 2 })
  t.same(done.counts, { created = 1, updated = 1, unchanged = 1, missing = 0, failed = 0, skipped = 0 })
  t.equal(done.results[1].id, "101")
  t.equal(ensure.all("hubspot.contact", list).counts.unchanged, 3)
  t.same(ensure.all("hubspot.contact", {}).results, {})
end)

test("duplicates within a list are found before anything is written", function(t)
  local kind, log = memory({})
  local list = { { name = "a", size = 1 }, { name = "b", size = 2 }, { name = "a", size = 3 } }
  t.raises(function()
    ensure.all(kind, list)
  end, {
    code = "duplicate_key", message = "memory.thing: elements 1 and 3 have the same key 'a'", indexes = { 1, 3 },
  })
  t.same(log, {})
  t.same(ensure.all(kind, list, { duplicates = "last" }).counts.skipped, 1)
  t.same(log, { "create b", "create a" })
  t.same(ensure.all(kind, list, { duplicates = "first" }).results[3].action, "skipped")
end)

test("with settle the others go on", function(t)
  local kind = memory({ { id = 1, name = "a" }, { id = 2, name = "a" } })
  local done = ensure.all(kind, { { name = "a" }, { name = "b" }, { size = 1 } }, { settle = true })
  t.equal(done.counts.failed, 2)
  t.equal(done.counts.created, 1)
  t.equal(done.results[1].error.code, "several_matches")
  t.equal(done.results[3].error.code, "missing_key")
  t.raises(function()
    ensure.all(kind, { { name = "a" } })
  end, { code = "several_matches" })
end)

test.each("misuse is told at the caller's line", {
  ["no such kind"] = {
    { "hubspot.contct", {} }, "ensure.record: no kind 'hubspot.contct' (did you mean 'hubspot.contact'?)",
  },
  ["half a kind"] = { { { name = "x", app = "y", key = "k" }, {} }, "ensure.record: kind 'x' needs 'id'" },
  ["a misspelt kind"] = {
    { { name = "x", app = "y", key = "k", id = "id", fnd = 1 }, {} }, "ensure.record: kind 'x': unknown field 'fnd'",
  },
  ["half an action"] = {
    { { name = "x", app = "y", key = "k", id = "id", update = { action = "u" } }, {} },
    "ensure.record: kind 'x': 'update' needs 'id'",
  },
  ["nothing desired"] = { { "hubspot.contact" }, "ensure.record: desired must be a table, but is nil" },
  ["an unknown option"] = { { "hubspot.contact", {}, { ky = "x" } }, "ensure.record: unknown option 'ky'" },
  ["an unknown comparison"] = {
    { "hubspot.contact", {}, { compare = { a = "fuzy" } } }, "ensure.record: unknown comparison 'fuzy' of field 'a'",
  },
}, function(t, case)
  t.matches(tostring(t.raises(function()
    ensure.record(table.unpack(case[1], 1, 3))
  end, case[2])), "ensure_test.lua")
end)
