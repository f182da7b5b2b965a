--- Kinds of records of well-known apps, as data: `local kinds = require "kinds"`.
---
--- A kind says which actions of an app list, find, read, create, update and delete its records, and where ids, fields
--- and times of change are. `ensure`, `sync` and `pages` take the name of a kind (`hubspot.contact`) or such a table.
--- See `kinds.names()` for those that are there, and `kinds.with` for one that differs a little.
local kit = require("refold_kit")
local data = require("kinds_data")

local M = {}

---@class kinds.Kind
---@field name string What messages call it: `hubspot.contact`.
---@field app string
---@field key string|string[] The fields that name a record for people: `email`. Together they are unique.
---@field id string The path of the id in a record.
---@field fields? string The path of the fields in a record; the record itself when it is left out.
---@field created? string The path of the time when a record was made.
---@field modified? string The path of the time of the last change.
---@field empty? string What empties a field when it is written; null unless it says otherwise.
---@field compare? table<string, string> How fields are compared: see `ensure.record`.
---@field get? { action: string, id: string } `id`: the parameter that takes the id.
---@field find? { action: string, params: table, records: string } How to look a record up. In texts of `params`
--- `{key}` is the field of the natural key and `{value}` its value, quoted by `{value:soql}` and `{value:quoted}`.
---@field create? { action: string, record: string?, known: string[]?, more: string?, answer: table? } `record`: the
--- path of the new record, or of its id, in the answer. Fields beyond `known` go into the parameter `more`. `answer`:
--- what the action answers, with `{id}` for the id; the record unless it says otherwise.
---@field update? { action: string, id: string, known: string[]?, more: string?, answer: table? }
---@field delete? { action: string, id: string, answer: table? } `answer` is empty unless it says otherwise.
---@field list? { action: string, params: table? } Lists all records, page by page.
---@field changes? { action: string, params: table }|false Lists the records that changed at or after `{since}`.

local FIELDS <const> = {
  "name", "app", "key", "id", "fields", "created", "modified", "compare", "get", "find", "create", "update", "delete",
  "list", "changes", "empty",
}

local PARTS <const> = {
  get = { "action", "id" },
  find = { "action", "params", "records" },
  create = { "action", "record", "known", "more", "answer" },
  update = { "action", "id", "known", "more", "answer" },
  delete = { "action", "id", "answer" },
  list = { "action", "params" },
  changes = { "action", "params" },
}

--- The parts without which an operation cannot be described.
local NEEDED <const> = {
  get = { "action", "id" },
  find = { "action", "params", "records" },
  create = { "action", "record" },
  update = { "action", "id" },
  delete = { "action", "id" },
  list = { "action" },
  changes = { "action", "params" },
}

local function check_names(where, value, names)
  for name in pairs(value) do
    local is_known = false
    for _, known in ipairs(names) do
      is_known = is_known or known == name
    end
    if not is_known then
      return ("%s: unknown field '%s' (%s)"):format(where, tostring(name), kit.suggest(name, names))
    end
  end
end

local function check_part(where, part, value)
  if type(value) == "function" then
    return nil
  elseif type(value) ~= "table" then
    return ("%s: '%s' must be a table or a function, but is %s"):format(where, part, kit.article(kit.kind(value)))
  end
  for _, name in ipairs(NEEDED[part]) do
    if value[name] == nil then
      return ("%s: '%s' needs '%s'"):format(where, part, name)
    end
  end
  return check_names(where .. "." .. part, value, PARTS[part])
end

--- Returns what is wrong with a kind, nil when nothing is.
local function problem_with(kind)
  local where = "kind '" .. tostring(kind.name or "?") .. "'"
  for _, name in ipairs({ "name", "app", "key", "id" }) do
    if kind[name] == nil then
      return ("%s needs '%s'"):format(where, name)
    end
  end
  for part in pairs(PARTS) do
    local problem = kind[part] and check_part(where, part, kind[part])
    if problem then
      return problem
    end
  end
  return check_names(where, kind, FIELDS)
end

--- Kinds that were checked before.
local checked <const> = setmetatable({}, { __mode = "k" })

--- Returns the names of the kinds that are there, sorted.
---
---@return string[]
function M.names()
  local names = refold.array({})
  for name in pairs(data.kinds) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- Returns a kind by its name; a table is checked and returned. Raises text at the line of the caller.
---
---@param kind string|kinds.Kind
---@param where? string The function that asks, for messages.
---@param level? integer How many functions lie between the caller and this one, with this one; 1 unless it says
--- otherwise.
---@return kinds.Kind
function M.get(kind, where, level)
  where, level = where or "kinds.get", level or 1
  if type(kind) == "string" then
    local found = data.kinds[kind]
    if not found then
      local near = kit.nearest(kind, M.names())
      local fix = near and "did you mean '" .. near .. "'?" or "kinds.names() lists them; or pass a table"
      error(("%s: no kind '%s' (%s)"):format(where, kind, fix), level + 1)
    end
    return found
  elseif type(kind) ~= "table" then
    error(("%s: a kind is its name or a table, but is %s"):format(where, kit.article(kit.kind(kind))), level + 1)
  end
  if not checked[kind] then
    local problem = problem_with(kind)
    if problem then
      error(where .. ": " .. problem, level + 1)
    end
    checked[kind] = true
  end
  return kind
end

--- Returns a kind with some of its fields replaced: `kinds.with("hubspot.contact", { key = "hs_object_id" })`.
---
---@param kind string|kinds.Kind
---@param changes table<string, any>
---@return kinds.Kind
function M.with(kind, changes)
  local copy = {}
  for name, value in pairs(M.get(kind, "kinds.with", 2)) do
    copy[name] = value
  end
  for name, value in pairs(changes) do
    copy[name] = value
  end
  return (M.get(copy, "kinds.with", 2))
end

--- Returns the kind whose records an action of a well-known app writes, and what it does to them; nil for any other.
---
---@param app string
---@param action string
---@return kinds.Kind?
---@return "create"|"update"|"delete"|nil operation
function M.written_by(app, action)
  for _, kind in pairs(data.kinds) do
    for _, operation in ipairs({ "create", "update", "delete" }) do
      if kind.app == app and kind[operation].action == action then
        return kind, operation
      end
    end
  end
end

--- Returns how an action of a well-known app is paged, as options of `pages.each`; nil for an unknown one.
---
---@param app string
---@param action string
---@return table?
function M.paging(app, action)
  local known = data.paging[app]
  if not known then
    return nil
  end
  for _, entry in ipairs(known) do
    if action:find(entry.actions) then
      return entry
    end
  end
end

--- Puts a text into the quotes of a query language.
local quoting <const> = {
  soql = function(text)
    return "'" .. text:gsub("[\\']", "\\%0"):gsub("\n", "\\n") .. "'"
  end,
  quoted = function(text)
    if text:find('"', 1, true) then
      error(kit.failure({
        code = "unsearchable_value",
        message = "the value " .. text .. " holds a quotation mark, which the app's filter cannot take",
        hint = "look the record up by another field",
      }), 0)
    end
    return '"' .. text .. '"'
  end,
}

--- Returns a text of a template with values put in: `{value:soql}` is `value`, quoted.
local function filled(text, values)
  return (text:gsub("{(%w+):?(%w*)}", function(name, quotes)
    local value = values[name]
    if value == nil then
      return nil
    end
    value = tostring(value)
    return quotes ~= "" and quoting[quotes](value) or value
  end))
end

--- Returns parameters made of a template.
---
---@param template? table<string, any>
---@param values table<string, any>
---@return table<string, any>
function M.params(template, values)
  local params = {}
  for name, value in pairs(template or {}) do
    params[name] = type(value) == "string" and filled(value, values) or value
  end
  return params
end

return M
