--- Whether two values of a field mean the same to an app. For `ensure` and `sync`.
local dates = require("refold_dates")
local kit = require("refold_kit")

local M = {}

--- The ways in which fields are compared; `ensure.record` describes them.
M.MODES = { "exact", "caseless", "trimmed", "digits", "set", "date" }

local same

local function is_empty(value)
  return value == nil or value == refold.null or value == ""
end

--- Whether text is the number: `"42"`, `"42.0"` and 42. Text such as `0x2a` or `007` is none.
local function is_number(text, number)
  return text:find("^%-?%d+%.?%d*$") and not text:find("^%-?0%d") and tonumber(text) == number
end

local function is_boolean(text, value)
  return text:lower() == tostring(value)
end

--- Whether two texts are the same moment; a date is its midnight in UTC.
local function is_same_time(one, other)
  local seconds, thousandths = dates.read(one)
  if not seconds then
    return false
  end
  local other_seconds, other_thousandths = dates.read(other)
  return seconds == other_seconds and thousandths == other_thousandths
end

local function is_same_table(one, other)
  for key, value in pairs(one) do
    if not same(value, other[key]) then
      return false
    end
  end
  for key, value in pairs(other) do
    if one[key] == nil and not is_empty(value) then
      return false
    end
  end
  return true
end

local function is_same_text(one, other)
  return one == other or is_same_time(one, other)
end

--- Compares as the API may write it: texts for numbers, booleans and moments, nothing for null and empty text.
function same(one, other)
  if one == other then
    return true
  elseif is_empty(one) or is_empty(other) then
    return is_empty(one) and is_empty(other)
  end
  local kind, other_kind = type(one), type(other)
  if kind == "string" and other_kind == "string" then
    return is_same_text(one, other)
  elseif kind == "string" and other_kind ~= "table" then
    return same(other, one)
  elseif other_kind == "string" then
    return (kind == "number" and is_number(other, one)) or (kind == "boolean" and is_boolean(other, one)) or false
  elseif kind == "table" and other_kind == "table" then
    return is_same_table(one, other)
  end
  return false
end

local function as_text(value)
  return is_empty(value) and "" or tostring(value)
end

--- Returns the elements of a list, or of text between `;` and `,`, as keys.
local function elements(value)
  local set = {}
  if type(value) == "table" then
    for _, element in ipairs(value) do
      set[as_text(element)] = true
    end
  else
    for element in as_text(value):gmatch("[^;,]+") do
      set[element:match("^%s*(.-)%s*$")] = true
    end
  end
  return set
end

local function as_seconds(value)
  local number = math.tointeger(tonumber(value))
  if number then
    -- Thousandths since 1970 passed this number in 1973, seconds will in 5138.
    return math.abs(number) > 100000000000 and number // 1000 or number
  end
  return (dates.read(value))
end

local MODES <const> = {
  exact = same,
  caseless = function(one, other)
    return as_text(one):lower() == as_text(other):lower()
  end,
  trimmed = function(one, other)
    return as_text(one):match("^%s*(.-)%s*$") == as_text(other):match("^%s*(.-)%s*$")
  end,
  digits = function(one, other)
    return as_text(one):gsub("%D", "") == as_text(other):gsub("%D", "")
  end,
  set = function(one, other)
    return is_same_table(elements(one), elements(other))
  end,
  date = function(one, other)
    local seconds = as_seconds(one)
    return seconds ~= nil and seconds == as_seconds(other) or same(one, other)
  end,
}

--- Whether a field holds the same in two records.
---
---@param one any
---@param other any
---@param mode? string One of `MODES`; `exact` unless it says otherwise.
---@return boolean
function M.same(one, other, mode)
  return MODES[mode or "exact"](one, other)
end

--- Raises text at a level unless all modes of a table are known.
---
---@param where string
---@param modes? table<string, string>
---@param level integer As of `error`, counted from the caller.
function M.check_modes(where, modes, level)
  for field, mode in pairs(modes or {}) do
    if not MODES[mode] then
      local fix = kit.suggest(tostring(mode), M.MODES)
      error(("%s: unknown comparison '%s' of field '%s' (%s)"):format(where, tostring(mode), field, fix), level + 1)
    end
  end
end

--- Returns the fields of `desired` that differ from `current`, with their values, and their names, sorted.
---
---@param current table<string, any>
---@param desired table<string, any>
---@param modes table<string, string>
---@return table<string, any> changes
---@return string[] names
function M.difference(current, desired, modes)
  local changes, names = {}, refold.array({})
  for field, value in pairs(desired) do
    if not M.same(current[field], value, modes[field]) then
      changes[field] = value
      names[#names + 1] = field
    end
  end
  table.sort(names)
  return changes, names
end

return M
