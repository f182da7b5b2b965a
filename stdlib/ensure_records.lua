--- Reading and writing single records of a kind: what `kinds` describes, done. For `ensure` and `sync`.
local compare = require("ensure_compare")
local kinds = require("kinds")
local kit = require("refold_kit")
local paths = require("refold_paths")

local M = {}

--- Returns the id of a record as text.
function M.id_of(kind, record)
  local id = paths.get(record, kind.id)
  if id == nil or id == refold.null then
    error(kit.failure({
      code = "missing_path",
      message = ("%s: a record has no '%s'; it has %s"):format(kind.name, kind.id, paths.names(record)),
      hint = "'id' of the kind is the path of the record's id",
    }), 0)
  end
  return tostring(id)
end

--- Returns the fields of a record.
function M.fields_of(kind, record)
  if not kind.fields then
    return record
  end
  return paths.get(record, kind.fields) or {}
end

--- Returns the time of the last change, nil when the kind has none.
function M.modified_of(kind, record)
  local value = kind.modified and paths.get(record, kind.modified)
  return value ~= refold.null and value or nil
end

--- Returns the part of a kind; raises when the kind cannot do it.
local function part_of(kind, name)
  local part = kind[name]
  if not part then
    error(kit.failure({
      code = "unsupported",
      message = ("%s: the kind does not say how to %s records"):format(kind.name, name),
      hint = ("give it '%s', as kinds_data.lua does for other apps"):format(name),
    }), 0)
  end
  return part
end

--- Returns the options of a call that writes: how a run that is resumed finds out what became of it.
---
---@param look "created"|"updated"|"deleted"
---@param was_absent? boolean As of `refold_look_up.created`.
local function findable(kind, look, was_absent)
  return {
    find = function(_, _, write)
      local look_up = require("refold_look_up")
      return setmetatable(look_up[look](kind, write, was_absent), look_up.Verdict)
    end,
  }
end

--- Returns parameters for these fields; those that the action does not know go into the one that takes the rest.
local function parameters(part, fields)
  if not part.known then
    local copy = {}
    for name, value in pairs(fields) do
      copy[name] = value
    end
    return copy
  end
  local params, more, known = {}, {}, {}
  for _, name in ipairs(part.known) do
    known[name] = true
  end
  for name, value in pairs(fields) do
    (known[name] and params or more)[name] = value
  end
  if next(more) then
    params[part.more] = more
  end
  return params
end

--- Returns the record with an id, nil when there is none any more.
---
---@return table?
function M.get(kind, id, account)
  local part = part_of(kind, "get")
  if type(part) == "function" then
    return part(id)
  end
  local reply, err = refold.try(kind.app, part.action, account, { [part.id] = id })
  if reply then
    return reply.data
  elseif err.status == 404 or err.status == 410 then
    return nil
  end
  error(err, 0)
end

local function text_of(value)
  if value == nil or value == refold.null or value == "" then
    return nil
  end
  return tostring(value)
end

--- Whether a record has these values of the natural key: searches of apps may find more than was asked for.
local function fits(kind, record, keys)
  local fields = M.fields_of(kind, record)
  for name, value in pairs(keys) do
    if not compare.same(fields[name], value, (kind.compare or {})[name]) then
      return false
    end
  end
  return true
end

--- Returns the names of the natural key.
---
---@return string[]
function M.key_names(kind)
  return type(kind.key) == "table" and kind.key or { kind.key }
end

--- Returns the values of the natural key, nil when one is empty.
---
---@return table<string, any>?
function M.keys_of(kind, fields)
  local keys = {}
  for _, name in ipairs(M.key_names(kind)) do
    if not text_of(fields[name]) then
      return nil, name
    end
    keys[name] = fields[name]
  end
  return keys
end

--- Returns the natural key as one text, for messages and to see it twice.
function M.key_text(kind, keys)
  local parts = {}
  for index, name in ipairs(M.key_names(kind)) do
    local value = tostring(keys[name])
    parts[index] = (kind.compare or {})[name] == "caseless" and value:lower() or value
  end
  return table.concat(parts, "/")
end

--- Returns the records with this natural key: none, one, or several.
---
---@param keys table<string, any>
---@return table[]
function M.find(kind, keys, account)
  local part = part_of(kind, "find")
  if type(part) == "function" then
    return part(keys)
  end
  local first = M.key_names(kind)[1]
  local params = kinds.params(part.params, { key = first, value = text_of(keys[first]) })
  local answer = refold.exec(kind.app, part.action, account, params).data
  local found = paths.get(answer, part.records)
  if type(found) ~= "table" then
    error(kit.failure({
      code = "missing_path",
      message = ("%s.%s: no list '%s'; it has %s"):format(kind.app, part.action, part.records, paths.names(answer)),
      hint = "'find.records' of the kind is the path of the records",
    }), 0)
  end
  local fitting = {}
  for _, record in ipairs(found) do
    if fits(kind, record, keys) then
      fitting[#fitting + 1] = record
    end
  end
  return fitting
end

--- Whether an answer has an id at a path, not a record: in a plan nobody has seen which of the two it is.
local function is_path_of_id(path)
  return path ~= nil and path:lower():find("id$") ~= nil
end

--- Creates a record and returns its id.
---
---@param was_absent? boolean Whether there was no record with its natural key a moment ago.
---@return string
function M.create(kind, fields, account, was_absent)
  local part = part_of(kind, "create")
  if type(part) == "function" then
    return tostring(part(fields))
  end
  local params, opts = parameters(part, fields), findable(kind, "created", was_absent)
  local answer = refold.exec(kind.app, part.action, account, params, opts).data
  local id = paths.get(answer, part.record)
  if kit.is_planned(id) and is_path_of_id(part.record) then
    return tostring(id)
  elseif type(id) == "table" then
    return M.id_of(kind, id)
  elseif id == nil or id == refold.null then
    error(kit.failure({
      code = "missing_path",
      message = ("%s.%s: no id at '%s'; the record was created"):format(kind.app, part.action, part.record),
      hint = "'create.record' of the kind is the path of the new record's id",
    }), 0)
  end
  return tostring(id)
end

--- Writes some fields of a record.
function M.update(kind, id, changes, account)
  local part = part_of(kind, "update")
  if type(part) == "function" then
    part(id, changes)
    return
  end
  local written = {}
  for name, value in pairs(changes) do
    written[name] = value == refold.null and (kind.empty or value) or value
  end
  local params = parameters(part, written)
  params[part.id] = id
  refold.exec(kind.app, part.action, account, params, findable(kind, "updated"))
end

--- Deletes a record; one that is gone already is fine. Returns whether it was there.
---
---@return boolean
function M.delete(kind, id, account)
  local part = part_of(kind, "delete")
  if type(part) == "function" then
    return part(id) ~= false
  end
  local reply, err = refold.try(kind.app, part.action, account, { [part.id] = id }, findable(kind, "deleted"))
  if not reply and not (err.status == 404 or err.status == 410) then
    error(err, 0)
  end
  return reply ~= nil
end

return M
