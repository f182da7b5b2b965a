--- Whether a write whose outcome nobody knows was applied: its record is looked up by what names it.
---
--- It is no part of what scripts are promised. A verdict is `{ found = data, why = string }`, with what the action
--- would have answered; `{ absent = why }`; or `{ unknown = why }`.
local compare = require("ensure_compare")
local dates = require("refold_dates")
local kinds = require("kinds")
local kit = require("refold_kit")
local paths = require("refold_paths")
local records = require("ensure_records")

local M = {}

---@class refold.UnknownWrite
---@field app string
---@field action string
---@field account string
---@field params table What was sent.
---@field began number When the write began, in seconds since 1970.
---@field made fun(): any[] What the other writes of the run with this action have answered.

--- How many seconds before the write a record may seem to have been made that the write has made: clocks differ a
--- little, and some apps leave the fraction of a second out.
local GRACE <const> = 2

local function unknown(text, ...)
  return { unknown = text:format(...) }
end

--- Returns the moment that a field tells, in seconds; nil for none. The last one that it can mean, if `latest`.
local function moment(record, path, latest)
  local seconds, thousandths = dates.read(path and paths.get(record, path))
  if not seconds then
    return nil
  end
  return seconds + (latest and thousandths == 0 and 1 or thousandths / 1000)
end

local function time_text(seconds)
  return dates.datetime(math.floor(seconds), math.floor(seconds % 1 * 1000))
end

--- Returns the fields of a record that a call has set: its parameters, with those that one parameter holds.
local function fields_sent(part, params)
  local known = part.known and {}
  for _, name in ipairs(part.known or {}) do
    known[name] = true
  end
  local fields = {}
  for name, value in pairs(params) do
    if name ~= part.id and name ~= part.more and (not known or known[name]) then
      fields[name] = value
    end
  end
  local more = part.more and params[part.more]
  if type(more) == "string" then
    local ok, decoded = pcall(require("json").decode, more)
    more = ok and decoded
  end
  for name, value in pairs(type(more) == "table" and more or {}) do
    fields[name] = value
  end
  return fields
end

--- Returns what an action would have answered about a record.
local function answer_of(part, id, record)
  local answer = {}
  for name, value in pairs(part.answer or record) do
    answer[name] = part.answer and value == "{id}" and id or value
  end
  if part.record and paths.get(answer, part.record) == nil then
    paths.set(answer, part.record, id)
  end
  return answer
end

-- Records that are this run's own already ----------------------------------------------------------

--- Returns the ids of records that other writes of the run have made, as keys.
local function made_by_others(write, id_in)
  local ids = {}
  for _, data in ipairs(write.made()) do
    local id = type(data) == "table" and id_in(data)
    if id and type(id) ~= "table" then
      ids[tostring(id)] = true
    end
  end
  return ids
end

-- By what is known about the app -------------------------------------------------------------------

--- Sorts records by when they were made: before the write, since, or nobody knows.
local function by_age(kind, write, found)
  local mine = made_by_others(write, function(data)
    local made = paths.get(data, kind.create.record)
    return type(made) == "table" and paths.get(made, kind.id) or made
  end)
  local before, since, undated = {}, {}, {}
  for _, record in ipairs(found) do
    if not mine[records.id_of(kind, record)] then
      local made = moment(record, kind.created)
      local list = not made and undated or made < write.began - GRACE and before or since
      list[#list + 1] = record
    end
  end
  return before, since, undated
end

local function ids_of(kind, list)
  local ids = {}
  for index, record in ipairs(list) do
    ids[index] = records.id_of(kind, record)
  end
  return table.concat(ids, ", ")
end

--- Looks for the record that a write has created, by the natural key.
---
---@param kind kinds.Kind
---@param write refold.UnknownWrite
---@param was_absent? boolean Whether there was no such record just before the write.
function M.created(kind, write, was_absent)
  local fields = fields_sent(kind.create, write.params)
  local keys, missing = records.keys_of(kind, fields)
  if not keys then
    return unknown("it is found by its %s, which was not sent", missing)
  end
  local before, since, undated = by_age(kind, write, records.find(kind, keys, write.account))
  local named = ("%s '%s'"):format(table.concat(records.key_names(kind), "/"), records.key_text(kind, keys))
  if #since + #undated > 1 then
    return unknown("%d records have %s: %s", #since + #undated, named, ids_of(kind, #since > 0 and since or undated))
  end
  local record = since[1] or undated[1]
  if not record and #before == 0 then
    return { absent = "nothing has " .. named }
  elseif not record then
    return unknown("record %s has %s, but was made at %s, before the write began; whether the write has made another "
      .. "one, or was to, nobody can tell", ids_of(kind, before), named, paths.get(before[1], kind.created))
  end
  local id = records.id_of(kind, record)
  if undated[1] and not was_absent then
    local _, names = compare.difference(records.fields_of(kind, record), fields, kind.compare or {})
    if #names > 0 then
      return unknown("record %s has %s, but differs in %s from what was sent, and nothing tells when it was made",
        id, named, table.concat(names, ", "))
    end
  end
  return { found = answer_of(kind.create, id, record), why = ("record %s has %s"):format(id, named) }
end

--- Looks whether a record has what a write has sent.
function M.updated(kind, write)
  local part = kind.update
  local id = write.params[part.id]
  if id == nil or id == refold.null or id == "" then
    return unknown("it is found by its %s, which was not sent", part.id)
  end
  local record = records.get(kind, id, write.account)
  if not record then
    return { absent = ("there is no record %s"):format(id) }
  end
  local fields = fields_sent(part, write.params)
  local _, names = compare.difference(records.fields_of(kind, record), fields, kind.compare or {})
  if #names == 0 then
    return { found = answer_of(part, id, record), why = ("record %s has what was sent"):format(id) }
  end
  local differs = table.concat(names, ", ")
  local changed = moment(record, kind.modified, true)
  if not changed then
    return unknown("record %s differs in %s from what was sent, and nothing tells when it was changed", id, differs)
  elseif changed < write.began then
    return { absent = ("record %s was last changed at %s"):format(id, paths.get(record, kind.modified)) }
  end
  return unknown("record %s differs in %s from what was sent, and was changed at %s, after the write began at %s",
    id, differs, paths.get(record, kind.modified), time_text(write.began))
end

--- Looks whether a record is gone that a write was to delete.
function M.deleted(kind, write)
  local id = write.params[kind.delete.id]
  if id == nil or id == refold.null or id == "" then
    return unknown("it is found by its %s, which was not sent", kind.delete.id)
  elseif records.get(kind, id, write.account) then
    return { absent = ("record %s is still there"):format(id) }
  end
  return { found = answer_of(kind.delete, id, {}), why = ("record %s is gone"):format(id) }
end

local LOOKS <const> = { create = M.created, update = M.updated, delete = M.deleted }

--- Returns the function that looks up what an action of a well-known app writes; nil for any other.
---
---@return fun(write: refold.UnknownWrite): table?
function M.known(app, action)
  local kind, operation = kinds.written_by(app, action)
  if kind then
    return function(write)
      return LOOKS[operation](kind, write)
    end
  end
end

-- By what the script says --------------------------------------------------------------------------

--- Whether a parameter of a write is the id of an answer: then it says which record was meant, and does not make one.
local function is_meant(write, id)
  for _, value in pairs(write.params) do
    if tostring(value) == id then
      return true
    end
  end
  return false
end

local function usual_id(data)
  return data.id or data.Id
end

--- Returns those answers that no other write of the run has got.
local function without_made(write, list)
  local left, taken = {}, nil
  local mine = made_by_others(write, usual_id)
  for _, data in ipairs(list) do
    local id = type(data) == "table" and usual_id(data)
    id = id and tostring(id)
    if id and mine[id] and not is_meant(write, id) then
      taken = id
    else
      left[#left + 1] = data
    end
  end
  return left, taken
end

local function is_list(value)
  return getmetatable(value) == kit.array_mark or #value > 0
end

--- Judges what the script's own function has found.
local function judged(write, found)
  if found == nil then
    return { absent = "'find' has found nothing" }
  end
  local kind = kit.kind(found)
  if kind == "view" then
    found, kind = found(), "table"
  end
  if kind ~= "table" then
    return unknown("'find' returned %s: return what the action would have answered as data, or nil when it is "
      .. "certainly not there", kit.article(kind))
  elseif next(found) == nil and not getmetatable(found) then
    return unknown("'find' returned an empty table: return nil when it is certainly not there, and refold.object({}) "
      .. "for an answer without data")
  end
  local list = is_list(found) and found or { found }
  local left, taken = without_made(write, list)
  if #left == 1 then
    return { found = left[1], why = "'find' has found it" }
  elseif #left > 1 then
    return unknown("'find' has found %d records", #left)
  elseif taken and list[1] == found then
    return unknown("'find' returned record %s, which another write of this run has made; return all that match", taken)
  end
  return { absent = "'find' has found nothing" }
end

--- Looks up with a function of the script, in a coroutine of its own so that nothing of it lasts.
---
---@param find fun(params: table, since: number): any `since`: what the write has made was made then or later.
---@param write refold.UnknownWrite
function M.by_script(find, write)
  local thread = coroutine.create(find)
  local ok, found = coroutine.resume(thread, write.params, write.began - GRACE, write)
  if not ok then
    error(found, 0)
  elseif coroutine.status(thread) ~= "dead" then
    return unknown("'find' yields, and has to return")
  elseif getmetatable(found) == M.Verdict then
    return found
  end
  return judged(write, found)
end

--- The metatable of verdicts that a `find` of the standard library returns.
M.Verdict = {}

return M
