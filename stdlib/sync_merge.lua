--- Decides, field by field, what of two records has to be written where. For `sync`.
local compare = require("ensure_compare")
local dates = require("refold_dates")
local paths = require("refold_paths")

local M = {}

local function is_empty(value)
  return value == nil or value == refold.null or value == ""
end

--- Whether all paths of a list hold the same in two records.
local function agree(one, other, list, modes)
  for _, path in ipairs(list) do
    if not compare.same(paths.get(one, path), paths.get(other, path), (modes or {})[path]) then
      return false
    end
  end
  return true
end

local function all_empty(fields, list)
  for _, path in ipairs(list) do
    if not is_empty(paths.get(fields, path)) then
      return false
    end
  end
  return true
end

--- Copies what a mapped record holds at these paths; a path that it lacks is left alone.
local function take(patch, mapped, list)
  for _, path in ipairs(list) do
    local value = paths.get(mapped, path)
    if value ~= nil then
      paths.set(patch, path, value)
    end
  end
end

--- Returns the side that was changed last, nil when nobody can tell.
local function newest(merge)
  local source, target = dates.read(merge.source_modified), dates.read(merge.target_modified)
  if not source or not target or source == target then
    return nil
  end
  return source > target and "source" or "target"
end

local function resolve(merge, field)
  local winner = merge.conflicts
  if winner == "newest" then
    winner = newest(merge)
  end
  merge.conflict_fields[#merge.conflict_fields + 1] = field.name
  if winner ~= "source" and winner ~= "target" then
    merge.is_unresolved = true
    return nil
  end
  return winner
end

--- Returns whose value counts where both sides may write: the side that changed.
local function by_change(merge, field)
  local before = merge.pair
  if not before then
    -- They meet for the first time: what is empty takes from what is not.
    if all_empty(merge.source, field.from) then
      return "target"
    elseif all_empty(merge.target, field.to) then
      return "source"
    end
    return resolve(merge, field)
  end
  local source_changed = merge.source_hashes[field.name] ~= before.source_hashes[field.name]
  local target_changed = merge.target_hashes[field.name] ~= before.target_hashes[field.name]
  if source_changed and target_changed then
    return resolve(merge, field)
  end
  return (source_changed and "source") or (target_changed and "target") or nil
end

--- Returns the side whose value counts for a field in which the records differ; nil leaves both alone.
local function winner_of(merge, field)
  local owner = merge.owner[field.name] or "both"
  if not merge.is_two_way or field.direction == "forward" or owner == "source" then
    return field.direction ~= "backward" and "source" or nil
  elseif field.direction == "backward" or owner == "target" then
    return "target"
  end
  return by_change(merge, field)
end

local function differs(merge, field)
  if field.direction == "backward" then
    return merge.is_two_way and not agree(merge.backward(), merge.source, field.from, merge.source_modes)
  end
  return not agree(merge.forward, merge.target, field.to, merge.target_modes)
end

--- Returns what has to be written to each side, as tables of fields; empty ones when nothing has to be.
---
---@param merge table `{ fields, source, target, forward, backward, pair?, owner, conflicts, … }`
---@return table source_patch
---@return table target_patch
function M.patches(merge)
  local source_patch, target_patch = {}, {}
  merge.conflict_fields = {}
  for _, field in ipairs(merge.fields) do
    if differs(merge, field) then
      local winner = winner_of(merge, field)
      if winner == "source" then
        take(target_patch, merge.forward, field.to)
      elseif winner == "target" then
        take(source_patch, merge.backward(), field.from)
      end
    end
  end
  return source_patch, target_patch
end

--- Returns fields with a patch laid over them.
function M.patched(fields, patch)
  local result = {}
  for name, value in pairs(fields) do
    result[name] = value
  end
  for name, value in pairs(patch) do
    if type(value) == "table" and type(result[name]) == "table" and #value == 0 then
      value = M.patched(result[name], value)
    end
    result[name] = value
  end
  return result
end

return M
