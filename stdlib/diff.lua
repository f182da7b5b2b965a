--- What differs between two values, with the paths: `local diff = require "diff"`.
---
--- Tables are compared by what is in them, numbers as numbers (1 is 1.0), and nil differs from `refold.null`. In lists,
--- what is the same at both ends is set aside first, so that one element added in front is one change; elements may
--- also be found by a key. Views of JSON count as what they show.
local inspect = require("inspect")
local json = require("json")
local kit = require("refold_kit")

local M = {}

local OPTIONS <const> = kit.declare({ "ignore:table", "key:string" })

local function plain(value)
  if type(value) == "userdata" and value ~= refold.null then
    return json.copy(value)
  end
  return value
end

local function is_list(value)
  return getmetatable(value) == kit.array_mark or value[1] ~= nil
end

--- Whether two values are the same throughout. `within` holds the tables that are being compared, for cycles.
local function same(one, other, within)
  if one == other then
    return true
  elseif type(one) ~= "table" or type(other) ~= "table" then
    return one ~= one and other ~= other
  elseif within[one] == other then
    return true
  end
  within[one] = other
  for key, value in pairs(one) do
    if not same(value, other[key], within) then
      within[one] = nil
      return false
    end
  end
  for key in pairs(other) do
    if one[key] == nil then
      within[one] = nil
      return false
    end
  end
  within[one] = nil
  return true
end

--- Whether two values are the same throughout.
---
---@param one any
---@param other any
---@return boolean
function M.same(one, other)
  return same(plain(one), plain(other), {})
end

--- Takes the numbers of lists out of a path: `$.lines[3].qty` becomes `$.lines[*].qty`.
local function general(path)
  return (path:gsub("%[%d+%]", "[*]"))
end

local function add(state, kind, path, before, after)
  if not state.ignored[path] and not (state.ignored_any and state.ignored[general(path)]) then
    state.changes[#state.changes + 1] = { kind = kind, path = path, before = before, after = after }
  end
end

local compare

local function compare_tables(state, path, before, after)
  local keys = {}
  for key in pairs(before) do
    keys[#keys + 1] = key
  end
  for key in pairs(after) do
    if before[key] == nil then
      keys[#keys + 1] = key
    end
  end
  table.sort(keys, kit.before)
  for _, key in ipairs(keys) do
    compare(state, kit.path(path, key), before[key], after[key])
  end
end

--- Returns the elements by the text of their key; nil when one has none, or two have the same.
local function by_key(list, key)
  local found = {}
  for index, element in ipairs(list) do
    local value = type(element) == "table" and element[key]
    if not value or value == refold.null or found[tostring(value)] then
      return nil
    end
    found[tostring(value)] = index
  end
  return found
end

--- Compares lists whose elements have a key; returns false when they do not.
local function compare_by_key(state, path, before, after)
  local key = state.key
  local first, second = key and by_key(before, key), key and by_key(after, key)
  if not first or not second then
    return false
  end
  for index, element in ipairs(before) do
    local value = tostring(element[key])
    local shown = ("%s[%s=%s]"):format(path, key, value)
    compare(state, shown, before[index], after[second[value]])
  end
  for index, element in ipairs(after) do
    local value = tostring(element[key])
    if not first[value] then
      compare(state, ("%s[%s=%s]"):format(path, key, value), nil, after[index])
    end
  end
  return true
end

--- Compares what is left of two lists when the same elements at both ends are set aside, one by one.
local function compare_lists(state, path, before, after)
  if compare_by_key(state, path, before, after) then
    return
  end
  local first, last, last_after = 1, #before, #after
  while first <= last and first <= last_after and same(before[first], after[first], {}) do
    first = first + 1
  end
  while last >= first and last_after >= first and same(before[last], after[last_after], {}) do
    last, last_after = last - 1, last_after - 1
  end
  for index = first, math.max(last, last_after) do
    local one, other
    if index <= last then
      one = before[index]
    end
    if index <= last_after then
      other = after[index]
    end
    compare(state, kit.path(path, index), one, other)
  end
end

function compare(state, path, before, after)
  if type(before) == "table" and type(after) == "table" then
    if state.within[before] == after then
      return
    end
    state.within[before] = after
    local lists = is_list(before) or is_list(after)
    local both = (is_list(before) or next(before) == nil) and (is_list(after) or next(after) == nil)
    if lists and both then
      compare_lists(state, path, before, after)
    elseif lists then
      add(state, "changed", path, before, after)
    else
      compare_tables(state, path, before, after)
    end
    state.within[before] = nil
  elseif not same(before, after, {}) then
    add(state, before == nil and "added" or after == nil and "removed" or "changed", path, before, after)
  end
end

--- Returns what differs, in the order of the paths; an empty list when nothing does.
---
---@param before any
---@param after any
---@param opts? { ignore?: string[], key?: string } `ignore`: paths that do not count, with `[*]` for each element:
--- `$.lines[*].updated`. `key`: the field by which elements of lists belong together, when all have it; their paths are
--- `$.lines[id=7]`.
---@return { kind: "added"|"removed"|"changed", path: string, before: any, after: any }[]
function M.compare(before, after, opts)
  opts = kit.options("diff.compare", opts, OPTIONS)
  local state = { changes = refold.array({}), ignored = {}, within = {}, key = opts.key }
  for index, path in ipairs(opts.ignore or {}) do
    if type(path) ~= "string" or path:sub(1, 1) ~= "$" then
      error(("diff.compare: path %d to ignore must begin with '$', but is %s"):format(index, inspect(path)), 2)
    end
    state.ignored[path] = true
    state.ignored_any = state.ignored_any or path:find("[*]", 1, true) ~= nil
  end
  compare(state, "$", plain(before), plain(after))
  return state.changes
end

local SIGNS <const> = { added = "+", removed = "-", changed = "~" }

--- Returns changes as text, a line each: `~ $.qty: 1 -> 2`, `+ $.note: "new"`, `- $.phone: "1"`; "" for none.
---
---@param changes { kind: string, path: string, before: any, after: any }[] What `compare` gave.
---@return string
function M.text(changes)
  kit.expect_list("diff.text", "argument 1", changes)
  local lines = {}
  for index, change in ipairs(changes) do
    local brief = { width = 1000, depth = 4, items = 20, text = 200 }
    local before, after = inspect(change.before, brief), inspect(change.after, brief)
    local shown = change.kind == "added" and after or change.kind == "removed" and before or before .. " -> " .. after
    lines[index] = ("%s %s: %s"):format(SIGNS[change.kind], change.path, shown)
  end
  return table.concat(lines, "\n")
end

return M
