--- One readable text for any value: `local inspect = require "inspect"`, then `inspect(value)`.
---
--- Lists stand in brackets and tables in braces, keys are sorted, and what fits stays on one line: `[1, 2]`,
--- `{ name = "Ada", note = null }`. Views of JSON look like what they show. The text is for people; for programs there
--- is `json.encode`.
local json = require("json")
local kit = require("refold_kit")

local M = {}

local OPTIONS <const> = kit.declare({ "width:integer", "depth:integer", "items:integer", "text:integer" })
local ESCAPES <const> = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }

local function escape(char)
  return ESCAPES[char] or ("\\x%02x"):format(char:byte())
end

--- Returns a text in quotes, cut where it is too long; bytes that are not UTF-8 as escapes.
local function quoted(value, limit)
  local cut = ""
  if #value > limit then
    local kept = limit
    while kept > 0 and value:find("^[\x80-\xBF]", kept + 1) do
      kept = kept - 1
    end
    cut = ("… (%d bytes)"):format(#value)
    value = value:sub(1, kept)
  end
  value = value:gsub('[%c"\\]', escape)
  if not utf8.len(value) then
    value = value:gsub("[\x80-\xFF]", escape)
  end
  return '"' .. value .. '"' .. cut
end

local function number_text(value)
  if value ~= value then
    return "nan"
  elseif value == math.huge or value == -math.huge then
    return value > 0 and "inf" or "-inf"
  elseif math.type(value) == "integer" then
    return tostring(value)
  end
  local text
  for digits = 15, 17 do
    text = ("%%.%dg"):format(digits):format(value)
    if tonumber(text) == value then
      break
    end
  end
  return text:find("[.e]") and text or text .. ".0"
end

local function scalar(value, settings)
  local kind = type(value)
  if kind == "string" then
    return quoted(value, settings.text)
  elseif kind == "number" then
    return number_text(value)
  elseif value == refold.null then
    return "null"
  elseif kind == "function" or kind == "thread" then
    return "<" .. kind .. ">"
  elseif kind == "userdata" then
    return "<userdata>"
  end
  return tostring(value)
end

--- Whether a value is a view of JSON: a userdata that `pairs` goes over.
local function is_view(value)
  return type(value) == "userdata" and value ~= refold.null and (pcall(pairs, value))
end

local function key_text(key, settings)
  if type(key) == "string" and key:find("^[%a_][%w_]*$") then
    return key
  elseif type(key) == "table" then
    return "[<table>]"
  end
  return "[" .. scalar(key, settings) .. "]"
end

--- Returns the keys of a table, and whether it is a list.
local function layout(value)
  local count, keys = #value, {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  local table_of = #keys == 0 and type(value) == "userdata" and json.copy(value) or value
  local marked = getmetatable(table_of) == kit.array_mark
  if #keys == count and (count > 0 or marked) then
    return keys, true
  end
  table.sort(keys, kit.before)
  return keys, false
end

--- Returns the texts of the elements or fields, and the brackets around them.
local function parts_of(value, path, level, state)
  local settings, parts = state.settings, {}
  local keys, is_list = layout(value)
  for position, key in ipairs(keys) do
    if position > settings.items then
      parts[position] = ("… %d more"):format(#keys - settings.items)
      break
    end
    key = is_list and position or key
    local shown = is_list and "" or key_text(key, settings) .. " = "
    local inner = kit.path(path, type(key) == "table" and "<table>" or key)
    parts[position] = shown .. state.text(value[key], inner, level + 1, #shown)
  end
  return parts, is_list
end

--- Puts parts on one line when they fit, else each on its own.
local function joined(parts, is_list, name, level, used, settings)
  local open, close = is_list and "[" or "{", is_list and "]" or "}"
  if #parts == 0 then
    return name .. open .. close
  end
  local line = table.concat(parts, ", ")
  local gap = is_list and "" or " "
  if 2 * level + used + #name + #line + 4 <= settings.width and not line:find("\n", 1, true) then
    return name .. open .. gap .. line .. gap .. close
  end
  local indent = ("  "):rep(level + 1)
  return name .. open .. "\n" .. indent .. table.concat(parts, ",\n" .. indent) .. "\n" .. ("  "):rep(level) .. close
end

--- Returns the function that gives the text of a value; it knows what it is within, for cycles.
local function renderer(settings)
  local state, within = { settings = settings }, {}
  function state.text(value, path, level, used)
    if type(value) ~= "table" and not is_view(value) then
      return scalar(value, settings)
    elseif within[value] then
      return "<cycle to " .. within[value] .. ">"
    end
    local meta = type(value) == "table" and getmetatable(value)
    local name = type(meta) == "table" and type(meta.__name) == "string" and meta.__name or ""
    name = (name == "" or name == "array" or name == "object") and "" or name .. " "
    if level >= settings.depth then
      local keys, is_list = layout(value)
      return name .. (#keys == 0 and (is_list and "[]" or "{}") or is_list and "[…]" or "{…}")
    end
    within[value] = path
    local parts, is_list = parts_of(value, path, level, state)
    within[value] = nil
    return joined(parts, is_list, name, level, used, settings)
  end
  return state.text
end

--- Returns the text of a value.
---
---@param value any
---@param opts? { width?: integer, depth?: integer, items?: integer, text?: integer } `width`: of a line, in bytes; 100
--- unless it says otherwise. `depth`: how many levels are opened; 12. `items`: how many of a table; 100. `text`: how
--- many bytes of a text; 500.
---@return string
function M.text(value, opts)
  opts = kit.options("inspect.text", opts, OPTIONS)
  local settings = {
    width = opts.width or 100, depth = opts.depth or 12, items = opts.items or 100, text = opts.text or 500,
  }
  return renderer(settings)(value, "$", 0, 0)
end

return setmetatable(M, {
  __call = function(_, value, opts)
    local text = M.text(value, opts)
    return text
  end,
})
