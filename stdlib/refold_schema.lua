--- Makes checkers of the schemas of `validate`.
local formats = require("refold_formats")
local json = require("json")
local kit = require("refold_kit")
local values = require("refold_schema_rules")

local M = {}

local null <const> = refold.null
local math_type <const> = math.type
local gather <const>, is_type <const>, make <const> = values.gather, values.is_type, values.make
local order_of <const>, problem <const> = values.order_of, values.problem

local RULES <const> = {
  "type", "optional", "format", "min", "max", "length", "enum", "pattern", "fields", "items", "check", "message",
}
local TYPES <const> = { "string", "text", "number", "integer", "boolean", "array", "object", "table", "any" }
local RULE_TYPES <const> = {
  optional = "boolean", format = "string", enum = "table", pattern = "string", fields = "table", check = "function",
  message = "string",
}

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
      return problem("type", ("must be %s, but is %s"):format(wanted, values.type_name(value)))
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
      return problem("type", "must be an object, but is " .. values.type_name(value))
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
