--- What a sync remembers between its runs: which records belong together, and how they were left. For `sync`.
---
--- A pair is `{ source, target, source_hashes, target_hashes, … }`. Of field values only hashes are kept. Keys are
--- `NAME/source/ID` for pairs, `NAME/target/ID` for the way back, `NAME/cursor` and `NAME/stall`.
local paths = require("refold_paths")

local M = {}

local byte <const> = string.byte

--- Returns a hash of text: FNV-1a with 64 bits, as 16 digits.
---
---@param text string
---@return string
function M.hash(text)
  local hash = 0xcbf29ce484222325
  for index = 1, #text do
    hash = (hash ~ byte(text, index)) * 0x100000001b3
  end
  return ("%016x"):format(hash)
end

--- Writes a value so that equal ones are equal text: keys sorted, whole numbers without a point.
local function canonical(value)
  if value == nil or value == refold.null or value == "" then
    return ""
  elseif type(value) == "number" then
    local whole = math.tointeger(value)
    return whole and ("%d"):format(whole) or ("%.17g"):format(value)
  elseif type(value) ~= "table" then
    return tostring(value)
  end
  local names, parts = {}, {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names, function(one, other)
    return tostring(one) < tostring(other)
  end)
  for index, name in ipairs(names) do
    parts[index] = tostring(name) .. "\1" .. canonical(value[name])
  end
  return "\2" .. table.concat(parts, "\3") .. "\4"
end

--- Returns a hash of any value that JSON can say; equal values have equal ones.
---
---@param value any
---@return string
function M.hash_of(value)
  return M.hash(canonical(value))
end

--- Returns the hashes of what a record holds, by the names of the fields of the mapping.
---
---@param list { name: string, from: string[], to: string[] }[]
---@param side "source"|"target"
---@param fields table
---@return table<string, string>
function M.hashes(list, side, fields)
  local hashes = {}
  for _, field in ipairs(list) do
    local parts = {}
    for index, path in ipairs(side == "source" and field.from or field.to) do
      parts[index] = canonical(paths.get(fields, path))
    end
    hashes[field.name] = M.hash(table.concat(parts, "\0"))
  end
  return hashes
end

--- Whether two tables of hashes are the same.
function M.is_same(one, other)
  for name, hash in pairs(one) do
    if other[name] ~= hash then
      return false
    end
  end
  for name in pairs(other) do
    if one[name] == nil then
      return false
    end
  end
  return true
end

--- Returns the state of a sync.
---
---@param store table `refold.store`, or what works like it.
---@param name string
---@return table
function M.open(store, name)
  local state = {}

  --- Returns the pair that a record belongs to.
  function state.pair(side, id)
    if side == "target" then
      id = store.get(name .. "/target/" .. id)
    end
    return id and store.get(name .. "/source/" .. id)
  end

  --- Keeps a pair. The way back comes first: after a crash in between it leads nowhere, and is written again.
  function state.save(pair, is_new)
    if is_new then
      store.set(name .. "/target/" .. pair.target, pair.source)
    end
    store.set(name .. "/source/" .. pair.source, pair)
  end

  function state.forget(pair)
    store.delete(name .. "/source/" .. pair.source)
    store.delete(name .. "/target/" .. pair.target)
  end

  --- Returns all pairs, as they are now.
  function state.pairs()
    local list = {}
    for _, pair in store.each(name .. "/source/") do
      list[#list + 1] = pair
    end
    return list
  end

  function state.get(key)
    return store.get(name .. "/" .. key)
  end

  function state.set(key, value)
    store.set(name .. "/" .. key, value)
  end

  return state
end

return M
