--- Two apps in memory, and a store for what a sync of theirs remembers: for the tests of `sync`.
local mapping = require("mapping")
local sync = require("sync")

local M = {}

local null <const> = refold.null

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

--- Returns a time after all before.
function M.now()
  clock = clock + 1
  return ("2026-01-01T%02d:%02d:%02dZ"):format(clock // 3600, clock // 60 % 60, clock % 60)
end

--- Returns a copy of a row.
function M.copy(row)
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
        batch[#batch + 1] = M.copy(app.rows[ids[index]])
      end
      at = at + app.page
      return #batch > 0 and batch or nil
    end
  end
  function app.put(fields)
    app.count = app.count + 1
    local id = name .. app.count
    app.rows[id] = M.copy(fields)
    app.rows[id].id, app.rows[id].modified = id, M.now()
    return id
  end
  function app.change(id, fields)
    for field, value in pairs(fields) do
      app.rows[id][field] = value ~= null and value or nil
    end
    app.rows[id].modified = M.now()
  end
  app.kind = {
    name = name .. ".thing", app = name, key = key, id = "id", modified = "modified",
    list = list, changes = list,
    get = function(id)
      return app.rows[id] and M.copy(app.rows[id])
    end,
    find = function(keys)
      local found = {}
      for _, row in pairs(app.rows) do
        found[#found + 1] = row[key] == keys[key] and M.copy(row) or nil
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

M.THINGS = mapping.compile({ fields = {
  key = { to = "Key" }, name = { to = "Name" }, size = { to = "Size", as = "integer", from_as = "text" },
  note = { to = "Note", clear = true },
} })

--- Two empty apps, and a function that syncs them both ways.
function M.new(more)
  local world = { a = new_app("a", "key"), b = new_app("b", "Key"), store = memory_store() }
  function world.sync(extra, direction)
    local opts = { mapping = M.THINGS, deletes = "ignore", store = world.store, concurrency = 1, overlap = 0 }
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

--- Returns the counts that are not 0: `created 1, updated 2`.
function M.counts(result)
  local list = {}
  for _, name in ipairs({ "created", "updated", "unchanged", "deleted", "skipped", "conflicts", "failed" }) do
    if result[name] > 0 then
      list[#list + 1] = name .. " " .. result[name]
    end
  end
  return table.concat(list, ", ")
end

test("an app in memory lists what changed", function(t)
  local world = M.new()
  world.a.put({ key = "one" })
  local since = M.now()
  world.a.put({ key = "two" })
  world.a.put({ key = "three" })
  local listed = world.a.kind.list(since)
  t.equal(#listed(), 2)
  t.equal(listed(), nil)
end)

return M
