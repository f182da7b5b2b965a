local mapping = require("mapping")
local states = require("sync_state")
local sync = require("sync")

local null <const> = refold.null

local CONTACTS <const> = mapping.compile({ fields = {
  email = { to = "Email", case = "lower" }, firstname = "FirstName", lastname = { to = "LastName", default = "?" },
  phone = { to = "Phone", clear = true }, jobtitle = { to = "Title", most = 20 },
} })

-- Two apps in memory, with a clock that moves at each change -------------------------------------------

--- A store in memory, which can be told to fail.
local function memory_store()
  local json = require("json")
  local data, store = {}, { writes = 0 }
  function store.get(key)
    return data[key] and json.decode(data[key])
  end
  function store.set(key, value)
    store.writes = store.writes + 1
    if store.fails_at == store.writes then
      error("the power went out", 0)
    end
    data[key] = value ~= nil and json.encode(value) or nil
  end
  function store.delete(key)
    data[key] = nil
  end
  function store.each(prefix)
    local keys, index = {}, 0
    for key in pairs(data) do
      keys[#keys + 1] = key:sub(1, #prefix) == prefix and key or nil
    end
    table.sort(keys)
    return function()
      index = index + 1
      if keys[index] then
        return keys[index], store.get(keys[index])
      end
    end
  end
  return store
end

local clock = 0
local function now()
  clock = clock + 1
  return ("2026-01-01T%02d:%02d:%02dZ"):format(clock // 3600, clock // 60 % 60, clock % 60)
end

local function copy(row)
  local result = {}
  for name, value in pairs(row) do
    result[name] = value
  end
  return result
end

--- An app in memory with one kind of records; `app.rows` holds them by id, `app.log` what was done.
local function new_app(name, key)
  local app = { rows = {}, log = {}, count = 0, page = 2 }
  local function list(since)
    local ids = {}
    for id, row in pairs(app.rows) do
      if not since or row.modified >= since then
        ids[#ids + 1] = id
      end
    end
    table.sort(ids)
    local at = 0
    return function()
      local batch = {}
      for index = at + 1, math.min(at + app.page, #ids) do
        batch[#batch + 1] = copy(app.rows[ids[index]])
      end
      at = at + app.page
      return #batch > 0 and batch or nil
    end
  end
  function app.put(fields)
    app.count = app.count + 1
    local id = name .. app.count
    app.rows[id] = copy(fields)
    app.rows[id].id, app.rows[id].modified = id, now()
    return id
  end
  function app.change(id, fields)
    for field, value in pairs(fields) do
      app.rows[id][field] = value ~= null and value or nil
    end
    app.rows[id].modified = now()
  end
  app.kind = {
    name = name .. ".thing", app = name, key = key, id = "id", modified = "modified",
    list = list, changes = list,
    get = function(id)
      return app.rows[id] and copy(app.rows[id])
    end,
    find = function(keys)
      local found = {}
      for _, row in pairs(app.rows) do
        found[#found + 1] = row[key] == keys[key] and copy(row) or nil
      end
      return found
    end,
    create = function(fields)
      app.log[#app.log + 1] = "create " .. tostring(fields[key])
      return app.put(fields)
    end,
    update = function(id, changes)
      local names = {}
      for field in pairs(changes) do
        names[#names + 1] = field
      end
      table.sort(names)
      app.log[#app.log + 1] = "update " .. id .. " " .. table.concat(names, ",")
      if app.fails_on == id then
        error({ code = "refused", message = "no" }, 0)
      end
      app.change(id, app.normal and app.normal(changes) or changes)
    end,
    delete = function(id)
      app.log[#app.log + 1] = "delete " .. id
      app.rows[id] = nil
    end,
  }
  return app
end

local THINGS <const> = mapping.compile({ fields = {
  key = { to = "Key" }, name = { to = "Name" }, size = { to = "Size", as = "integer", from_as = "text" },
  note = { to = "Note", clear = true },
} })

--- Two empty apps, and a function that syncs them both ways.
local function new_world(more)
  local world = { a = new_app("a", "key"), b = new_app("b", "Key"), store = memory_store() }
  function world.sync(extra, direction)
    local opts = { mapping = THINGS, deletes = "ignore", store = world.store, concurrency = 1, overlap = 0 }
    for _, list in ipairs({ more or {}, extra or {} }) do
      for name, value in pairs(list) do
        opts[name] = value
      end
    end
    world.a.log, world.b.log = {}, {}
    return sync[direction or "two_way"](world.a.kind, world.b.kind, opts)
  end
  return world
end

local function counts(result)
  local list = {}
  for _, name in ipairs({ "created", "updated", "unchanged", "deleted", "skipped", "conflicts", "failed" }) do
    if result[name] > 0 then
      list[#list + 1] = name .. " " .. result[name]
    end
  end
  return table.concat(list, ", ")
end

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

-- Deletions ------------------------------------------------------------------------------------------

test.each("the delete policy decides", {
  ["ignore"] = { { deletes = "ignore" }, log = {}, rows = 1 },
  ["delete"] = { { deletes = "delete" }, log = { "delete b1" }, rows = 0 },
  ["archive"] = {
    { deletes = "archive", archive = { Status = "gone" } }, log = { "update b1 Status" }, rows = 1,
  },
}, function(t, case)
  for _, direction in ipairs({ "one_way", "two_way" }) do
    local world = new_world(case[1])
    world.a.put({ key = "k" })
    world.sync(nil, direction)
    world.a.rows.a1 = nil
    world.sync(nil, direction)
    t.same(world.b.log, case.log)
    local left = 0
    for _ in pairs(world.b.rows) do
      left = left + 1
    end
    t.equal(left, case.rows)
  end
end)

test("a deletion on the target reaches the source both ways, and is made good one way", function(t)
  local world = new_world({ deletes = "delete" })
  world.a.put({ key = "k" })
  world.sync()
  world.b.rows.b1 = nil
  t.equal(world.sync().deleted, 1)
  t.same(world.a.rows, {})
end)

test("many deletions at once are refused", function(t)
  local world = new_world({ deletes = "delete", max_deletes = 2 })
  for index = 1, 3 do
    world.a.put({ key = "k" .. index })
  end
  world.sync()
  world.a.rows = {}
  t.raises(world.sync, {
    code = "too_many_deletes", message = "a.thing>b.thing: 3 records are gone, more than 2",
    hint = "see that nothing was lost by mistake; then pass max_deletes = 3", count = 3,
  })
  t.same(world.b.log, {})
  t.equal(world.sync({ max_deletes = 3 }).deleted, 3)
end)

test.each("a record that was changed while its counterpart was deleted", {
  ["is a conflict"] = { "error", rows = 1, fails = true },
  ["goes, when the side that deleted wins"] = { "source", rows = 0 },
  ["stays, and comes back, when its side wins"] = { "target", rows = 1, back = true },
}, function(t, case)
  local world = new_world({ deletes = "delete", conflicts = case[1] })
  world.a.put({ key = "k", name = "one" })
  world.sync()
  world.a.rows.a1 = nil
  world.b.change("b1", { Name = "kept" })
  if case.fails then
    local err = t.raises(world.sync, { code = "sync_incomplete" })
    t.equal(err.errors[1].message, "a.thing a1 was deleted, but b.thing b1 was changed")
  else
    world.sync()
    world.sync()
  end
  t.equal(world.b.rows.b1 and 1 or 0, case.rows)
  t.equal(world.a.rows.a2 ~= nil, case.back or false)
end)

-- Failures -------------------------------------------------------------------------------------------

test("the cursor moves only after a run in which nothing failed", function(t)
  local world = new_world()
  world.a.put({ key = "k1", name = "one" })
  world.a.put({ key = "k2", name = "two" })
  world.sync()
  local cursor = world.store.get("a.thing>b.thing/cursor")
  world.a.change("a1", { name = "x" })
  world.a.change("a2", { name = "y" })
  world.b.fails_on = "b1"
  t.raises(world.sync, { code = "sync_incomplete" })
  t.same(world.store.get("a.thing>b.thing/cursor"), cursor)
  world.b.fails_on = nil
  world.sync()
  -- The one that had succeeded was not written again.
  t.same(world.b.log, { "update b1 Name" })
  t.equal(world.b.rows.b1.Name, "x")
  t.equal(world.store.get("a.thing>b.thing/cursor").source, world.a.rows.a2.modified)
end)

test("with settle, a run with failures returns what happened", function(t)
  local world = new_world({ settle = true })
  world.a.put({ key = "k1", size = "many" })
  world.a.put({ key = "k2", size = "2" })
  local result = world.sync()
  t.equal(counts(result), "created 1, failed 1")
  t.same(result.errors, {
    { side = "source", id = "a1", code = "mapping_failed", message = "mapping: size: 'many' is no whole number" },
  })
end)

test("a run that was killed goes on where it was", function(t)
  -- Whatever write of its state is the last one, the next run ends with the same records, each created once.
  for stop = 1, 9 do
    local world = new_world()
    for index = 1, 4 do
      world.a.put({ key = "k" .. index, name = "n" .. index })
    end
    world.store.fails_at = stop
    t.raises(world.sync, "the power went out")
    world.store.fails_at = nil
    world.sync()
    t.equal(world.b.count, 4)
    t.same(world.sync().writes, { source = 0, target = 0 })
  end
end)

test("the same failures again and again are a stall", function(t)
  local world = new_world({ stall_after = 3, settle = true })
  world.a.put({ key = "k1", size = "many" })
  world.sync()
  world.sync()
  t.raises(world.sync, {
    code = "stalled",
    message = "a.thing>b.thing: 1 of 1 records failed, the same in 3 runs; the first, a.thing a1: "
      .. "mapping: size: 'many' is no whole number",
  })
  world.a.change("a1", { size = "1" })
  t.equal(counts(world.sync()), "created 1")
  t.equal(world.store.get("a.thing>b.thing/stall"), nil)
end)

test("a value that the app never keeps is a stall", function(t)
  local world = new_world()
  world.b.normal = function(changes)
    local kept = copy(changes)
    kept.Name = "always"
    return kept
  end
  world.a.put({ key = "k1", name = "one" })
  world.b.put({ Key = "k1", Name = "always" })
  local opts = { owner = { name = "source" }, full = true }
  local message
  for _ = 1, 6 do
    local ok, err = pcall(world.sync, opts)
    message = message or (not ok and err.errors[1])
  end
  t.equal(message.code, "stalled")
  t.matches(message.message, "^b.thing b1: 'Name' was written %d times, and is not kept$")
end)

test("an app that is down ends the run", function(t)
  local world = new_world({ settle = true })
  for index = 1, 9 do
    world.a.put({ key = "k" .. index })
  end
  local calls = 0
  world.b.kind.find = function()
    calls = calls + 1
    error({ kind = "transient", code = "unreachable", message = "no answer" }, 0)
  end
  t.raises(world.sync, { kind = "transient", code = "unreachable" })
  t.equal(calls, 5)
end)

test("a record that changes while its page is worked on is read again", function(t)
  local world = new_world()
  world.a.put({ key = "k1", name = "one" })
  world.sync()
  world.b.change("b1", { Name = "y", Size = 3 })
  world.a.change("a1", { size = "1" })
  -- The size changes on the source after its page came: by then it is no longer empty.
  local get = world.a.kind.get
  world.a.kind.get = function(id)
    if world.a.rows[id].name == "one" then
      world.a.rows[id].name = "changed meanwhile"
      world.a.rows[id].modified = now()
    end
    return get(id)
  end
  local err = t.raises(world.sync, { code = "sync_incomplete" })
  t.matches(err.errors[1].message, "both sides changed 'name', 'size'$")
  t.equal(world.a.rows.a1.name, "changed meanwhile")
end)

test("only hashes of values are kept", function(t)
  local world = new_world()
  world.a.put({ key = "secret-key", name = "secret name" })
  world.sync()
  for key, value in world.store.each("") do
    t.equal((key .. require("json").encode(value)):find("secret", 1, true), nil)
  end
  t.equal(states.hash(""), "cbf29ce484222325")
  t.equal(states.hash("a"), "af63dc4c8601ec8c")
  t.equal(states.hash_of({ b = 1.0, a = null }), states.hash_of({ a = "", b = 1 }))
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
