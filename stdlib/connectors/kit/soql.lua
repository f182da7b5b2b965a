--- A part of Salesforce's query language, SOQL: conditions, order, and whole queries on one object.
---
--- `SELECT` a list of fields or `COUNT()`, `FROM` one object, `WHERE` comparisons with `= != <> < <= > >= LIKE IN`
--- and `NOT IN`, `AND`, `OR`, `NOT` and brackets, `ORDER BY` with `ASC` or `DESC`, `LIMIT`, `OFFSET`. No sub-queries,
--- no relationships.
local part = ...
local search = part("search")

local soql = {}

-- Reading ----------------------------------------------------------------------------------------

local function malformed(message)
  error({ code = "MALFORMED_QUERY", message = message }, 0)
end

local function tokens_of(text)
  local tokens, at = {}, 1
  while true do
    at = text:find("%S", at)
    if not at then
      return tokens
    end
    local quoted, after = text:match("^'([^'\\]*)'()", at)
    if not quoted and text:sub(at, at) == "'" then
      local stop = at + 1
      while stop <= #text and text:sub(stop, stop) ~= "'" do
        stop = stop + (text:sub(stop, stop) == "\\" and 2 or 1)
      end
      if stop > #text then
        malformed("unterminated string at column " .. at)
      end
      quoted, after = text:sub(at + 1, stop - 1):gsub("\\(.)", "%1"), stop + 1
    end
    local kind, value = "text", quoted
    if not quoted then
      kind = "word"
      value, after = text:match("^([%w_.+:-]+)()", at)
      if not value then
        kind = "sign"
        value, after = text:match("^([<>!]=)()", at)
        if not value then
          value, after = text:match("^(<>)()", at)
        end
        if not value then
          value, after = text:match("^([(),=<>])()", at)
        end
      end
      if not value then
        malformed("unexpected token: '" .. text:sub(at, at) .. "' at column " .. at)
      end
    end
    tokens[#tokens + 1] = { kind = kind, value = value, column = at }
    at = after
  end
end

local Reader = {}
Reader.__index = Reader

function Reader:peek()
  return self.tokens[self.at]
end

function Reader:take()
  local token = self.tokens[self.at]
  self.at = self.at + 1
  return token
end

function Reader:fail()
  local token = self:peek()
  if token then
    malformed("unexpected token: '" .. token.value .. "' at column " .. token.column)
  end
  malformed("unexpected end of query")
end

--- Takes the next token when it is this sign or this keyword, in any case.
function Reader:accept(value)
  local token = self:peek()
  if token and token.kind ~= "text" and token.value:upper() == value then
    self.at = self.at + 1
    return true
  end
  return false
end

function Reader:expect(value)
  if not self:accept(value) then
    self:fail()
  end
end

function Reader:word()
  local token = self:peek()
  if not token or token.kind ~= "word" then
    self:fail()
  end
  return self:take().value
end

function Reader:field()
  local name = self:word()
  local known = self.fields and self.fields[name:lower()]
  if self.fields and not known then
    local message = "No such column '" .. name .. "' on entity '" .. self.object .. "'."
    error({ code = "INVALID_FIELD", message = message }, 0)
  end
  return known or name
end

local LITERALS <const> = { ["NULL"] = "null", ["TRUE"] = true, ["FALSE"] = false }

function Reader:value()
  local token = self:peek()
  if not token or token.kind == "sign" then
    self:fail()
  end
  self:take()
  if token.kind == "text" then
    return token.value
  end
  local literal = LITERALS[token.value:upper()]
  if literal == "null" then
    return nil
  elseif literal ~= nil then
    return literal
  elseif tonumber(token.value) then
    return tonumber(token.value)
  elseif token.value:match("^%d%d%d%d%-%d%d%-%d%d") then
    return token.value
  end
  malformed("unexpected token: '" .. token.value .. "' at column " .. token.column)
end

-- Conditions -------------------------------------------------------------------------------------

local function actual_of(record, field)
  local value = record[field]
  if value == json.null then
    return nil
  end
  return value
end

local function equal(actual, wanted)
  if actual == nil or wanted == nil then
    return actual == wanted
  end
  return search.equal(actual, wanted)
end

local function like_pattern(text)
  local pattern = tostring(text):lower():gsub("[%^$()%%.%[%]*+?-]", "%%%0")
  pattern = pattern:gsub("_", "."):gsub("%%%%", ".*")
  return "^" .. pattern .. "$"
end

local comparisons = {
  ["="] = equal,
  ["!="] = function(actual, wanted)
    return not equal(actual, wanted)
  end,
  ["<"] = function(actual, wanted)
    return actual ~= nil and wanted ~= nil and search.less(actual, wanted)
  end,
  [">"] = function(actual, wanted)
    return actual ~= nil and wanted ~= nil and search.less(wanted, actual)
  end,
  ["<="] = function(actual, wanted)
    return actual ~= nil and wanted ~= nil and not search.less(wanted, actual)
  end,
  [">="] = function(actual, wanted)
    return actual ~= nil and wanted ~= nil and not search.less(actual, wanted)
  end,
  ["LIKE"] = function(actual, wanted)
    return actual ~= nil and tostring(actual):lower():find(like_pattern(wanted)) ~= nil
  end,
}
comparisons["<>"] = comparisons["!="]

function Reader:list()
  self:expect("(")
  local values = {}
  repeat
    values[#values + 1] = { self:value() }
  until not self:accept(",")
  self:expect(")")
  return values
end

function Reader:comparison()
  local field = self:field()
  local is_negated = self:accept("NOT")
  if is_negated or (self:peek() and self:peek().value:upper() == "IN") then
    self:expect("IN")
    local values = self:list()
    return function(record)
      local actual = actual_of(record, field)
      for _, wanted in ipairs(values) do
        if equal(actual, wanted[1]) then
          return not is_negated
        end
      end
      return is_negated
    end
  end
  local token = self:take()
  local compare = token and token.kind ~= "text" and comparisons[token.value:upper()]
  if not compare then
    self.at = self.at - 1
    self:fail()
  end
  local wanted = self:value()
  return function(record)
    return compare(actual_of(record, field), wanted)
  end
end

function Reader:operand()
  if self:accept("NOT") then
    local inner = self:operand()
    return function(record)
      return not inner(record)
    end
  elseif self:accept("(") then
    local inner = self:condition()
    self:expect(")")
    return inner
  end
  return self:comparison()
end

--- Reads comparisons that are all joined by AND or all by OR, as SOQL demands.
function Reader:condition()
  local operands = { self:operand() }
  local joint
  while true do
    local next_joint = self:accept("AND") and "AND" or self:accept("OR") and "OR" or nil
    if not next_joint then
      break
    elseif joint and joint ~= next_joint then
      malformed("AND and OR need brackets between them")
    end
    joint = next_joint
    operands[#operands + 1] = self:operand()
  end
  return function(record)
    for _, operand in ipairs(operands) do
      if operand(record) == (joint == "OR") then
        return joint == "OR"
      end
    end
    return joint ~= "OR"
  end
end

function Reader:order()
  local keys = {}
  repeat
    local key = { field = self:field() }
    key.is_descending = not self:accept("ASC") and self:accept("DESC")
    if self:accept("NULLS") then
      key.has_nulls_last = not self:accept("FIRST") and self:accept("LAST")
    end
    keys[#keys + 1] = key
  until not self:accept(",")
  return keys
end

function Reader:count()
  local number = math.tointeger(tonumber(self:word()))
  if not number or number < 0 then
    self.at = self.at - 1
    self:fail()
  end
  return number
end

function Reader:finish()
  if self:peek() then
    self:fail()
  end
end

local function reader(text, object, fields)
  return setmetatable({ tokens = tokens_of(text), at = 1, object = object, fields = fields }, Reader)
end

-- Queries ----------------------------------------------------------------------------------------

local function named(list)
  local fields = {}
  for _, name in ipairs(list) do
    fields[name:lower()] = name
  end
  return fields
end

--- Returns a condition as `function(record): boolean`; raises `{ code, message }`.
---
---@param text string For example `Email = 'ada@example.com' AND Phone != NULL`.
---@param object string The name of the object, for messages.
---@param fields string[] The fields that it has.
function soql.condition(text, object, fields)
  local source = reader(text, object, named(fields))
  local condition = source:condition()
  source:finish()
  return condition
end

--- Returns an order as a list of keys for `soql.sort`; raises `{ code, message }`.
---
---@param text string For example `LastName DESC, FirstName`.
function soql.order(text, object, fields)
  local source = reader(text, object, named(fields))
  local keys = source:order()
  source:finish()
  return keys
end

--- Reads a whole query; raises `{ code, message }`.
---
---@param text string
---@param objects table<string, { name: string, fields: string[] }> The objects by their names in lower case.
---@return table # `{ object, fields, condition?, order?, limit?, offset, is_count }`
function soql.parse(text, objects)
  local source = reader(text)
  source:expect("SELECT")
  local query = { fields = {}, offset = 0, is_count = false }
  if source:peek() and source:peek().value:upper() == "COUNT" then
    source:take()
    source:expect("(")
    source:expect(")")
    query.is_count = true
  else
    repeat
      query.fields[#query.fields + 1] = source:word()
    until not source:accept(",")
  end
  source:expect("FROM")
  local name = source:word()
  query.object = objects[name:lower()]
  if not query.object then
    error({ code = "INVALID_TYPE", message = "sObject type '" .. name .. "' is not supported." }, 0)
  end
  source.object, source.fields = query.object.name, named(query.object.fields)
  for index, field in ipairs(query.fields) do
    local known = source.fields[field:lower()]
    if not known then
      local message = "No such column '" .. field .. "' on entity '" .. query.object.name .. "'."
      error({ code = "INVALID_FIELD", message = message }, 0)
    end
    query.fields[index] = known
  end
  if source:accept("WHERE") then
    query.condition = source:condition()
  end
  if source:accept("ORDER") then
    source:expect("BY")
    query.order = source:order()
  end
  if source:accept("LIMIT") then
    query.limit = source:count()
  end
  if source:accept("OFFSET") then
    query.offset = source:count()
  end
  source:finish()
  return query
end

--- Sorts records in place by the keys of an order; equal ones keep their places, empty fields come first.
function soql.sort(records, keys)
  local places = {}
  for place, record in ipairs(records) do
    places[record] = place
  end
  table.sort(records, function(left, right)
    for _, key in ipairs(keys) do
      local a, b = actual_of(left, key.field), actual_of(right, key.field)
      if a == nil or b == nil then
        if (a == nil) ~= (b == nil) then
          return (a == nil) ~= (key.has_nulls_last or false)
        end
      elseif search.less(a, b) then
        return not key.is_descending
      elseif search.less(b, a) then
        return key.is_descending
      end
    end
    return places[left] < places[right]
  end)
end

return soql
