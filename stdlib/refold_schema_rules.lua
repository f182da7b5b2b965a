--- The rules of `validate`: what types are, and the checkers of a field's rules.
---
--- A checker takes a value and returns nil, or the list of its problems, with paths that begin at the value. So a good
--- value costs neither a path nor a table.
local formats = require("refold_formats")
local kit = require("refold_kit")
local times = require("refold_time_text")

local M = {}

local null <const> = refold.null
local math_type <const>, huge <const> = math.type, math.huge

local function problem(code, message)
  return { { path = "", code = code, message = message } }
end

local function shown(value)
  if type(value) == "string" then
    return "'" .. (#value > 40 and value:sub(1, utf8.offset(value, 0, 41) - 1) .. "…" or value) .. "'"
  elseif type(value) == "table" then
    return kit.article(kit.kind(value))
  end
  return value == null and "null" or tostring(value)
end

local function is_finite(value)
  return value == value and value ~= huge and value ~= -huge
end

local is_type <const> = {
  string = function(value)
    return type(value) == "string"
  end,
  number = function(value)
    return type(value) == "number" and is_finite(value)
  end,
  integer = function(value)
    return math_type(value) == "integer" or (math_type(value) == "float" and value % 1 == 0 and is_finite(value))
  end,
  boolean = function(value)
    return type(value) == "boolean"
  end,
  array = function(value)
    return type(value) == "table" and (value[1] ~= nil or next(value) == nil) and getmetatable(value) ~= kit.object_mark
  end,
  object = function(value)
    return type(value) == "table" and value[1] == nil and getmetatable(value) ~= kit.array_mark
  end,
  table = function(value)
    return type(value) == "table"
  end,
  any = function()
    return true
  end,
}
is_type.text = is_type.string

local function type_name(value)
  if type(value) == "table" then
    local is_array = is_type.array(value) and getmetatable(value) ~= kit.object_mark
    return is_array and "an array" or "an object"
  elseif type(value) == "number" and not is_finite(value) then
    return tostring(value)
  end
  return kit.article(kit.kind(value))
end

-- The rules of a field: each returns a checker of a value that has the type already ------------------------------

local make <const> = {}

function make.format(name)
  local fits = formats.checks[name]
  return function(value)
    if not fits(value) then
      return problem("format", ("must be %s, but is %s"):format(formats.shown[name], shown(value)))
    end
  end
end

--- Returns a number that orders a value: itself, or the seconds of a time.
local function order_of(value)
  if type(value) == "number" then
    return value
  end
  local parts = times.read_iso(value)
  local wall = parts and times.wall(parts)
  return wall and wall - (parts.offset or 0) + (parts.fraction or 0)
end

function make.range(least, most)
  local low, high = least and order_of(least), most and order_of(most)
  return function(value)
    local order = order_of(value)
    if not order then
      return nil
    elseif low and order < low then
      return problem("range", ("must be at least %s, but is %s"):format(least, value))
    elseif high and order > high then
      return problem("range", ("must be at most %s, but is %s"):format(most, value))
    end
  end
end

function make.length(bounds)
  local least, most = bounds, bounds
  if type(bounds) == "table" then
    least, most = bounds[1], bounds[2]
  end
  least, most = least or 0, most or huge
  local wanted = least == most and least or most == huge and "at least " .. least
    or least == 0 and "at most " .. most or "from " .. least .. " to " .. most
  local one = (most == huge and least or most) == 1
  return function(value)
    local count, unit
    if type(value) == "string" then
      count, unit = utf8.len(value), one and "character" or "characters"
      if not count then
        return problem("length", "must be text in UTF-8")
      end
    elseif type(value) == "table" then
      count, unit = #value, one and "element" or "elements"
    else
      return nil
    end
    if count < least or count > most then
      return problem("length", ("must have %s %s, but has %d"):format(wanted, unit, count))
    end
  end
end

function make.enum(values)
  local allowed, names = {}, {}
  for index, value in ipairs(values) do
    allowed[value] = true
    names[index] = shown(value)
  end
  local list = table.concat(names, ", "):gsub(", ([^,]*)$", " or %1")
  return function(value)
    if not allowed[value] then
      return problem("enum", ("must be %s, but is %s"):format(list, shown(value)))
    end
  end
end

function make.pattern(pattern)
  return function(value)
    if not value:find(pattern) then
      return problem("pattern", ("must match the pattern '%s', but is %s"):format(pattern, shown(value)))
    end
  end
end

function make.check(fn)
  return function(value)
    local ok, message = fn(value)
    if not ok then
      return problem("check", message and tostring(message) or "is not accepted")
    end
  end
end

--- Adds the problems of a part of a value to those of the value.
local function gather(problems, part, key)
  problems = problems or refold.array({})
  local prefix = kit.path("", key)
  for _, one in ipairs(part) do
    one.path = prefix .. one.path
    problems[#problems + 1] = one
  end
  return problems
end

function make.items(checker)
  return function(value)
    local problems
    for index = 1, #value do
      local found = checker(value[index])
      if found then
        problems = gather(problems, found, index)
      end
    end
    return problems
  end
end

M.gather = gather
M.is_type = is_type
M.make = make
M.order_of = order_of
M.problem = problem
M.type_name = type_name

return M
