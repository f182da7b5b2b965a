--- Paths into records, for the modules of the standard library: `properties.email`, `lines.1.sku`.
---
--- It is no part of what scripts are promised. A path is names between dots. A name of digits is the place in a list,
--- counted from 1; `\.` is a dot within a name, and `\\` a backslash.
local M = {}

--- Returns the keys of a path, or nil and what is wrong with it.
---
---@param path string
---@return (string|integer)[]? keys
---@return string? problem
function M.parse(path)
  if type(path) ~= "string" or path == "" then
    return nil, "a path is text such as 'properties.email'"
  end
  local marked = path:gsub("\\(.)", function(char)
    return ("\0%d\0"):format(char:byte())
  end)
  local keys = {}
  for name in (marked .. "."):gmatch("([^.]*)%.") do
    name = name:gsub("\0(%d+)\0", function(byte)
      return string.char(tonumber(byte))
    end)
    if name == "" then
      return nil, "the path '" .. path .. "' has an empty name"
    end
    keys[#keys + 1] = name:find("^[1-9]%d*$") and math.tointeger(tonumber(name)) or name
  end
  return keys
end

--- Keys of the paths that were used, so that each is parsed once.
local parsed <const> = {}

--- Returns the keys of a path; raises text for one that is none, two levels up.
---
---@param path string
---@return (string|integer)[]
function M.keys(path)
  local keys = parsed[path]
  if not keys then
    local problem
    keys, problem = M.parse(path)
    if not keys then
      error(problem, 3)
    end
    parsed[path] = keys
  end
  return keys
end

local function is_container(value)
  local kind = type(value)
  return kind == "table" or (kind == "userdata" and value ~= refold.null)
end

--- Returns the value at a path, nil where there is none; null stays null.
---
---@param value any
---@param path string
---@return any
function M.get(value, path)
  for _, key in ipairs(M.keys(path)) do
    if not is_container(value) then
      return nil
    end
    value = value[key]
  end
  return value
end

--- Sets the value at a path, making tables on the way.
---
---@param record table
---@param path string
---@param value any
function M.set(record, path, value)
  local keys = M.keys(path)
  for index = 1, #keys - 1 do
    local child = record[keys[index]]
    if type(child) ~= "table" then
      child = {}
      record[keys[index]] = child
    end
    record = child
  end
  record[keys[#keys]] = value
end

--- Returns the names of a table's fields, sorted and quoted, for messages: `'paging', 'results'`; at most eight.
---
---@param value any
---@return string
function M.names(value)
  if not is_container(value) then
    return type(value) == "nil" and "nothing" or "a " .. type(value)
  end
  local names = {}
  for name in pairs(value) do
    names[#names + 1] = "'" .. tostring(name) .. "'"
  end
  table.sort(names)
  local more = #names > 8 and " and " .. #names - 8 .. " more" or ""
  return #names == 0 and "no fields" or table.concat(names, ", ", 1, math.min(#names, 8)) .. more
end

return M
