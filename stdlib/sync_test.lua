local mapping = require("mapping")
local sync = require("sync")
local worlds = require("sync_world_test")

local null <const> = refold.null
local THINGS <const>, new_world <const>, counts <const> = worlds.THINGS, worlds.new, worlds.counts

local CONTACTS <const> = mapping.compile({ fields = {
  email = { to = "Email", case = "lower" }, firstname = "FirstName", lastname = { to = "LastName", default = "?" },
  phone = { to = "Phone", clear = true }, jobtitle = { to = "Title", most = 20 },
} })

-- The sandbox --------------------------------------------------------------------------------------

--- The seconds from the beginning of a test's time until after the seeds were last changed.
local AFTER_SEEDS <const> = 30 * 86400

test("contacts of two apps become alike, and the second run writes nothing", function(t)
  t.advance(AFTER_SEEDS)
  local opts = { mapping = CONTACTS, deletes = "ignore", conflicts = "target" }
  local first = sync.two_way("hubspot.contact", "salesforce.contact", opts)
  t.equal(counts(first), "created 7, updated 3, unchanged 2, skipped 1, conflicts 2")
  t.same(first.writes, { source = 9, target = 1 })
  for _ = 1, 2 do
    local again = sync.two_way("hubspot.contact", "salesforce.contact", opts)
    t.same(again.writes, { source = 0, target = 0 })
    t.equal(again.failed + again.created + again.updated + again.conflicts, 0)
  end
  local full = sync.two_way("hubspot.contact", "salesforce.contact", {
    mapping = CONTACTS, deletes = "ignore", full = true,
  })
  t.same(full.writes, { source = 0, target = 0 })
  t.equal(#t.records("hubspot", "contacts"), 12)
  t.equal(#t.records("salesforce", "contacts"), 13)
end)

test("a change on either side reaches the other", function(t)
  t.advance(AFTER_SEEDS)
  local opts = { mapping = CONTACTS, deletes = "ignore", conflicts = "target" }
  sync.two_way("hubspot.contact", "salesforce.contact", opts)
  refold.exec("hubspot", "update_contact", nil, { contact_id = "101", jobtitle = "Countess" })
  refold.exec("salesforce", "update_contact", nil, { contact_id = "003Dn00000SEED02IAB", Phone = "+1" })
  local result = sync.two_way("hubspot.contact", "salesforce.contact", opts)
  t.same(result.writes, { source = 1, target = 1 })
  local ada = refold.exec("salesforce", "get_contact_by_id", nil, { contact_id = "003Dn00000SEED01IAB" }).data
  t.equal(ada.Title, "Countess")
  local grace = refold.exec("hubspot", "get_contact_by_id", nil, { contact_id = "102" }).data
  t.equal(grace.properties.phone, "+1")
  t.same(sync.two_way("hubspot.contact", "salesforce.contact", opts).writes, { source = 0, target = 0 })
end)

test("deletions are carried over when that was said", function(t)
  local opts = { mapping = CONTACTS, deletes = "delete", conflicts = "source" }
  sync.two_way("hubspot.contact", "salesforce.contact", opts)
  refold.exec("hubspot", "delete_contact", nil, { contact_id = "101" })
  t.equal(sync.two_way("hubspot.contact", "salesforce.contact", opts).deleted, 1)
  local err = t.raises(function()
    refold.exec("salesforce", "get_contact_by_id", nil, { contact_id = "003Dn00000SEED01IAB" })
  end, { status = 404 })
  t.equal(err.app, "salesforce")
  t.same(sync.two_way("hubspot.contact", "salesforce.contact", opts).writes, { source = 0, target = 0 })
end)

-- One way --------------------------------------------------------------------------------------------

test("one way, the source is right", function(t)
  local world = new_world()
  local id = world.a.put({ key = "k1", name = "one", size = "1" })
  world.b.put({ Key = "k2", Name = "other" })
  t.equal(counts(world.sync(nil, "one_way")), "created 1")
  t.same(world.b.log, { "create k1" })
  t.equal(world.b.rows.b2.Size, 1)
  world.b.change("b2", { Name = "changed here" })
  world.a.change(id, { size = "2" })
  t.equal(counts(world.sync(nil, "one_way")), "updated 1")
  t.same(world.b.log, { "update b2 Name,Size" })
  t.same(world.a.log, {})
  t.equal(world.b.rows.b2.Name, "one")
  t.equal(counts(world.sync(nil, "one_way")), "unchanged 1")
end)

test("each pair is counted once, also when all are compared", function(t)
  local world = new_world()
  world.a.put({ key = "k1" })
  world.b.put({ Key = "k2" })
  t.equal(world.sync().read, 2)
  for _, full in ipairs({ false, true }) do
    local result = world.sync({ full = full })
    t.same({ result.read, result.unchanged }, { 2, 2 })
  end
end)

test("one way, what the target alone changed is set back by a full run", function(t)
  local world = new_world()
  world.a.put({ key = "k1", name = "one" })
  world.sync(nil, "one_way")
  world.b.change("b1", { Name = "changed here" })
  t.equal(counts(world.sync(nil, "one_way")), "unchanged 1")
  t.equal(counts(world.sync({ full = true }, "one_way")), "updated 1")
  t.equal(world.b.rows.b1.Name, "one")
end)

-- Merging --------------------------------------------------------------------------------------------

--- A change on each side of a pair that was alike, and what comes of it.
test.each("fields of a pair are merged", {
  ["source changed"] = { { name = "x" }, {}, a = {}, b = { "update b1 Name" } },
  ["target changed"] = { {}, { Name = "y" }, a = { "update a1 name" }, b = {} },
  ["both changed, different fields"] = {
    { name = "x" }, { Size = 5 }, a = { "update a1 size" }, b = { "update b1 Name" },
  },
  ["both changed to the same"] = { { name = "x" }, { Name = "x" }, a = {}, b = {} },
  ["a field was emptied, and empties"] = { { note = null }, {}, a = {}, b = { "update b1 Note" } },
  ["a field was emptied, and is left alone"] = { { name = null }, {}, a = {}, b = {} },
  ["the same number as text"] = { { size = "1" }, {}, a = {}, b = {} },
  ["conflict, the source wins"] = {
    { name = "x" }, { Name = "y" }, a = {}, b = { "update b1 Name" }, opts = { conflicts = "source" }, conflicts = 1,
  },
  ["conflict, the target wins"] = {
    { name = "x" }, { Name = "y" }, a = { "update a1 name" }, b = {}, opts = { conflicts = "target" }, conflicts = 1,
  },
  ["conflict, the newest wins"] = {
    { name = "x" }, { Name = "y" }, a = { "update a1 name" }, b = {}, opts = { conflicts = "newest" }, conflicts = 1,
  },
  ["both changed, the source owns"] = {
    { name = "x" }, { Name = "y" }, a = {}, b = { "update b1 Name" }, opts = { owner = { name = "source" } },
  },
  ["the target changed what the source owns"] = {
    {}, { Name = "y" }, a = {}, b = { "update b1 Name" }, opts = { owner = { name = "source" } },
  },
  ["the source changed what the target owns"] = {
    { name = "x" }, {}, a = { "update a1 name" }, b = {}, opts = { owner = { name = "target" } },
  },
}, function(t, case)
  local world = new_world(case.opts)
  world.a.put({ key = "k", name = "one", size = "1", note = "n" })
  world.sync()
  world.a.change("a1", case[1])
  world.b.change("b1", case[2])
  local result = world.sync()
  t.same(world.a.log, case.a)
  t.same(world.b.log, case.b)
  t.equal(result.conflicts, case.conflicts or 0)
  for _ = 1, 2 do
    t.same(world.sync().writes, { source = 0, target = 0 })
  end
end)

test("a conflict that nobody settles fails the record, and the others go on", function(t)
  local world = new_world()
  world.a.put({ key = "k1", name = "one" })
  world.a.put({ key = "k2", name = "two" })
  world.sync()
  world.a.change("a1", { name = "x" })
  world.b.change("b1", { Name = "y" })
  world.a.change("a2", { name = "z" })
  local err = t.raises(world.sync, {
    code = "sync_incomplete",
    message = "a.thing>b.thing: 2 of 3 records failed; the first, a.thing a1: "
      .. "a.thing a1 and b.thing b1: both sides changed 'name'",
  })
  t.equal(err.result.updated, 1)
  t.same(world.b.log, { "update b2 Name" })
  t.equal(err.errors[1].code, "conflict")
  -- It is not forgotten: the next run finds it again, and settles it.
  t.equal(world.sync({ conflicts = "source" }).conflicts, 1)
  t.equal(world.b.rows.b1.Name, "x")
end)

test("records that meet for the first time fill each other's gaps", function(t)
  local world = new_world()
  world.a.put({ key = "k", name = "one" })
  world.b.put({ Key = "k", Size = 7 })
  t.equal(counts(world.sync()), "updated 1")
  t.same(world.a.log, { "update a1 size" })
  t.same(world.b.log, { "update b1 Name" })
end)

test.each("creation is limited to a side", {
  { "both", a = { "create k2" }, b = { "create k1" } }, { "source", a = { "create k2" }, b = {} },
  { "target", a = {}, b = { "create k1" } }, { "none", a = {}, b = {} },
}, function(t, case)
  local world = new_world({ creates = case[1] })
  world.a.put({ key = "k1" })
  world.b.put({ Key = "k2" })
  world.sync()
  t.same(world.a.log, case.a)
  t.same(world.b.log, case.b)
end)

test("a record without a key is skipped, and told", function(t)
  local world = new_world()
  world.a.put({ name = "nameless" })
  local told = {}
  local result = world.sync({ each = function(entry)
    told[#told + 1] = entry
  end })
  t.equal(counts(result), "skipped 1")
  t.same(told, { { action = "skipped", side = "source", id = "a1", reason = "'Key' is empty" } })
end)

test.each("records that cannot be told apart fail", {
  ["two with one key on the source"] = {
    { { key = "k" }, { key = "k" } }, {}, "a.thing a1 and a2 both belong to b.thing b1", concurrency = 1,
  },
  ["two with one key, worked on at once"] = {
    { { key = "k" }, { key = "k" } }, {}, "a.thing a%d and a%d", concurrency = 2,
  },
  ["two with one key on the target"] = {
    { { key = "k" } }, { { Key = "k" }, { Key = "k" } }, "2 records of b.thing have the key 'k'", concurrency = 1,
  },
}, function(t, case)
  local world = new_world({ concurrency = case.concurrency })
  for _, row in ipairs(case[1]) do
    world.a.put(row)
  end
  for _, row in ipairs(case[2]) do
    world.b.put(row)
  end
  local err = t.raises(world.sync, { code = "sync_incomplete" })
  t.matches(err.errors[1].message, "^" .. case[3])
end)

test.each("misuse is told at the caller's line", {
  ["no mapping"] = { { deletes = "ignore" }, "sync.two_way: 'mapping' must be what mapping.compile gave" },
  ["no delete policy"] = {
    { mapping = THINGS },
    "sync.two_way: say what becomes of deleted records: deletes = 'ignore', 'archive' or 'delete'",
  },
  ["an unknown policy"] = {
    { mapping = THINGS, deletes = "remove" },
    "sync.two_way: unknown deletes 'remove' (use 'ignore', 'archive' or 'delete')",
  },
  ["archive without fields"] = {
    { mapping = THINGS, deletes = "archive" }, "sync.two_way: deletes = 'archive' needs the fields to write",
  },
  ["an owner of nothing"] = {
    { mapping = THINGS, deletes = "ignore", owner = { nmae = "source" } },
    "sync.two_way: the owner of 'nmae', which is no field of the mapping (use 'key', 'name', 'note' or 'size')",
  },
  ["an unknown owner"] = {
    { mapping = THINGS, deletes = "ignore", owner = { name = "left" } },
    "sync.two_way: the owner of 'name' is 'left' (use 'source', 'target' or 'both')",
  },
  ["an unknown option"] = { { mapping = THINGS, delets = "ignore" }, "sync.two_way: unknown option 'delets'" },
}, function(t, case)
  t.matches(tostring(t.raises(function()
    sync.two_way("hubspot.contact", "salesforce.contact", case[1])
  end, case[2])), "sync_test.lua")
end)

test("a kind that is not there is told at the caller's line", function(t)
  t.matches(tostring(t.raises(function()
    sync.one_way("hubspot.contact", "salesforce.contacts", { mapping = THINGS, deletes = "ignore" })
  end, "sync.one_way: no kind 'salesforce.contacts' (did you mean 'salesforce.contact'?)")), "sync_test.lua")
end)
