// Generated from stdlib/connectors/kit/ by tools/embed-stdlib. Edit the Lua files, then run it again.
// swift-format-ignore-file

extension Stdlib {
  /// What the connector files share. Sorted by name.
  public static let connectorKit: [EmbeddedSource] = [
    EmbeddedSource(name: "kit", text: ##"""
--- What all connectors of the sandbox share: describing actions, checking parameters, paging, searching.
---
--- A connector is a table:
---   slug, name, description, auth_type, tags   as the API shows an app
---   connections   { [account] = "connected" | "reauth_required" | "none" }; others are connected
---   kinds         { kind, … }: all kinds of records that the app keeps
---   indexed       { [kind] = { field, … } }: fields looked up by value, read with `field_of`
---   field_of      function(record, field): the value of an indexed field of a stored record
---   actions       { { action_id, name, description, effect?, tag?, params, run } , … }
---   complete_row  function(kind, row, number): gives a row its id and what else each has; `number()` is a fresh one
---   row_of        function(record): a stored record as the app shows it
---   seed          { [account] = { [kind] = { record, … } } }; a record has `id`
---   envelope      how answers are wrapped: "node_status" (the default), "http_status" or "success"; the API documents
---                 all three
---
--- An action's `run(params, records)` returns the app's native answer, or `kit.failure(status, native)`.
--- `records` is the store of one account: `get(kind, id)`, `all(kind)`, `find(kind, field, value)`, `next(kind)`,
--- `put(kind, id, record, keys)`, `delete(kind, id)`, `now()`.
local part = ...
local kit = {}

local failure = {}

--- Returns what another file of the kit returns: `kit.part("search")` is `kit/search.lua`.
kit.part = part

--- Returns what an action gives when the app itself refuses.
---
---@param status integer The app's HTTP status.
---@param native table The app's own error body.
function kit.failure(status, native)
  return setmetatable({ status = status, native = native }, failure)
end

--- Returns a parameter as a whole number: numbers and numeric text count.
---
---@param value any
---@param default integer For a parameter that was not given or is no number.
---@param most? integer The largest value that the app takes.
---@return integer
function kit.whole(value, default, most)
  local number = math.tointeger(tonumber(value) or default) or default
  if number < 0 then
    number = default
  end
  return most and math.min(number, most) or number
end

--- Whether a parameter holds something: not nil, null or empty text.
function kit.given(value)
  return value ~= nil and value ~= json.null and value ~= ""
end

--- Returns the named parameters that were given.
function kit.pick(params, names)
  local picked = {}
  for _, name in ipairs(names) do
    if kit.given(params[name]) then
      picked[name] = params[name]
    end
  end
  return picked
end

--- Sets the named parameters that were given as fields of a record; null and empty text empty a field.
function kit.change(record, params, names)
  for _, name in ipairs(names) do
    local value = params[name]
    if kit.given(value) then
      record[name] = value
    elseif value ~= nil then
      record[name] = nil
    end
  end
end

--- Makes a schema: names with `*` are required, `name:type` sets a type other than text.
---
---@param ... string For example `"email*", "limit", "associations:json"`.
---@return table[] # `{ { name, label, required, type }, … }`
function kit.params(...)
  local list = json.array()
  for _, text in ipairs({ ... }) do
    local name, star, kind = text:match("^([%w_]+)(%*?):?(%w*)$")
    local label = name:gsub("_", " "):gsub("^%l", string.upper)
    list[#list + 1] = {
      name = name,
      label = label,
      required = star == "*",
      type = kind ~= "" and kind or "text",
    }
  end
  return list
end

--- Returns one page of a list and the offset of the next, nil after the last.
function kit.page(list, offset, limit)
  local page = json.array()
  for index = offset + 1, math.min(offset + limit, #list) do
    page[#page + 1] = list[index]
  end
  local next_offset = offset + #page
  return page, next_offset < #list and next_offset or nil
end

--- Returns a list without what a predicate refuses.
function kit.filter(list, keeps)
  local kept = {}
  for _, element in ipairs(list) do
    if keeps(element) then
      kept[#kept + 1] = element
    end
  end
  return kept
end

--- Makes an action; `options.effect` is for ids whose verb misleads.
---
---@param action_id string
---@param name string
---@param description string
---@param params table[] What `kit.params` gives.
---@param run fun(params: table, records: table): table
---@param options? { effect?: "read"|"write", tag?: string }
function kit.action(action_id, name, description, params, run, options)
  options = options or {}
  return {
    action_id = action_id,
    name = name,
    description = description,
    params = params,
    run = run,
    effect = options.effect,
    tag = options.tag,
  }
end

--- Returns the action that every app has: a raw call, which needs the app itself and so fails here.
---
---@param native fun(message: string): table What the app would answer.
function kit.http_request(native)
  return {
    action_id = "httprequest",
    name = "HTTP Request",
    description = "Make a raw call with the stored credentials. Leave base_url unset and give url_path.",
    params = json.array(),
    run = function()
      return kit.failure(501, native("the sandbox has no raw HTTP; use one of the app's other actions"))
    end,
  }
end

--- Returns the seconds since 1970 of a time such as `2026-01-20T10:00:00.000Z`.
function kit.epoch(text)
  local year, month, day, hour, minute, second = text:match("^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)")
  year, month = tonumber(year), tonumber(month)
  -- Days of the Gregorian calendar, with years that begin in March: Howard Hinnant, chrono-Compatible Date Algorithms.
  local shifted = month <= 2 and year - 1 or year
  local era, of_era = shifted // 400, shifted % 400
  local day_of_year = (153 * (month + (month > 2 and -3 or 9)) + 2) // 5 + tonumber(day) - 1
  local days = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + day_of_year - 719468
  return days * 86400 + tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second)
end

-- Stored records ---------------------------------------------------------------------------------

local function keys_of(connector, kind, record)
  local keys = {}
  for _, field in ipairs(connector.indexed and connector.indexed[kind] or {}) do
    local value = connector.field_of(record, field)
    if kit.given(value) then
      keys[field] = tostring(value):lower()
    end
  end
  return keys
end

--- Stores a record with the look-up keys that its connector declares.
function kit.store(connector, records, kind, record)
  records.put(kind, tostring(record.id), record, keys_of(connector, kind, record))
  return record
end

--- Stores the seed rows of one account.
function kit.seed(connector, account, records)
  for kind, rows in pairs(connector.seed and connector.seed[account] or {}) do
    for _, row in ipairs(rows) do
      local record = connector.seed_record and connector.seed_record(kind, row, records) or row
      kit.store(connector, records, kind, record)
    end
  end
end

local function row_with_id(connector, kind, row, records)
  local function number()
    return records.next(kind)
  end
  if connector.complete_row then
    connector.complete_row(kind, row, number)
  else
    row.id = row.id or tostring(number())
  end
  return connector.seed_record and connector.seed_record(kind, row, records) or row
end

--- Replaces all records of a kind; rows that have no id get one.
---
---@param rows table[] As the connector's seed rows, or as `kit.rows` gives them.
function kit.replace(connector, kind, rows, records)
  for _, record in ipairs(records.all(kind)) do
    records.delete(kind, tostring(record.id))
  end
  for _, row in ipairs(rows) do
    kit.store(connector, records, kind, row_with_id(connector, kind, row, records))
  end
end

--- Returns all records of a kind, oldest first.
function kit.rows(connector, kind, records)
  local rows = json.array()
  for index, record in ipairs(records.all(kind)) do
    rows[index] = connector.row_of and connector.row_of(record) or record
  end
  return rows
end

--- Returns the kinds of records that an app keeps.
function kit.kinds(connector)
  return json.array(connector.kinds)
end

-- What the API asks ------------------------------------------------------------------------------

local function find_action(connector, action_id)
  for _, action in ipairs(connector.actions) do
    if action.action_id == action_id then
      return action
    end
  end
end

--- Returns the API's list of actions.
function kit.actions(connector)
  local list = json.array()
  for _, action in ipairs(connector.actions) do
    list[#list + 1] = {
      name = action.name,
      action_id = action.action_id,
      description = action.description,
      tag = action.tag,
    }
  end
  return list
end

--- Returns the effects that connectors declare where the verb of the action misleads.
function kit.effects(connector)
  local effects = {}
  for _, action in ipairs(connector.actions) do
    effects[action.action_id] = action.effect
  end
  return effects
end

--- Returns an action's schema, nil for an unknown action.
function kit.schema(connector, action_id)
  local action = find_action(connector, action_id)
  return action and action.params
end

--- Returns how an app is connected for an account: "connected", "reauth_required" or "none".
function kit.connection(connector, account)
  return connector.connections and connector.connections[account] or "connected"
end

--- Returns the API's view of an app for one account.
function kit.application(connector, account)
  local connection = kit.connection(connector, account)
  local app = {
    _id = connector.app_id,
    app_id = connector.app_id,
    name = connector.name,
    slug = connector.slug,
    icon = "https://example.com/icons/" .. connector.slug .. ".png",
    description = connector.description,
    type = connector.slug,
    auth_type = connector.auth_type,
    tags = json.array(connector.tags),
    ecosystem = false,
    auth_type_options = json.object({ [connector.auth_type] = json.array() }),
    auth_input_map = json.array(),
    reauth_required = connection == "reauth_required",
  }
  if connection ~= "none" then
    app.connected = true
    app.connected_accounts = json.array({
      {
        identifier = account .. "@" .. connector.slug,
        auth_type = connector.auth_type,
        connectedAt = "2026-01-15T09:00:00.000Z",
        status = "active",
      },
    })
  end
  return app
end

--- Returns how a linked account lists an app, nil when the app is not connected.
function kit.integration(connector, account)
  local connection = kit.connection(connector, account)
  if connection ~= "none" then
    return {
      type = connector.slug,
      name = connector.name,
      app_id = connector.app_id,
      reauth_required = connection == "reauth_required",
    }
  end
end

local function platform_error(status, kind, code, message)
  return status, { status_code = status, http_error_type = kind, error_code = code, message = message }
end

local function envelope(connector, answer)
  local has_failed = getmetatable(answer) == failure
  local data, status = answer, 200
  if has_failed then
    data, status = answer.native, answer.status
  end
  if connector.envelope == "success" then
    return { success = not has_failed, data = data, http_status = has_failed and status or nil }
  end
  local body = { node_status = has_failed and "Failed" or "Success", data = data }
  if has_failed or connector.envelope == "http_status" then
    body.http_status = status
  end
  return body
end

--- Executes an action and returns the HTTP status and the body of the platform's answer.
function kit.execute(connector, action_id, params, records, account)
  local action = find_action(connector, action_id)
  local connection = kit.connection(connector, account)
  if connection == "none" then
    local message = connector.name .. " is not connected for this linked account"
    return platform_error(403, "FORBIDDEN", "EXTERNAL_API_FAILURE", message)
  elseif connection == "reauth_required" then
    local message = "The connection of " .. connector.name .. " has expired, reauthentication is required"
    return platform_error(401, "UNAUTHORIZED", "EXTERNAL_API_FAILURE", message)
  end
  for _, parameter in ipairs(action.params) do
    if parameter.required and not kit.given(params[parameter.name]) then
      local message = "Required parameter '" .. parameter.name .. "' is missing"
      return platform_error(400, "BAD_REQUEST", "VALIDATION_ERROR", message)
    end
  end
  return 200, envelope(connector, action.run(params, records))
end

return kit

"""##),
    EmbeddedSource(name: "search", text: #"""
--- Comparing field values that apps keep as text, and may mean as numbers.
local search = {}

local function comparable(left, right)
  local left_number, right_number = tonumber(left), tonumber(right)
  if left_number and right_number then
    return left_number, right_number
  end
  return tostring(left):lower(), tostring(right):lower()
end

local function contains_token(text, token)
  local pattern = token:lower():gsub("[^%w*]", "%%%0"):gsub("%*", ".*")
  return (" " .. tostring(text):lower() .. " "):find("%f[%w]" .. pattern .. "%f[%W]") ~= nil
end

--- Whether two values are the same, as numbers when both are, else as text without case.
function search.equal(left, right)
  left, right = comparable(left, right)
  return left == right
end

--- Whether the first value is the smaller one, as numbers when both are, else as text without case.
function search.less(left, right)
  left, right = comparable(left, right)
  return left < right
end

--- The operators of HubSpot's search: `function(actual, wanted)`; `actual` is nil when the field is empty.
search.operators = {
  EQ = function(actual, wanted)
    return actual ~= nil and tostring(actual):lower() == wanted:lower()
  end,
  NEQ = function(actual, wanted)
    return actual ~= nil and tostring(actual):lower() ~= wanted:lower()
  end,
  LT = function(actual, wanted)
    return actual ~= nil and search.less(actual, wanted)
  end,
  LTE = function(actual, wanted)
    return actual ~= nil and not search.less(wanted, actual)
  end,
  GT = function(actual, wanted)
    return actual ~= nil and search.less(wanted, actual)
  end,
  GTE = function(actual, wanted)
    return actual ~= nil and not search.less(actual, wanted)
  end,
  CONTAINS_TOKEN = function(actual, wanted)
    return actual ~= nil and contains_token(actual, wanted)
  end,
  NOT_CONTAINS_TOKEN = function(actual, wanted)
    return actual ~= nil and not contains_token(actual, wanted)
  end,
  HAS_PROPERTY = function(actual)
    return actual ~= nil
  end,
  NOT_HAS_PROPERTY = function(actual)
    return actual == nil
  end,
  IN = function(actual, wanted)
    for item in wanted:gmatch("[^;,]+") do
      if actual ~= nil and tostring(actual):lower() == item:match("^%s*(.-)%s*$"):lower() then
        return true
      end
    end
    return false
  end,
  NOT_IN = function(actual, wanted)
    return actual ~= nil and not search.operators.IN(actual, wanted)
  end,
}

return search

"""#),
    EmbeddedSource(name: "soql", text: ##"""
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

"""##),
  ]
}
