-- What becomes of deletions and failures.
local states = require("sync_state")
local worlds = require("sync_world_test")

local null <const> = refold.null
local new_world <const>, counts <const> = worlds.new, worlds.counts

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
    local kept = worlds.copy(changes)
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
      world.a.rows[id].modified = worlds.now()
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
