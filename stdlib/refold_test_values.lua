--- Showing and comparing values, for the failures of tests.
local json = require("json")

local M = {}

local MOST_CHARACTERS <const> = 200

-- Showing values ---------------------------------------------------------------------------------

local ESCAPES <const> = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }

--- Returns a text in quotes, on one line.
local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(byte)
    return ESCAPES[byte] or ("\\%d"):format(byte:byte())
  end) .. '"'
end

local function by_key(one, other)
  local left, right = type(one), type(other)
  if left == right and (left == "number" or left == "string") then
    return one < other
  end
  return left < right or (left == right and tostring(one) < tostring(other))
end

--- Returns the keys of all tables, each once, in an order that is always the same.
local function keys_of(...)
  local keys, seen = {}, {}
  for _, table_value in ipairs({ ... }) do
    for key in pairs(table_value) do
      if not seen[key] then
        seen[key] = true
        keys[#keys + 1] = key
      end
    end
  end
  table.sort(keys, by_key)
  return keys
end

local function is_name(key)
  return type(key) == "string" and key:find("^[%a_][%w_]*$") ~= nil
end

local show

local function show_table(value, open)
  if open[value] then
    return "(cycle)"
  end
  open[value] = true
  local parts, count = {}, 0
  for _, key in ipairs(keys_of(value)) do
    count = count + 1
    if count > 50 then
      parts[#parts + 1] = "…"
      break
    end
    local text = show(value[key], open)
    if key ~= count then
      text = (is_name(key) and key or "[" .. show(key, open) .. "]") .. " = " .. text
    end
    parts[#parts + 1] = text
  end
  open[value] = nil
  return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
end

function show(value, open)
  if value == json.null then
    return "null"
  elseif type(value) == "string" then
    return quoted(value)
  elseif type(value) == "table" then
    local metatable = getmetatable(value)
    if type(metatable) == "table" and metatable.__tostring then
      return tostring(value)
    end
    return show_table(value, open)
  elseif type(value) == "function" or type(value) == "thread" then
    -- Their addresses differ from run to run.
    return "a " .. type(value)
  elseif value ~= value then
    return "NaN, which equals nothing"
  end
  return tostring(value)
end

--- Returns a value as text on one line: keys sorted, long texts cut.
---
---@param value any
---@return string
function M.show(value)
  local text = show(value, {})
  if #text > MOST_CHARACTERS then
    local stop = utf8.offset(text, 0, MOST_CHARACTERS) or MOST_CHARACTERS
    return text:sub(1, stop - 1) .. "…"
  end
  return text
end

--- Returns where two texts begin to differ, at the start of a character.
local function first_difference(one, other)
  local at = 1
  while one:byte(at) == other:byte(at) do
    at = at + 1
  end
  while at > 1 and (one:byte(at) or 0) & 0xC0 == 0x80 do
    at = at - 1
  end
  return at
end

--- Returns two values as text; of long texts the part where they begin to differ.
---
---@return string actual
---@return string expected
function M.show_both(actual, expected)
  local are_texts = type(actual) == "string" and type(expected) == "string" and actual ~= expected
  if not are_texts or math.max(#actual, #expected) < MOST_CHARACTERS then
    return M.show(actual), M.show(expected)
  end
  local at = first_difference(actual, expected)
  local place = (" (from byte %d)"):format(at)
  return M.show(actual:sub(at)) .. place, M.show(expected:sub(at)) .. place
end

-- Comparing --------------------------------------------------------------------------------------

--- Returns the path of what a key leads to.
local function step(path, key)
  if is_name(key) then
    return path .. "." .. key
  end
  return path .. "[" .. show(key, {}) .. "]"
end

local function plain(value)
  return type(value) == "userdata" and value ~= json.null and json.copy(value) or value
end

--- Adds to `found` where two values differ, at a path and below it; `open` holds the tables that lead there.
local compare

local function compare_tables(actual, expected, path, found, open)
  -- The same two again, further down: a cycle, equal as far as anybody can tell.
  if open[actual] == expected then
    return
  end
  open[actual] = expected
  for _, key in ipairs(keys_of(actual, expected)) do
    compare(actual[key], expected[key], step(path, key), found, open)
  end
  open[actual] = nil
end

function compare(actual, expected, path, found, open)
  actual, expected = plain(actual), plain(expected)
  local both_nan = actual ~= actual and expected ~= expected
  if rawequal(actual, expected) or actual == expected or both_nan then
    return
  elseif type(actual) == "table" and type(expected) == "table" then
    compare_tables(actual, expected, path, found, open)
  else
    found[#found + 1] = { path = path, actual = actual, expected = expected }
  end
end

--- Returns where two values differ, in the order of their keys; nothing when they are the same.
---
--- Tables are compared by what they hold, numbers by value, NaN is the same as itself. Lazy views count as the tables
--- that they show.
---
---@param actual any
---@param expected any
---@return { path: string, actual: any, expected: any }[]
function M.differences(actual, expected)
  local found = {}
  compare(actual, expected, "$", found, {})
  return found
end

M.quoted = quoted
M.keys_of = keys_of
M.step = step
M.compare = compare

return M
