--- Makes functions of the schemas of `validate`.
---
--- A checker takes a value and returns nil, or the list of its problems, with paths that begin at the value. So a good
--- value costs neither a path nor a table.
local formats = require("refold_formats")
local json = require("json")
local kit = require("refold_kit")
local times = require("refold_time_text")

local M = {}

local null <const> = refold.null
local math_type <const>, huge <const> = math.type, math.huge

local RULES <const> = {
  "type", "optional", "format", "min", "max", "length", "enum", "pattern", "fields", "items", "check", "message",
}
local TYPES <const> = { "string", "text", "number", "integer", "boolean", "array", "object", "table", "any" }
local RULE_TYPES <const> = {
  optional = "boolean", format = "string", enum = "table", pattern = "string", fields = "table", check = "function",
  message = "string",
}

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

-- Fields -----------------------------------------------------------------------------------------

--- Returns the type that the rules of a field imply.
local function implied_type(field)
  if field.fields then
    return "object"
  elseif field.items then
    return "array"
  elseif field.format or field.pattern then
    return "string"
  elseif field.min or field.max then
    return "number"
  end
  return "any"
end

--- Says what is wrong with a field of a schema, or nothing.
local function mistake(field, where)
  for name, value in pairs(field) do
    local wanted = RULE_TYPES[name]
    if type(name) ~= "string" or not kit.contains(RULES, name) then
      return ("%s has an unknown rule '%s' (%s)"):format(where, tostring(name), kit.suggest(name, RULES))
    elseif wanted and type(value) ~= wanted then
      local is = kit.article(kit.kind(value))
      return ("%s: the rule '%s' must be %s, but is %s"):format(where, name, kit.article(wanted), is)
    end
  end
  if field.format and not formats.checks[field.format] then
    return ("%s has an unknown format '%s' (use %s)"):format(where, field.format, kit.alternatives(formats.names))
  end
  for _, name in ipairs({ "min", "max" }) do
    local bound = field[name]
    local is_time = field.format == "date" or field.format == "datetime"
    if bound ~= nil and (type(bound) ~= (is_time and "string" or "number") or not order_of(bound)) then
      return ("%s: the rule '%s' must be %s"):format(where, name, is_time and "the text of a time" or "a number")
    end
  end
  if field.pattern and not pcall(string.find, "", field.pattern) then
    return ("%s: '%s' is no Lua pattern"):format(where, field.pattern)
  end
  local length = field.length
  local fine = length == nil or math_type(length) == "integer"
  if type(length) == "table" then
    local least, most = length[1] or 0, length[2] or 0
    fine = math_type(least) == "integer" and math_type(most) == "integer"
  end
  if not fine then
    return ("%s: the rule 'length' must be an integer or { least, most }"):format(where)
  end
end

--- Returns the rules of a field as a list of checkers, or nil and what is wrong.
local function rules_of(field, where, unknown)
  local rules = {}
  for _, name in ipairs({ "length", "format", "pattern", "enum" }) do
    if field[name] ~= nil then
      rules[#rules + 1] = make[name](field[name])
    end
  end
  if field.min or field.max then
    rules[#rules + 1] = make.range(field.min, field.max)
  end
  if field.fields then
    local checker, wrong = M.fields(field.fields, unknown, where)
    if not checker then
      return nil, wrong
    end
    rules[#rules + 1] = checker
  end
  if field.items then
    local checker, wrong = M.field(field.items, where .. "[*]", unknown)
    if not checker then
      return nil, wrong
    end
    rules[#rules + 1] = make.items(checker)
  end
  if field.check then
    rules[#rules + 1] = make.check(field.check)
  end
  return rules
end

--- Returns a checker that asks one rule after the other; each problem may have the field's own message.
local function checker_of(kind, optional, rules, message)
  local fits, count = is_type[kind], #rules
  local wanted = kit.article(kind == "text" and "string" or kind)
  local function check(value)
    if value == nil or value == null then
      if optional or kind == "any" and value == null then
        return nil
      end
      return problem("required", value == nil and "is required" or "must not be null")
    elseif type(value) == "userdata" then
      value = json.copy(value)
    end
    if not fits(value) then
      return problem("type", ("must be %s, but is %s"):format(wanted, type_name(value)))
    elseif kind == "text" and not value:find("%S") then
      return problem("required", "must not be blank")
    end
    local problems
    for index = 1, count do
      local found = rules[index](value)
      if found and problems then
        table.move(found, 1, #found, #problems + 1, problems)
      else
        problems = found or problems
      end
    end
    return problems
  end
  if not message then
    return check
  end
  return function(value)
    local problems = check(value)
    for _, one in ipairs(problems or {}) do
      one.message = one.path == "" and message or one.message
    end
    return problems
  end
end

--- Returns the checker of a field, or nil and what is wrong with the field.
---
---@param field string|table
---@param where string What messages call it.
---@param unknown "ignore"|"report"
function M.field(field, where, unknown)
  if type(field) == "string" then
    field = { type = field }
  elseif type(field) ~= "table" then
    return nil, ("%s must be the name of a type or a table of rules, but is %s"):format(
      where, kit.article(kit.kind(field)))
  end
  local wrong = mistake(field, where)
  if wrong then
    return nil, wrong
  end
  local kind, mark = tostring(field.type or implied_type(field)):match("^(%a+)(%??)$")
  if not kind or not is_type[kind] then
    local named = tostring(field.type)
    return nil, ("%s has an unknown type '%s' (use %s)"):format(where, named, kit.alternatives(TYPES))
  end
  local rules
  rules, wrong = rules_of(field, where, unknown)
  if not rules then
    return nil, wrong
  end
  return checker_of(kind, field.optional or mark == "?", rules, field.message)
end

--- Adds a problem for each field of a value that a schema does not have.
local function report_unknown(value, schema, names, problems)
  local unknown = {}
  for name in pairs(value) do
    if schema[name] == nil then
      unknown[#unknown + 1] = name
    end
  end
  table.sort(unknown, kit.before)
  for _, name in ipairs(unknown) do
    local near = kit.nearest(tostring(name), names)
    local message = "is unknown" .. (near and " (did you mean '" .. near .. "'?)" or "")
    problems = gather(problems, problem("unknown", message), name)
  end
  return problems
end

--- Returns the checker of a schema, or nil and what is wrong with the schema.
---
---@param schema table<string, string|table>
---@param unknown "ignore"|"report"
---@param where? string
function M.fields(schema, unknown, where)
  local names, checkers = {}, {}
  for name in pairs(schema) do
    names[#names + 1] = name
  end
  table.sort(names, kit.before)
  for index, name in ipairs(names) do
    local checker, wrong = M.field(schema[name], (where and where .. "." or "field ") .. tostring(name), unknown)
    if not checker then
      return nil, wrong
    end
    checkers[index] = checker
  end
  return function(value)
    local kind = type(value)
    if kind == "userdata" and value ~= null then
      value = json.copy(value)
    end
    if type(value) ~= "table" or (value[1] ~= nil and schema[1] == nil) then
      return problem("type", "must be an object, but is " .. type_name(value))
    end
    local problems
    for index = 1, #names do
      local found = checkers[index](value[names[index]])
      if found then
        problems = gather(problems, found, names[index])
      end
    end
    if unknown == "report" then
      problems = report_unknown(value, schema, names, problems)
    end
    return problems
  end
end

return M
