// Generated from stdlib/ by tools/embed-stdlib. Edit the Lua files, then run it again.
// swift-format-ignore-file

extension Stdlib {
  /// The modules that `require` finds. Sorted by name.
  public static let modules: [EmbeddedSource] = [
    EmbeddedSource(name: "ensure", text: ##"""
--- Writing only what differs: `local ensure = require "ensure"`.
---
--- `ensure.record` looks a record up by its natural key, compares the fields that are given, and creates it, updates
--- the fields that differ, or leaves it alone. Run twice, it writes once.
local compare = require("ensure_compare")
local kinds = require("kinds")
local kit = require("refold_kit")
local records = require("ensure_records")

local M = {}

---@class ensure.Options
---@field key? string|string[] The natural key; that of the kind unless it says otherwise.
---@field owned? string[] The only fields to compare and write on a record that is there; all given ones otherwise.
---@field compare? table<string, "exact"|"caseless"|"trimmed"|"digits"|"set"|"date"> How fields are compared. `exact`
--- knows that apps write `"42"` for 42, `"true"` for true, null for empty text, and one moment in several ways.
--- `digits` compares digits alone, `set` lists without their order (`a;b` too), `date` also seconds since 1970.
---@field create? boolean `false` leaves what is not there alone: the action is `missing`.
---@field update? boolean `false` leaves what is there alone.
---@field id? string The id, when it is known; then nothing is looked up by the key.
---@field account? string The linked account; nil is the run's own.

---@class ensure.Result
---@field action "created"|"updated"|"unchanged"|"missing"|"deleted"|"failed"
---@field id? string
---@field changed string[] The fields that were written to a record that was there, sorted.
---@field error? any What made it fail: with `settle` only.

local RECORD <const> = {
  "key:string|table", "owned:table", "compare:table", "create:boolean", "update:boolean", "id:string", "account:string",
}
local RECORD_OPTIONS <const> = kit.declare(RECORD)
local ABSENT_OPTIONS <const> = kit.declare({ "key:string|table", "account:string", "all:boolean" })
local ALL_OPTIONS <const> = kit.declare({
  "concurrency:integer", "settle:boolean", "duplicates:string", table.unpack(RECORD),
})
local DUPLICATES <const> = { error = true, first = true, last = true }

--- Returns the kind with the options of a call put in.
local function kind_for(where, kind, opts, level)
  kind = kinds.get(kind, where, level + 1)
  compare.check_modes(where, opts.compare, level + 1)
  if not opts.key and not opts.compare then
    return kind
  end
  local modes = {}
  for field, mode in pairs(kind.compare or {}) do
    modes[field] = mode
  end
  for field, mode in pairs(opts.compare or {}) do
    modes[field] = mode
  end
  return kinds.with(kind, { key = opts.key or kind.key, compare = modes })
end

local function refuse_several(kind, keys, found)
  local ids = refold.array({})
  for index, record in ipairs(found) do
    ids[index] = records.id_of(kind, record)
  end
  error(kit.failure({
    code = "several_matches",
    message = ("%d records of %s have %s '%s': %s"):format(#found, kind.name,
      table.concat(records.key_names(kind), "/"), records.key_text(kind, keys), table.concat(ids, ", ")),
    hint = "merge them in the app, or choose a key that is unique",
    ids = ids,
  }), 0)
end

local function keys_for(kind, fields)
  local keys, missing = records.keys_of(kind, fields)
  if not keys then
    error(kit.failure({
      code = "missing_key",
      message = ("%s: the key '%s' is empty"):format(kind.name, missing),
      hint = "skip the record, or look it up by another field: key = 'FIELD'",
    }), 0)
  end
  return keys
end

--- Returns the one record with this key, nil for none.
local function only(kind, keys, account)
  local found = records.find(kind, keys, account)
  if #found > 1 then
    refuse_several(kind, keys, found)
  end
  return found[1]
end

--- Returns the fields that are compared: those that are owned.
local function owned_fields(desired, owned)
  if not owned then
    return desired
  end
  local fields = {}
  for _, name in ipairs(owned) do
    fields[name] = desired[name]
  end
  return fields
end

--- Updates what differs on a record that is there.
local function settle_on(kind, record, desired, opts)
  local id = records.id_of(kind, record)
  local wanted = owned_fields(desired, opts.owned)
  local changes, names = compare.difference(records.fields_of(kind, record), wanted, kind.compare or {})
  if #names == 0 or opts.update == false then
    return { action = "unchanged", id = id, changed = refold.array({}) }
  end
  records.update(kind, id, changes, opts.account)
  return { action = "updated", id = id, changed = names }
end

local function without_nulls(fields)
  local kept = {}
  for name, value in pairs(fields) do
    if value ~= refold.null then
      kept[name] = value
    end
  end
  return kept
end

--- Creates a record. When somebody else did so since it was looked up, that one is taken.
local function create(kind, keys, desired, opts)
  local ok, id = pcall(records.create, kind, without_nulls(desired), opts.account)
  if ok then
    return { action = "created", id = id, changed = refold.array({}) }
  elseif type(id) == "table" and id.status == 409 and keys then
    local record = only(kind, keys, opts.account)
    if record then
      return settle_on(kind, record, desired, opts)
    end
  end
  error(id, 0)
end

local function ensure_record(kind, desired, opts)
  local keys, record
  if opts.id then
    record = records.get(kind, opts.id, opts.account)
  else
    keys = keys_for(kind, desired)
    record = only(kind, keys, opts.account)
  end
  if record then
    return settle_on(kind, record, desired, opts)
  elseif opts.create == false then
    return { action = "missing", changed = refold.array({}) }
  end
  return create(kind, keys, desired, opts)
end

--- Makes a record be there with these fields. Costs one read, and a write when something differs.
---
--- ```lua
--- ensure.record("hubspot.contact", { email = "ada@example.com", jobtitle = "Analyst" })
--- -- { action = "updated", id = "101", changed = { "jobtitle" } }
--- ```
---@param kind string|kinds.Kind
---@param desired table<string, any> The fields to own, with the natural key. A field that is nil is left alone, one
--- that is `refold.null` is emptied.
---@param opts? ensure.Options
---@return ensure.Result # Raises `several_matches` with `ids`, `missing_key`, and what `refold.exec` raises.
function M.record(kind, desired, opts)
  kit.expect("ensure.record", "desired", desired, "table")
  opts = kit.options("ensure.record", opts, RECORD_OPTIONS)
  return ensure_record(kind_for("ensure.record", kind, opts, 2), desired, opts)
end

--- Makes a record not be there.
---
---@param kind string|kinds.Kind
---@param keys table<string, any> The natural key: `{ email = "ada@example.com" }`; other fields are not looked at.
---@param opts? { key?: string|string[], account?: string, all?: boolean } `all`: several matches are deleted, too.
---@return ensure.Result # Its action is `deleted` or `unchanged`; `ids` holds all ids when `all` was given.
function M.absent(kind, keys, opts)
  kit.expect("ensure.absent", "keys", keys, "table")
  opts = kit.options("ensure.absent", opts, ABSENT_OPTIONS)
  kind = kind_for("ensure.absent", kind, opts, 2)
  keys = keys_for(kind, keys)
  local found = records.find(kind, keys, opts.account)
  if #found > 1 and not opts.all then
    refuse_several(kind, keys, found)
  end
  local result = { action = "unchanged", changed = refold.array({}), ids = opts.all and refold.array({}) or nil }
  for index, record in ipairs(found) do
    local id = records.id_of(kind, record)
    if records.delete(kind, id, opts.account) then
      result.action, result.id = "deleted", result.id or id
    end
    if result.ids then
      result.ids[index] = id
    end
  end
  return result
end

-- Lists ------------------------------------------------------------------------------------------

local function refuse_duplicates(kind, key, first, second)
  error(kit.failure({
    code = "duplicate_key",
    message = ("%s: elements %d and %d have the same key '%s'"):format(kind.name, first, second, key),
    hint = "decide which one counts: duplicates = 'first' or 'last'",
    indexes = { first, second },
  }), 0)
end

--- Returns the elements to work on: of those with the same key all but one are left out.
local function chosen(kind, list, opts)
  local places, skipped = {}, {}
  for index, desired in ipairs(list) do
    local keys = records.keys_of(kind, desired)
    local key = keys and records.key_text(kind, keys)
    local before = key and places[key]
    if before and (opts.duplicates or "error") == "error" then
      refuse_duplicates(kind, key, before, index)
    elseif before and opts.duplicates == "first" then
      skipped[index] = true
    elseif before then
      skipped[before] = true
    end
    if key and not skipped[index] then
      places[key] = index
    end
  end
  return skipped
end

local function counted(results)
  local counts = { created = 0, updated = 0, unchanged = 0, missing = 0, failed = 0, skipped = 0 }
  for _, result in ipairs(results) do
    counts[result.action] = counts[result.action] + 1
  end
  return counts
end

--- Makes all records of a list be there, several at once.
---
---@param kind string|kinds.Kind
---@param list table<string, any>[] As `desired` of `ensure.record`.
---@param opts? ensure.Options And `concurrency`, how many at once, 4; `settle`, whether what fails becomes a result
--- with the action `failed` and its `error`, and the others go on; `duplicates`, what becomes of elements with the
--- same key: `error` (before anything is written), `first` or `last`; the others have the action `skipped`.
---@return { results: ensure.Result[], counts: table<string, integer> } # Results in the order of the list.
function M.all(kind, list, opts)
  kit.expect("ensure.all", "list", list, "table")
  opts = kit.options("ensure.all", opts, ALL_OPTIONS)
  if opts.duplicates and not DUPLICATES[opts.duplicates] then
    error(("ensure.all: unknown duplicates '%s' (use 'error', 'first' or 'last')"):format(opts.duplicates), 2)
  end
  kind = kind_for("ensure.all", kind, opts, 2)
  local skipped = chosen(kind, list, opts)
  local results = refold.map(list, function(desired, index)
    if skipped[index] then
      return { action = "skipped", changed = refold.array({}) }
    end
    return ensure_record(kind, desired, opts)
  end, { concurrency = opts.concurrency or 4, settle = opts.settle })
  if opts.settle then
    for index, result in ipairs(results) do
      results[index] = result.ok and result.value
        or { action = "failed", error = result.error, changed = refold.array({}) }
    end
  end
  return { results = results, counts = counted(results) }
end

return M

"""##),
    EmbeddedSource(name: "ensure_compare", text: ##"""
--- Whether two values of a field mean the same to an app. For `ensure` and `sync`.
local dates = require("refold_dates")
local kit = require("refold_kit")

local M = {}

--- The ways in which fields are compared; `ensure.record` describes them.
M.MODES = { "exact", "caseless", "trimmed", "digits", "set", "date" }

local same

local function is_empty(value)
  return value == nil or value == refold.null or value == ""
end

--- Whether text is the number: `"42"`, `"42.0"` and 42. Text such as `0x2a` or `007` is none.
local function is_number(text, number)
  return text:find("^%-?%d+%.?%d*$") and not text:find("^%-?0%d") and tonumber(text) == number
end

local function is_boolean(text, value)
  return text:lower() == tostring(value)
end

--- Whether two texts are the same moment; a date is its midnight in UTC.
local function is_same_time(one, other)
  local seconds, thousandths = dates.read(one)
  if not seconds then
    return false
  end
  local other_seconds, other_thousandths = dates.read(other)
  return seconds == other_seconds and thousandths == other_thousandths
end

local function is_same_table(one, other)
  for key, value in pairs(one) do
    if not same(value, other[key]) then
      return false
    end
  end
  for key, value in pairs(other) do
    if one[key] == nil and not is_empty(value) then
      return false
    end
  end
  return true
end

local function is_same_text(one, other)
  return one == other or is_same_time(one, other)
end

--- Compares as the API may write it: texts for numbers, booleans and moments, nothing for null and empty text.
function same(one, other)
  if one == other then
    return true
  elseif is_empty(one) or is_empty(other) then
    return is_empty(one) and is_empty(other)
  end
  local kind, other_kind = type(one), type(other)
  if kind == "string" and other_kind == "string" then
    return is_same_text(one, other)
  elseif kind == "string" and other_kind ~= "table" then
    return same(other, one)
  elseif other_kind == "string" then
    return (kind == "number" and is_number(other, one)) or (kind == "boolean" and is_boolean(other, one)) or false
  elseif kind == "table" and other_kind == "table" then
    return is_same_table(one, other)
  end
  return false
end

local function as_text(value)
  return is_empty(value) and "" or tostring(value)
end

--- Returns the elements of a list, or of text between `;` and `,`, as keys.
local function elements(value)
  local set = {}
  if type(value) == "table" then
    for _, element in ipairs(value) do
      set[as_text(element)] = true
    end
  else
    for element in as_text(value):gmatch("[^;,]+") do
      set[element:match("^%s*(.-)%s*$")] = true
    end
  end
  return set
end

local function as_seconds(value)
  local number = math.tointeger(tonumber(value))
  if number then
    -- Thousandths since 1970 passed this number in 1973, seconds will in 5138.
    return math.abs(number) > 100000000000 and number // 1000 or number
  end
  return (dates.read(value))
end

local MODES <const> = {
  exact = same,
  caseless = function(one, other)
    return as_text(one):lower() == as_text(other):lower()
  end,
  trimmed = function(one, other)
    return as_text(one):match("^%s*(.-)%s*$") == as_text(other):match("^%s*(.-)%s*$")
  end,
  digits = function(one, other)
    return as_text(one):gsub("%D", "") == as_text(other):gsub("%D", "")
  end,
  set = function(one, other)
    return is_same_table(elements(one), elements(other))
  end,
  date = function(one, other)
    local seconds = as_seconds(one)
    return seconds ~= nil and seconds == as_seconds(other) or same(one, other)
  end,
}

--- Whether a field holds the same in two records.
---
---@param one any
---@param other any
---@param mode? string One of `MODES`; `exact` unless it says otherwise.
---@return boolean
function M.same(one, other, mode)
  return MODES[mode or "exact"](one, other)
end

--- Raises text at a level unless all modes of a table are known.
---
---@param where string
---@param modes? table<string, string>
---@param level integer As of `error`, counted from the caller.
function M.check_modes(where, modes, level)
  for field, mode in pairs(modes or {}) do
    if not MODES[mode] then
      local fix = kit.suggest(tostring(mode), M.MODES)
      error(("%s: unknown comparison '%s' of field '%s' (%s)"):format(where, tostring(mode), field, fix), level + 1)
    end
  end
end

--- Returns the fields of `desired` that differ from `current`, with their values, and their names, sorted.
---
---@param current table<string, any>
---@param desired table<string, any>
---@param modes table<string, string>
---@return table<string, any> changes
---@return string[] names
function M.difference(current, desired, modes)
  local changes, names = {}, refold.array({})
  for field, value in pairs(desired) do
    if not M.same(current[field], value, modes[field]) then
      changes[field] = value
      names[#names + 1] = field
    end
  end
  table.sort(names)
  return changes, names
end

return M

"""##),
    EmbeddedSource(name: "ensure_records", text: ##"""
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

--- Creates a record and returns its id.
---
---@return string
function M.create(kind, fields, account)
  local part = part_of(kind, "create")
  if type(part) == "function" then
    return tostring(part(fields))
  end
  local answer = refold.exec(kind.app, part.action, account, parameters(part, fields)).data
  local id = paths.get(answer, part.record)
  if type(id) == "table" then
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
  refold.exec(kind.app, part.action, account, params)
end

--- Deletes a record; one that is gone already is fine. Returns whether it was there.
---
---@return boolean
function M.delete(kind, id, account)
  local part = part_of(kind, "delete")
  if type(part) == "function" then
    return part(id) ~= false
  end
  local reply, err = refold.try(kind.app, part.action, account, { [part.id] = id })
  if not reply and not (err.status == 404 or err.status == 410) then
    error(err, 0)
  end
  return reply ~= nil
end

return M

"""##),
    EmbeddedSource(name: "kinds", text: ##"""
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
---@field modified? string The path of the time of the last change.
---@field empty? string What empties a field when it is written; null unless it says otherwise.
---@field compare? table<string, string> How fields are compared: see `ensure.record`.
---@field get? { action: string, id: string } `id`: the parameter that takes the id.
---@field find? { action: string, params: table, records: string } How to look a record up. In texts of `params`
--- `{key}` is the field of the natural key and `{value}` its value, quoted by `{value:soql}` and `{value:quoted}`.
---@field create? { action: string, record: string?, known: string[]?, more: string? } `record`: the path of the new
--- record, or of its id, in the answer. Fields beyond `known` go into the parameter `more`.
---@field update? { action: string, id: string, known: string[]?, more: string? }
---@field delete? { action: string, id: string }
---@field list? { action: string, params: table? } Lists all records, page by page.
---@field changes? { action: string, params: table }|false Lists the records that changed at or after `{since}`.

local FIELDS <const> = {
  "name", "app", "key", "id", "fields", "modified", "compare", "get", "find", "create", "update", "delete", "list",
  "changes", "empty",
}

local PARTS <const> = {
  get = { "action", "id" },
  find = { "action", "params", "records" },
  create = { "action", "record", "known", "more" },
  update = { "action", "id", "known", "more" },
  delete = { "action", "id" },
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

"""##),
    EmbeddedSource(name: "kinds_data", text: #"""
--- The kinds of records and the ways of paging that `kinds` knows. Data only.
local HUBSPOT_CONTACT <const> = {
  "firstname", "lastname", "email", "phone", "company", "website", "jobtitle", "hubspot_owner_id",
}
local HUBSPOT_COMPANY <const> = { "name", "domain", "phone", "city", "industry" }
local HUBSPOT_DEAL <const> = { "dealname", "amount", "dealstage", "closedate", "pipeline" }

local function hubspot(kind, plural, key, list, known)
  local search, id = "search_" .. plural, kind .. "_id"
  return {
    name = "hubspot." .. kind,
    app = "hubspot",
    key = key,
    id = "id",
    fields = "properties",
    modified = "updatedAt",
    empty = "",
    compare = { email = "caseless", domain = "caseless" },
    get = { action = "get_" .. kind .. "_by_id", id = id },
    find = {
      action = search,
      params = { propertyName = "{key}", operator = "EQ", value = "{value}", limit = "100" },
      records = "results",
    },
    create = { action = "create_" .. kind, record = "id", known = known, more = "additional_fields" },
    update = { action = "update_" .. kind, id = id, known = known, more = "additional_fields" },
    delete = { action = "delete_" .. kind, id = id },
    list = { action = list },
    changes = { action = search, params = { propertyName = "lastmodifieddate", operator = "GTE", value = "{since}" } },
  }
end

local function salesforce(kind, plural, key)
  return {
    name = "salesforce." .. kind,
    app = "salesforce",
    key = key,
    id = "Id",
    modified = "LastModifiedDate",
    compare = { Email = "caseless" },
    get = { action = "get_" .. kind .. "_by_id", id = kind .. "_id" },
    find = { action = "get_" .. plural, params = { where = "{key} = {value:soql}" }, records = "records" },
    create = { action = "create_" .. kind, record = "id" },
    update = { action = "update_" .. kind, id = kind .. "_id" },
    delete = { action = "delete_" .. kind, id = kind .. "_id" },
    list = { action = "get_" .. plural, params = { order_by = "Id" } },
    changes = {
      action = "get_" .. plural,
      params = { where = "LastModifiedDate >= {since}", order_by = "Id" },
    },
  }
end

local function netsuite(kind, key)
  local list = "get_list_of_records_" .. kind
  return {
    name = "netsuite." .. kind,
    app = "netsuite",
    key = key,
    id = "id",
    modified = "lastModifiedDate",
    compare = { email = "caseless" },
    get = { action = "get_record_" .. kind, id = "id" },
    find = { action = list, params = { q = "{key} IS {value:quoted}" }, records = "items" },
    create = { action = "create_record_" .. kind, record = "id" },
    update = { action = "update_record_" .. kind, id = "id" },
    delete = { action = "delete_record_" .. kind, id = "id" },
    list = { action = list },
  }
end

local kinds = {}
for _, kind in ipairs({
  hubspot("contact", "contacts", "email", "get_contact", HUBSPOT_CONTACT),
  hubspot("company", "companies", "domain", "get_companies", HUBSPOT_COMPANY),
  hubspot("deal", "deals", "dealname", "get_deals", HUBSPOT_DEAL),
  salesforce("contact", "contacts", "Email"),
  salesforce("account", "accounts", "Name"),
  salesforce("lead", "leads", "Email"),
  salesforce("opportunity", "opportunities", "Name"),
  netsuite("customer", "email"),
  netsuite("invoice", "tranId"),
}) do
  kinds[kind.name] = kind
end

--- Returns the paging of one action of Slack.
local function slack(action, records)
  return {
    actions = "^" .. action .. "$",
    style = "cursor",
    records = records,
    next = "response_metadata.next_cursor",
    into = "cursor",
    size = 200,
  }
end

--- By app: the first entry whose pattern fits the action counts. Sizes are the most that the apps take, or less.
local paging = {
  hubspot = {
    {
      actions = "^search_",
      style = "cursor",
      records = "results",
      next = "paging.next.after",
      into = "after",
      total = "total",
      size = 100,
    },
    {
      actions = "^get_",
      style = "cursor",
      records = "results",
      next = "paging.next.after",
      into = "after",
      size = 100,
    },
  },
  salesforce = {
    { actions = "^get_", style = "offset", records = "records", into = "offset", total = "totalSize", size = 200 },
  },
  netsuite = {
    {
      actions = "^get_list_of_records_",
      style = "offset",
      records = "items",
      into = "offset",
      more = "hasMore",
      total = "totalResults",
      size = 1000,
    },
  },
  slack = {
    slack("get_messages", "messages"),
    slack("get_channels", "channels"),
    slack("get_users", "members"),
  },
}

return { kinds = kinds, paging = paging }

"""#),
    EmbeddedSource(name: "mapping", text: ##"""
--- Turning the records of one app into those of another, and back: `local mapping = require "mapping"`.
---
--- A mapping is data: a table of fields, each with where it comes from and goes to, its type, and what happens when it
--- is empty. A customer's file can hold one, or what is different from the base. Compiled once, it is fast.
local code = require("mapping_code")
local kit = require("refold_kit")
local paths = require("refold_paths")
local spec_reader = require("mapping_spec")

local M = {}

---@class mapping.Field
---@field from? string|string[] The path in the source; the field's name unless it says otherwise. Of several, the
--- first that is not empty counts, or all with `join`.
---@field to? string|string[] The path in the target; the field's name unless it says otherwise. Several need `split`.
---@field as? "text"|"integer"|"number"|"boolean"|"date"|"datetime"|"epoch"|"epoch_ms"|"phone"|"list" The type in the
--- target; without it a value passes as it is. Times are in UTC; `epoch` is in seconds, `epoch_ms` in thousandths.
---@field from_as? string The type in the source: how a date is read, and what `backward` makes.
---@field format? string How the target writes a date: `DD/MM/YYYY HH:mm`.
---@field from_format? string How the source does.
---@field values? table<any, any> What becomes of each value.
---@field values_back? table<any, any> The same backward, when `values` gives one value twice.
---@field unknown? "error"|"keep"|"drop" What becomes of a value that is not in `values`; an error unless it says so.
---@field otherwise? any What every other value becomes, forward.
---@field default? any What an empty field becomes, forward.
---@field default_back? any The same backward.
---@field constant? any What the target gets in any case.
---@field required? boolean|"forward"|"backward"|"both" Whether an empty field is an error; `true` is forward.
---@field clear? boolean Whether an empty field empties the target (as null). Otherwise the target is left alone.
---@field direction? "both"|"forward"|"backward"
---@field trim? boolean Whether blanks around text go.
---@field case? "lower"|"upper"
---@field most? integer The most characters that the target takes; the rest is cut off.
---@field join? string What stands between the values of several paths in `from`.
---@field split? string Where text is divided for several paths in `to`; the last takes the rest.
---@field separator? string What stands between the elements of a list in text; `;` unless it says otherwise.
---@field country? string The calling code of phone numbers without one: `+44`.
---@field decimal? "."|"," What divides the whole from the rest in numbers; `.` unless it says otherwise.
---@field description? string For people.

---@class mapping.Spec
---@field fields table<string, string|mapping.Field> By a name for each field; a text is short for `{ to = text }`.
---@field ignore? string[] Paths of the source that nobody misses: they are not reported as unmapped.
---@field description? string

---@class mapping.Mapping
---@field forward fun(record: table): table Makes a target record of a source record. Raises `mapping_failed` with
--- `problems`, a list of `{ field, path, value, problem }`: all of the record.
---@field backward fun(record: table): table Makes a source record of a target record. Raises the same.
---@field report fun(record: table): mapping.Report Says what of a source record is not mapped, and what it lacks.
---@field fields { name: string, from: string[], to: string[], direction: string }[] Sorted by name.

---@class mapping.Report
---@field unmapped string[] Paths that hold something and that no field reads, sorted.
---@field missing string[] Names of the fields for which the record holds nothing, sorted.
---@field problems table[] What `forward` would raise: `{ field, path, value, problem }`.

local function is_empty(value)
  return value == nil or value == refold.null or value == ""
end

local function is_object(value)
  return type(value) == "table" and #value == 0 and next(value) ~= nil
end

--- Adds the paths of all values within a record to a list.
local function collect(record, prefix, found)
  for key, value in pairs(record) do
    local path = prefix .. tostring(key):gsub("[\\.]", "\\%0")
    if is_object(value) then
      collect(value, path .. ".", found)
    elseif not is_empty(value) then
      found[#found + 1] = path
    end
  end
  return found
end

--- Whether a path is one of these, or lies within one of them, or holds one of them.
local function is_covered(path, known)
  for other in pairs(known) do
    if path == other or path:sub(1, #other + 1) == other .. "." or other:sub(1, #path + 1) == path .. "." then
      return true
    end
  end
  return false
end

local function report(read, forward, record)
  kit.expect("report", "the record", record, "table", 2)
  local known, missing, unmapped = {}, refold.array({}), refold.array({})
  for path in pairs(read.ignore) do
    known[path] = true
  end
  for _, side in ipairs(read.forward) do
    local has_value = side.constant ~= nil
    for _, path in ipairs(side.from) do
      known[path] = true
      has_value = has_value or not is_empty(paths.get(record, path))
    end
    if not has_value then
      missing[#missing + 1] = side.name
    end
  end
  for _, path in ipairs(collect(record, "", {})) do
    if not is_covered(path, known) then
      unmapped[#unmapped + 1] = path
    end
  end
  table.sort(unmapped)
  local ok, err = pcall(forward, record)
  if not ok and type(err) ~= "table" then
    error(err, 0)
  end
  return { unmapped = unmapped, missing = missing, problems = ok and refold.array({}) or err.problems }
end

local function described(read)
  local list = refold.array({})
  for index, name in ipairs(read.names) do
    local def = read.defs[name]
    list[index] = { name = name, from = def.from, to = def.to, direction = def.direction }
  end
  return list
end

--- Compiles a mapping. Costs about a tenth of a millisecond: do it once, not for each record.
---
--- ```lua
--- local contacts = mapping.compile({ fields = { email = { to = "Email", case = "lower" }, firstname = "FirstName" } })
--- contacts.forward({ email = "ADA@example.com" })  -- { Email = "ada@example.com" }
--- contacts.backward({ FirstName = "Ada" })         -- { firstname = "Ada" }
--- ```
---@param spec mapping.Spec
---@return mapping.Mapping # Raises `bad_mapping`, and names the field.
function M.compile(spec)
  kit.expect("mapping.compile", "spec", spec, "table")
  kit.options("mapping.compile", spec, spec_reader.SPEC)
  local read = spec_reader.read(spec)
  local forward = code.compile("forward", read.forward)
  return {
    forward = forward,
    backward = code.compile("backward", read.backward),
    report = function(record)
      return report(read, forward, record)
    end,
    fields = described(read),
  }
end

local function as_table(field)
  return type(field) == "string" and { to = field } or field
end

local function merged(base, change)
  local result = {}
  for key, value in pairs(as_table(base) or {}) do
    result[key] = value
  end
  for key, value in pairs(as_table(change)) do
    result[key] = value
  end
  return result
end

--- Returns a mapping with a customer's changes laid over it; neither is changed.
---
--- A field of the changes replaces what it names of the base's field, and `false` takes the field out. Paths in
--- `ignore` are added.
---@param base mapping.Spec
---@param changes? { fields?: table<string, string|mapping.Field|false>, ignore?: string[] }
---@return mapping.Spec
function M.overlay(base, changes)
  kit.expect("mapping.overlay", "base", base, "table")
  local result = { fields = {}, ignore = {}, description = base.description }
  for name, field in pairs(base.fields or {}) do
    result.fields[name] = field
  end
  changes = kit.options("mapping.overlay", changes, spec_reader.SPEC)
  for name, change in pairs(changes.fields or {}) do
    if change == false then
      result.fields[name] = nil
    else
      result.fields[name] = merged(result.fields[name], change)
    end
  end
  for _, list in ipairs({ base.ignore or {}, changes.ignore or {} }) do
    table.move(list, 1, #list, #result.ignore + 1, result.ignore)
  end
  return result
end

return M

"""##),
    EmbeddedSource(name: "mapping_code", text: ##"""
--- Writes the Lua function of one direction of a mapping, and compiles it. For `mapping`.
---
--- Every text that comes from the mapping is written with `%q`; all other values reach the function through tables.
local convert = require("mapping_convert")
local kit = require("refold_kit")
local paths = require("refold_paths")

local M = {}

--- A Lua function has 200 local variables at most; some are needed for other things.
local MOST_TABLES <const> = 180

--- What the generated function gets, beside its own tables C (functions) and K (values).
local HEADER <const> = [[
local null, type, lower, upper, trim, add, fail, misuse, EMPTY, C, K = ...
return function(record)
if type(record) ~= 'table' and (type(record) ~= 'userdata' or record == null) then misuse(record) end
]]

---@class mapping.Writer
---@field lines string[]
---@field functions function[] C of the generated code.
---@field values any[] K of the generated code.
---@field parents table<string, string> The variables of the tables that are read, by their paths.
---@field outputs table<string, string> The variables of the tables that are written, by their paths.
---@field tables integer

local function emit(writer, text, ...)
  writer.lines[#writer.lines + 1] = select("#", ...) > 0 and text:format(...) or text
end

local function quoted(key)
  return ("%q"):format(key)
end

local function path_text(keys, count)
  local parts = {}
  for index = 1, count do
    parts[index] = quoted(keys[index])
  end
  return table.concat(parts, ".")
end

local function function_of(writer, fn)
  writer.functions[#writer.functions + 1] = fn
  return ("C[%d]"):format(#writer.functions)
end

local function value_of(writer, value)
  writer.values[#writer.values + 1] = value
  return ("K[%d]"):format(#writer.values)
end

local function new_table(writer, prefix)
  writer.tables = writer.tables + 1
  if writer.tables > MOST_TABLES then
    error(kit.failure({
      code = "bad_mapping",
      message = ("mapping: more than %d different tables within the records are used"):format(MOST_TABLES),
      hint = "divide it into several mappings",
    }), 0)
  end
  return prefix .. writer.tables
end

-- Reading ----------------------------------------------------------------------------------------

--- Returns the variable of the table that holds the last key; what is no table is an empty one.
local function parent_of(writer, keys, count)
  if count == 0 then
    return "record"
  end
  local path = path_text(keys, count)
  local variable = writer.parents[path]
  if not variable then
    local above = parent_of(writer, keys, count - 1)
    variable = new_table(writer, "p")
    writer.parents[path] = variable
    emit(writer, "local %s = %s[%s]", variable, above, quoted(keys[count]))
    emit(writer, "if %s == null or (type(%s) ~= 'table' and type(%s) ~= 'userdata') then %s = EMPTY end",
      variable, variable, variable, variable)
  end
  return variable
end

local function reading(writer, path)
  local keys = paths.keys(path)
  return ("%s[%s]"):format(parent_of(writer, keys, #keys - 1), quoted(keys[#keys]))
end

local function joiner(separator)
  return function(...)
    local parts = {}
    for index = 1, select("#", ...) do
      local part = select(index, ...)
      if part ~= nil and part ~= refold.null and part ~= "" then
        parts[#parts + 1] = tostring(part)
      end
    end
    return table.concat(parts, separator)
  end
end

local IS_EMPTY <const> = "v == nil or v == null or v == ''"

local function emit_read(writer, side, sources)
  if #sources > 1 and side.join then
    emit(writer, "local v = %s(%s)", function_of(writer, joiner(side.join)), table.concat(sources, ", "))
  else
    emit(writer, "local v = %s", sources[1])
    for index = 2, #sources do
      emit(writer, "if %s then v = %s end", IS_EMPTY, sources[index])
    end
  end
  if side.trim then
    emit(writer, "if type(v) == 'string' and v ~= '' then v = trim(v) end")
  end
end

-- Writing ----------------------------------------------------------------------------------------

--- Returns the variable of the table that is written, and emits what makes it.
local function output_of(writer, keys, count)
  if count == 0 then
    return "out"
  end
  local variable = writer.outputs[path_text(keys, count)]
  local above = output_of(writer, keys, count - 1)
  emit(writer, "if %s == nil then %s = {} %s[%s] = %s end", variable, variable, above, quoted(keys[count]), variable)
  return variable
end

local function emit_write(writer, path, value)
  local keys = paths.keys(path)
  emit(writer, "%s[%s] = %s", output_of(writer, keys, #keys - 1), quoted(keys[#keys]), value)
end

--- Declares the tables that are written; the outer one has room for its fields from the start.
local function emit_outputs(writer, sides)
  local room, seen = {}, {}
  for _, side in ipairs(sides) do
    for index = 1, side.split and #side.to or 1 do
      local keys = paths.keys(side.to[index])
      for count = 1, #keys - 1 do
        local path = path_text(keys, count)
        if not writer.outputs[path] then
          writer.outputs[path] = new_table(writer, "q")
          emit(writer, "local %s", writer.outputs[path])
        end
      end
      local first = quoted(keys[1])
      if not seen[first] then
        seen[first] = true
        room[#room + 1] = ("[%s] = nil"):format(first)
      end
    end
  end
  emit(writer, "local out = { %s }", table.concat(room, ", "))
end

-- One field --------------------------------------------------------------------------------------

local function copied(value)
  if type(value) ~= "table" then
    return value
  end
  local copy = setmetatable({}, getmetatable(value))
  for key, element in pairs(value) do
    copy[key] = copied(element)
  end
  return copy
end

--- Returns the code of a value of the mapping; a table is made anew each time, so that no record shares it.
local function given(writer, value)
  if type(value) == "table" then
    return function_of(writer, function()
      return copied(value)
    end) .. "()"
  end
  return value_of(writer, value)
end

local function emit_empty(writer, side)
  if side.default ~= nil then
    emit_write(writer, side.to[1], given(writer, side.default))
  elseif side.required then
    emit(writer, "bad = add(bad, %s, nil, 'is missing')", value_of(writer, side))
  elseif side.clear then
    for index = 1, side.split and #side.to or 1 do
      emit_write(writer, side.to[index], "null")
    end
  end
end

local function emit_call(writer, side, fn, guard)
  emit(writer, "%sv, why = %s(v)%s", guard and "if " .. guard .. " then " or "", function_of(writer, fn),
    guard and " end" or "")
  emit(writer, "if why then bad, v = add(bad, %s, given, why), nil end", value_of(writer, side))
end

local function emit_conversions(writer, side)
  local of_type, after = convert.of_type(side), convert.after_type(side)
  if of_type or #after > 0 or side.split then
    emit(writer, "local given, why = v, nil")
  end
  if of_type then
    emit_call(writer, side, of_type, side.as == "text" and "type(v) ~= 'string'" or nil)
  end
  if side.case then
    emit(writer, "if type(v) == 'string' then v = %s(v) end", side.case)
  end
  for _, fn in ipairs(after) do
    emit_call(writer, side, fn, "v ~= nil")
  end
end

local function emit_stores(writer, side)
  if side.split and #side.to > 1 then
    emit_call(writer, side, convert.splitter(side.split, #side.to), "v ~= nil")
    emit(writer, "if v ~= nil then")
    for index, path in ipairs(side.to) do
      emit(writer, "if v[%d] ~= nil then", index)
      emit_write(writer, path, ("v[%d]"):format(index))
      emit(writer, side.clear and "else" or "end")
      if side.clear then
        emit_write(writer, path, "null")
        emit(writer, "end")
      end
    end
    emit(writer, "end")
  else
    emit(writer, "if v ~= nil then")
    emit_write(writer, side.to[1], "v")
    emit(writer, "end")
  end
end

local function emit_side(writer, side, sources)
  emit(writer, "do")
  if side.constant ~= nil then
    emit_write(writer, side.to[1], given(writer, side.constant))
  else
    emit_read(writer, side, sources)
    emit(writer, "if %s then", IS_EMPTY)
    emit_empty(writer, side)
    emit(writer, "else")
    emit_conversions(writer, side)
    emit_stores(writer, side)
    emit(writer, "end")
  end
  emit(writer, "end")
end

-- Problems of a record ---------------------------------------------------------------------------

local function add(bad, side, value, problem)
  bad = bad or {}
  bad[#bad + 1] = { field = side.name, path = side.from[1], value = value, problem = problem }
  return bad
end

local function shown(entry)
  if entry.value == nil then
    return entry.path .. " " .. entry.problem
  end
  local text = type(entry.value) == "table" and "a table" or "'" .. tostring(entry.value):sub(1, 40) .. "'"
  return ("%s: %s %s"):format(entry.path, text, entry.problem)
end

local function fail(bad)
  local texts = {}
  for index, entry in ipairs(bad) do
    texts[index] = shown(entry)
  end
  error(kit.failure({
    code = "mapping_failed",
    message = "mapping: " .. table.concat(texts, "; "),
    hint = "mend the record, or give the field a default",
    problems = refold.array(bad),
  }), 0)
end

--- Returns the function of one direction: it takes a record and returns a new one.
---
---@param name string What messages call it.
---@param sides table[] What `mapping_spec.read` gave.
---@return fun(record: table): table # Raises `mapping_failed` with all problems of the record.
---@return string source The code of the function, for the curious.
function M.compile(name, sides)
  local writer = { lines = {}, functions = {}, values = {}, parents = {}, outputs = {}, tables = 0 }
  emit(writer, "local bad")
  local sources = {}
  for index, side in ipairs(sides) do
    sources[index] = {}
    for place, path in ipairs(side.constant == nil and side.from or {}) do
      sources[index][place] = reading(writer, path)
    end
  end
  emit_outputs(writer, sides)
  for index, side in ipairs(sides) do
    emit_side(writer, side, sources[index])
  end
  emit(writer, "if bad then fail(bad) end\nreturn out\nend")
  local source = HEADER .. table.concat(writer.lines, "\n")
  local make = assert(load(source, "=mapping", "t"))
  local function misuse(record)
    error(("%s: the record must be a table, but is %s"):format(name, kit.article(kit.kind(record))), 3)
  end
  local fn = make(refold.null, type, string.lower, string.upper, convert.trim, add, fail, misuse, {},
    writer.functions, writer.values)
  return fn, source
end

return M

"""##),
    EmbeddedSource(name: "mapping_convert", text: ##"""
--- The conversions of `mapping`: each is a function that takes a value that is neither nil, null nor empty text, and
--- returns what it becomes, or nil and what is wrong with it.
local dates = require("refold_dates")

local M = {}

local find <const>, gsub <const>, match <const> = string.find, string.gsub, string.match
local lower <const>, byte <const> = string.lower, string.byte

--- Returns text without blanks around it.
function M.trim(text)
  -- Most text has none: two bytes tell.
  if byte(text, 1) > 32 and byte(text, -1) > 32 then
    return text
  end
  local from = find(text, "%S")
  return from and match(text, "^.*%S", from) or ""
end

-- Text and numbers -------------------------------------------------------------------------------

--- Writes a number without an exponent where it can be, and whole ones without a point.
local function number_text(value)
  local whole = math.tointeger(value)
  if whole then
    return ("%d"):format(whole)
  elseif value ~= value or value == math.huge or value == -math.huge then
    return nil, "is no finite number"
  end
  local text = ("%.15g"):format(value)
  return tonumber(text) == value and text or ("%.17g"):format(value)
end

local function to_text(side)
  local separator = side.separator or ";"
  return function(value)
    local kind = type(value)
    if kind == "string" then
      return value
    elseif kind == "number" then
      return number_text(value)
    elseif kind == "boolean" then
      return tostring(value)
    end
    local parts = {}
    for index = 1, #value do
      parts[index] = tostring(value[index])
    end
    if #parts == 0 and next(value) ~= nil then
      return nil, "is an object, not a text"
    end
    return table.concat(parts, separator)
  end
end

local function decimal_text(value, decimal)
  if decimal == "," then
    value = value:gsub("[%s.']", ""):gsub(",", ".")
  else
    value = value:gsub("[%s,']", "")
  end
  return value
end

local function to_number(side)
  local is_plain = side.decimal ~= ","
  return function(value)
    if type(value) == "number" then
      return value == value and value or nil, "is no number"
    elseif type(value) == "string" then
      if is_plain and find(value, "^%-?%d+%.?%d*$") then
        return tonumber(value)
      end
      local text = decimal_text(value, side.decimal)
      local number = find(text, "^[+-]?%d*%.?%d*$") and tonumber(text)
        or find(text, "^[+-]?%d+%.?%d*[eE][+-]?%d+$") and tonumber(text)
      if number then
        return number
      end
    end
    return nil, "is no number"
  end
end

local function to_integer(side)
  local number_of = to_number(side)
  return function(value)
    local number = number_of(value)
    local whole = number and math.tointeger(number)
    if whole then
      return whole
    end
    return nil, "is no whole number"
  end
end

local BOOLEANS <const> = {
  [true] = true, [1] = true, ["true"] = true, yes = true, y = true, on = true, ["1"] = true,
  [false] = false, [0] = false, ["false"] = false, no = false, n = false, off = false, ["0"] = false,
}

local function to_boolean()
  return function(value)
    local found = BOOLEANS[value]
    if found == nil then
      found = BOOLEANS[lower(tostring(value))]
    end
    if found == nil then
      return nil, "is neither true nor false"
    end
    return found
  end
end

-- Dates ------------------------------------------------------------------------------------------

--- Returns a function that reads a time as the source has it: seconds, thousandths.
local function time_reader(side)
  local divisor = side.from_as == "epoch_ms" and 1000 or 1
  local is_epoch = side.from_as == "epoch" or side.from_as == "epoch_ms"
  local own = side.from_format and dates.format(side.from_format).read
  return function(value)
    if own then
      return own(value)
    elseif type(value) == "number" or (is_epoch and find(tostring(value), "^%-?%d+$")) then
      local number = math.tointeger(tonumber(value)) or math.floor(value)
      return number // divisor, divisor == 1000 and number % 1000 or 0
    end
    return dates.read(value)
  end
end

local WRITERS <const> = {
  date = dates.date,
  datetime = dates.datetime,
  epoch = function(seconds)
    return seconds
  end,
  epoch_ms = function(seconds, thousandths)
    return seconds * 1000 + thousandths
  end,
}

--- Most times come as ISO text and become a date.
local function to_date(side)
  local read, plain_day = time_reader(side), dates.plain_day
  return function(value)
    local day = type(value) == "string" and plain_day(value)
    if day then
      return day
    end
    local seconds = read(value)
    if not seconds then
      return nil, "is no date"
    end
    return dates.date(seconds)
  end
end

local function to_time(side)
  if side.as == "date" and not side.format and not side.from_format then
    return to_date(side)
  end
  local read = time_reader(side)
  local write = side.format and dates.format(side.format).write or WRITERS[side.as]
  return function(value)
    local seconds, thousandths = read(value)
    if not seconds then
      local wanted = side.from_format and " as " .. side.from_format or ""
      return nil, "is no date" .. wanted
    end
    return write(seconds, thousandths)
  end
end

-- Phones and lists -------------------------------------------------------------------------------

--- Reads a phone number that is not plainly `+` and digits; returns it as E.164 writes it.
local function read_phone(text, country)
  if find(text, "%a") then
    return nil, "is no phone number"
  end
  local digits = text:gsub("%(0%)", ""):gsub("[^%d+]", "")
  if find(digits, "^00") then
    return "+" .. digits:sub(3)
  elseif find(digits, "^%+") then
    return digits
  elseif not country then
    return nil, "is a phone number without a country ('country' names it)"
  end
  return "+" .. country .. digits:gsub("^0", "")
end

--- Phone numbers as E.164 writes them: `+442079460101`. A national number needs the country.
local function to_phone(side)
  local country = side.country and side.country:match("%d+")
  return function(value)
    if type(value) == "string" and find(value, "^%+[1-9][%d ]+$") then
      local digits = gsub(value, " ", "")
      if #digits >= 8 and #digits <= 16 then
        return digits
      end
      return nil, "is no phone number"
    end
    local text, problem = read_phone(tostring(value), country)
    if text and find(text, "^%+[1-9]%d%d%d%d%d%d+$") and #text <= 16 then
      return text
    end
    return nil, problem or "is no phone number"
  end
end

--- Splits text at a separator; blanks around the parts go, and so do empty parts.
local function parts_of(text, separator, most)
  local parts, at = refold.array({}), 1
  while true do
    local from, to = find(text, separator, at, true)
    if not from or (most and #parts == most - 1) then
      break
    end
    local part = text:sub(at, from - 1):match("^%s*(.-)%s*$")
    if part ~= "" then
      parts[#parts + 1] = part
    end
    at = to + 1
  end
  local part = text:sub(at):match("^%s*(.-)%s*$")
  if part ~= "" then
    parts[#parts + 1] = part
  end
  return parts
end

local function to_list(side)
  local separator = side.separator or ";"
  return function(value)
    if type(value) == "string" then
      return parts_of(value, separator)
    elseif type(value) == "table" or type(value) == "userdata" then
      return value
    end
    return refold.array({ value })
  end
end

--- Returns a function that splits text into so many parts; the last takes the rest.
function M.splitter(separator, count)
  return function(value)
    if type(value) ~= "string" then
      return nil, "is no text to split"
    end
    return parts_of(value, separator, count)
  end
end

-- Values -----------------------------------------------------------------------------------------

--- Returns a function that replaces values by a table; numbers and booleans are also found by their text.
local function replace(side)
  local values, unknown, otherwise = side.values, side.unknown, side.otherwise
  return function(value)
    local found = values[value]
    if found == nil then
      found = values[tostring(value)]
    end
    if found ~= nil then
      return found
    elseif otherwise ~= nil then
      return otherwise
    elseif unknown == "keep" then
      return value
    elseif unknown == "drop" then
      return nil
    end
    return nil, "is none of the values"
  end
end

--- Returns the first characters of text, whole ones in UTF-8.
local function shorten(side)
  local most = side.most
  return function(value)
    if type(value) ~= "string" or #value <= most then
      return value
    end
    local after = utf8.offset(value, most + 1)
    return after and value:sub(1, after - 1) or value
  end
end

local MAKERS <const> = {
  text = to_text, number = to_number, integer = to_integer, boolean = to_boolean, date = to_time, datetime = to_time,
  epoch = to_time, epoch_ms = to_time, phone = to_phone, list = to_list,
}

--- The names of the types that `as` and `from_as` take, sorted.
M.TYPES = { "boolean", "date", "datetime", "epoch", "epoch_ms", "integer", "list", "number", "phone", "text" }

--- Returns the conversion to the type of a side; nil when it has none.
function M.of_type(side)
  return side.as and MAKERS[side.as](side)
end

--- Returns the conversions that come after the type: replaced values, shortened text.
function M.after_type(side)
  local list = {}
  if side.values then
    list[#list + 1] = replace(side)
  end
  if side.most then
    list[#list + 1] = shorten(side)
  end
  return list
end

return M

"""##),
    EmbeddedSource(name: "mapping_spec", text: ##"""
--- Reads and checks what a mapping says: data in, the sides of each field out. For `mapping`.
local convert = require("mapping_convert")
local dates = require("refold_dates")
local kit = require("refold_kit")
local paths = require("refold_paths")

local M = {}

local SPEC <const> = kit.declare({ "fields:table", "ignore:table", "description:string" })

local FIELD <const> = kit.declare({
  "from:string|table", "to:string|table", "as:string", "from_as:string", "format:string", "from_format:string",
  "values:table", "values_back:table", "unknown:string", "otherwise:any", "default:any", "default_back:any",
  "constant:any", "required:boolean|string", "direction:string", "clear:boolean", "trim:boolean", "case:string",
  "most:integer", "join:string", "split:string", "separator:string", "country:string", "decimal:string",
  "description:string",
})

local CHOICES <const> = {
  as = convert.TYPES,
  from_as = convert.TYPES,
  direction = { "both", "forward", "backward" },
  unknown = { "error", "keep", "drop" },
  case = { "lower", "upper" },
  required = { "forward", "backward", "both" },
  decimal = { ".", "," },
}

local IS_TIME <const> = { date = true, datetime = true, epoch = true, epoch_ms = true }

local function fail(field, message, hint)
  error(kit.failure({
    code = "bad_mapping",
    message = field and ("mapping: field '%s': %s"):format(field, message) or "mapping: " .. message,
    hint = hint,
    field = field,
  }), 0)
end

local function check_data(field, value)
  if type(value) == "function" or type(value) == "thread" then
    fail(field, "holds a function", "a mapping is data; do what needs code in the script")
  elseif type(value) == "table" then
    for _, element in pairs(value) do
      check_data(field, element)
    end
  end
end

local function check_names(name, def)
  for key, value in pairs(def) do
    if not FIELD.types[key] then
      fail(name, ("unknown key '%s'"):format(tostring(key)), kit.suggest(key, FIELD.names))
    elseif not (FIELD.types[key][kit.kind(value)] or FIELD.types[key].any) then
      fail(name, ("'%s' must be %s, but is %s"):format(
        key, kit.article(FIELD.shown[key]), kit.article(kit.kind(value))))
    end
    local choices = type(value) == "string" and CHOICES[key]
    local is_known = not choices
    for _, choice in ipairs(choices or {}) do
      is_known = is_known or choice == value
    end
    if not is_known then
      fail(name, ("'%s' is '%s'"):format(key, value), kit.suggest(value, choices))
    end
  end
end

local function path_list(name, key, value)
  local list = type(value) == "table" and value or { value }
  for _, path in ipairs(list) do
    local _, problem = paths.parse(path)
    if problem then
      fail(name, ("'%s': %s"):format(key, problem))
    end
  end
  if #list == 0 then
    fail(name, ("'%s' names no path"):format(key))
  end
  return list
end

local function check_formats(name, def)
  for _, key in ipairs({ "format", "from_format" }) do
    local kind = def[key == "format" and "as" or "from_as"]
    if def[key] then
      local _, problem = dates.format(def[key])
      if problem then
        fail(name, ("'%s': %s"):format(key, problem))
      elseif key == "format" and not IS_TIME[kind or ""] then
        fail(name, "'format' is for dates", "say as = 'date' or as = 'datetime'")
      end
    end
  end
end

local function check_paths(name, def)
  if #def.to > 1 and not def.split then
    fail(name, "'to' has several paths, but there is no 'split'", "split = ' ' says where the text is divided")
  elseif def.split == "" or def.join == "" or def.separator == "" then
    fail(name, "a separator is empty text", "name the text between the parts: join = ' '")
  elseif def.constant ~= nil and def.direction == "both" then
    fail(name, "a constant goes one way", "say direction = 'forward' or 'backward'")
  end
end

--- Returns the table the other way round; of equal values none may be lost without a word.
local function inverse(name, values)
  local back = {}
  for from, to in pairs(values) do
    if back[to] ~= nil then
      fail(name, ("'values' gives '%s' for two values"):format(tostring(to)),
        "say which one comes back: values_back = { … }, or direction = 'forward'")
    end
    back[to] = from
  end
  return back
end

--- Returns what a definition says, complete: a text is the path of the target.
local function complete(name, given)
  if type(given) == "string" then
    given = { to = given }
  elseif type(given) ~= "table" then
    fail(name, "must be a path or a table, but is " .. kit.article(kit.kind(given)))
  end
  check_names(name, given)
  check_data(name, given)
  local def = {}
  for key, value in pairs(given) do
    def[key] = value
  end
  def.from = path_list(name, "from", def.from or name)
  def.to = path_list(name, "to", def.to or name)
  def.direction = def.direction or (def.constant ~= nil and "forward" or "both")
  if not def.from_as and (IS_TIME[def.as or ""] or def.as == "list" or def.as == "phone") then
    def.from_as = ({ list = "text", phone = "phone", date = "date" })[def.as] or "datetime"
  end
  check_formats(name, def)
  check_paths(name, def)
  return def
end

local function is_required(def, direction)
  return def.required == "both" or def.required == direction or (def.required == true and direction == "forward")
end

local function forward_of(name, def)
  return {
    name = name, from = def.from, to = def.to, as = def.as, from_as = def.from_as, format = def.format,
    from_format = def.from_format, values = def.values, unknown = def.unknown, otherwise = def.otherwise,
    default = def.default, constant = def.constant, required = is_required(def, "forward"), clear = def.clear,
    trim = def.trim, case = def.case, most = def.most, join = def.join, split = def.split, separator = def.separator,
    country = def.country, decimal = def.decimal,
  }
end

local function backward_of(name, def)
  return {
    name = name, from = def.to, to = def.from, as = def.from_as, from_as = def.as, format = def.from_format,
    from_format = def.format, values = def.values_back or (def.values and inverse(name, def.values)),
    unknown = def.unknown, default = def.default_back, constant = def.constant,
    required = is_required(def, "backward"), clear = def.clear, trim = def.trim, case = def.case, join = def.split,
    split = def.join, separator = def.separator, country = def.country,
  }
end

local function is_at_or_below(keys, above)
  for index, key in ipairs(above) do
    if keys[index] ~= key then
      return false
    end
  end
  return true
end

--- Refuses two fields that would write the same place, or one inside of the other.
local function check_overlap(sides)
  local written = {}
  for _, side in ipairs(sides) do
    -- The first of several alternatives is the one that is written.
    for index = 1, side.split and #side.to or 1 do
      local keys = paths.keys(side.to[index])
      for _, other in ipairs(written) do
        if is_at_or_below(keys, other.keys) or is_at_or_below(other.keys, keys) then
          fail(side.name, ("writes '%s', and so does '%s'"):format(side.to[index], other.name),
            "give one of them a direction: direction = 'forward'")
        end
      end
      written[#written + 1] = { keys = keys, name = side.name }
    end
  end
end

--- Reads a mapping. Raises `bad_mapping`.
---
---@param spec table
---@return { names: string[], forward: table[], backward: table[], ignore: table<string, boolean> }
function M.read(spec)
  if type(spec.fields) ~= "table" or next(spec.fields) == nil then
    fail(nil, "'fields' is missing or empty", "fields = { firstname = 'FirstName' } says what becomes of what")
  end
  local names = {}
  for name in pairs(spec.fields) do
    if type(name) ~= "string" then
      fail(tostring(name), "a field has a name, not a number", "write fields = { name = 'Target' }")
    end
    names[#names + 1] = name
  end
  table.sort(names)
  local read = { names = names, forward = {}, backward = {}, ignore = {}, defs = {} }
  for _, name in ipairs(names) do
    local def = complete(name, spec.fields[name])
    read.defs[name] = def
    if def.direction ~= "backward" then
      read.forward[#read.forward + 1] = forward_of(name, def)
    end
    if def.direction ~= "forward" then
      read.backward[#read.backward + 1] = backward_of(name, def)
    end
  end
  for _, path in ipairs(spec.ignore or {}) do
    read.ignore[path] = true
  end
  check_overlap(read.forward)
  check_overlap(read.backward)
  return read
end

--- The options of `mapping.compile`, to check them at the caller's line.
M.SPEC = SPEC

return M

"""##),
    EmbeddedSource(name: "pages", text: ##"""
--- Reading paged actions to the end: `local pages = require "pages"`.
---
--- One page is in memory at a time. What could cut a list short without a word is an error instead: an answer without
--- the path of its records, a cursor or a page that comes again, a total that does not add up, too many pages.
local kinds = require("kinds")
local kit = require("refold_kit")
local paths = require("refold_paths")

local M = {}

---@class pages.Options
---@field account? string The linked account; nil is the run's own.
---@field style? "cursor"|"offset"|"page" What moves on: a cursor of the answer, a count of records, a page number.
---@field records? string The path of the records in the answer: `results`; `.` is the answer itself.
---@field next? string The path of the next cursor: `paging.next.after`. Absent, null, empty or false ends the list.
---@field into? string The parameter that takes the cursor, the offset or the page number.
---@field first? integer The number of the first page, or the first offset; 1 for pages, 0 for offsets.
---@field size? integer Records in a page; sent in the parameter `size_param`.
---@field size_param? string `limit` unless it says otherwise.
---@field more? string The path of a boolean that is true while there are more pages.
---@field done? string The path of a boolean that is true on the last page.
---@field total? string The path of the number of all records.
---@field max_pages? integer More pages than this are an error; 1000.
---@field check_total? boolean `false` lets a total differ from the number of records that came.
---@field allow_repeats? boolean `true` lets a cursor or a page come again, until `max_pages`.
---@field optional? boolean `true` takes an answer without the path of its records for an empty page.

local OPTIONS <const> = kit.declare({
  "account:string", "style:string", "records:string", "next:string", "into:string", "first:integer", "size:integer",
  "size_param:string", "more:string", "done:string", "total:string", "max_pages:integer", "check_total:boolean",
  "allow_repeats:boolean", "optional:boolean",
})

local STYLES <const> = { cursor = true, offset = true, page = true }

--- The state of one reading.
---@class pages.Reading
---@field where string The action, for messages.
---@field opts pages.Options
---@field params table What the next call sends.
---@field number integer Pages that came.
---@field received integer Records that came, with those before the first offset.
---@field cursors table<any, integer> The pages that gave each cursor.
---@field last? string The page before, as text, to see it come again.

local function fail(reading, code, message, hint)
  error(kit.failure({
    code = code,
    message = reading.where .. ": " .. message,
    hint = hint,
    page = reading.number,
    received = reading.received,
  }), 0)
end

-- The parts of an answer -------------------------------------------------------------------------

local function is_list(value)
  if type(value) == "userdata" then
    return value ~= refold.null
  end
  return type(value) == "table" and (#value > 0 or next(value) == nil)
end

local function records_of(reading, answer)
  local path = reading.opts.records
  local records = answer
  if path ~= "." then
    records = paths.get(answer, path)
  end
  if records == nil and reading.opts.optional then
    return {}
  elseif records == nil then
    local message = ("page %d has no '%s'; it has %s"):format(reading.number, path, paths.names(answer))
    fail(reading, "missing_path", message, "say where the records are: records = 'PATH'. "
      .. "When an empty page comes without it, pass optional = true")
  elseif not is_list(records) then
    local message = ("'%s' of page %d is no list"):format(path, reading.number)
    fail(reading, "missing_path", message, "say where the records are: records = 'PATH'")
  end
  return records
end

--- Returns the boolean at a path, nil when there is no such option.
local function flag_of(reading, answer, path)
  if not path then
    return nil
  end
  local value = paths.get(answer, path)
  if type(value) ~= "boolean" then
    local message = ("page %d has no boolean '%s'; it has %s"):format(reading.number, path, paths.names(answer))
    fail(reading, "missing_path", message, "name the field that tells whether there is more, or leave it out")
  end
  return value
end

local function total_of(reading, answer)
  local path = reading.opts.total
  if not path then
    return nil
  end
  local total = math.tointeger(tonumber(paths.get(answer, path)))
  if not total then
    local message = ("page %d has no number '%s'; it has %s"):format(reading.number, path, paths.names(answer))
    fail(reading, "missing_path", message, "name the field that holds the number of all records, or leave it out")
  end
  return total
end

-- What comes next --------------------------------------------------------------------------------

--- Ends a reading, once its records add up.
local function finish(reading, total)
  if total and reading.opts.check_total ~= false and not reading.is_resumed and total ~= reading.received then
    local message = ("%d records came, but '%s' says %d"):format(reading.received, reading.opts.total, total)
    fail(reading, "total_mismatch", message, "records may have changed meanwhile: read again, "
      .. "or pass check_total = false to take what came")
  end
  reading.is_done = true
end

local function refuse_cap(reading)
  local most = reading.opts.max_pages or 1000
  if reading.number >= most then
    local message = ("there is more after %d pages with %d records"):format(reading.number, reading.received)
    fail(reading, "too_many_pages", message, "narrow the list down, or pass max_pages = " .. most * 10)
  end
end

local function refuse_cursor(reading, cursor)
  local before = reading.cursors[cursor]
  if before and not reading.opts.allow_repeats then
    local message = ("page %d gives the cursor '%s' of page %d again"):format(reading.number, tostring(cursor), before)
    fail(reading, "repeated_cursor", message, "the list would never end; pass allow_repeats = true to go on regardless")
  end
  reading.cursors[cursor] = reading.number
end

local function refuse_same_page(reading, records)
  if #records == 0 or reading.opts.allow_repeats then
    return
  end
  local text = require("json").encode(records, { sort_keys = true })
  if text == reading.last then
    local message = ("page %d is page %d again"):format(reading.number, reading.number - 1)
    local hint = ("the app may not know the parameter '%s'; "):format(reading.opts.into)
    fail(reading, "repeated_page", message, hint .. "pass allow_repeats = true when equal pages are right")
  end
  reading.last = text
end

local function advance_cursor(reading, answer, total, more)
  local cursor = paths.get(answer, reading.opts.next)
  if cursor == nil or cursor == refold.null or cursor == "" or cursor == false or more == false then
    return finish(reading, total)
  end
  refuse_cursor(reading, cursor)
  reading.params[reading.opts.into] = cursor
end

--- Whether a list that is counted has come to its end.
local function is_last(reading, count, total, more)
  if more ~= nil then
    return not more
  elseif total and not reading.is_paged_from_middle then
    return reading.received >= total or count == 0
  end
  return count == 0
end

local function advance_count(reading, records, total, more)
  if is_last(reading, #records, total, more) then
    return finish(reading, total)
  elseif #records == 0 then
    fail(reading, "repeated_page", ("page %d is empty, but is not the last"):format(reading.number),
      "the list would never end; check 'more' and 'done'")
  end
  refuse_same_page(reading, records)
  local step = reading.opts.style == "page" and 1 or #records
  reading.position = reading.position + step
  reading.params[reading.opts.into] = tostring(reading.position)
end

local function advance(reading, answer, records)
  local total = total_of(reading, answer)
  local more, done = flag_of(reading, answer, reading.opts.more), flag_of(reading, answer, reading.opts.done)
  if done ~= nil then
    more = not done
  end
  if reading.opts.style == "cursor" then
    advance_cursor(reading, answer, total, more)
  else
    advance_count(reading, records, total, more)
  end
  if not reading.is_done then
    refuse_cap(reading)
  end
end

-- Starting ---------------------------------------------------------------------------------------

local function check_options(where, opts, level)
  if not opts.style then
    error(where .. ": how this is paged is not known; say style = 'cursor', 'offset' or 'page'", level + 1)
  elseif not STYLES[opts.style] then
    error(("%s: unknown style '%s' (use 'cursor', 'offset' or 'page')"):format(where, opts.style), level + 1)
  end
  local needed = { "records", "into", opts.style == "cursor" and "next" or nil }
  for _, name in ipairs(needed) do
    if not opts[name] then
      error(("%s: the style '%s' needs '%s'"):format(where, opts.style, name), level + 1)
    end
  end
end

local function start(where, params, opts)
  local sent = {}
  for name, value in pairs(params or {}) do
    sent[name] = value
  end
  local size_param = opts.size_param or "limit"
  if opts.size and sent[size_param] == nil then
    sent[size_param] = tostring(opts.size)
  end
  local given = sent[opts.into]
  local first = opts.first or (opts.style == "page" and 1 or 0)
  local position = math.tointeger(tonumber(given)) or first
  local reading = { where = where, opts = opts, params = sent, number = 0, cursors = {}, position = position }
  reading.received = opts.style == "offset" and position - first or 0
  -- A total counts from the beginning; whoever begins later cannot compare with it, save by offsets.
  reading.is_resumed = given ~= nil and opts.style ~= "offset"
  reading.is_paged_from_middle = opts.style == "page" and position ~= first
  if opts.style ~= "cursor" and position ~= first then
    sent[opts.into] = tostring(position)
  elseif opts.style == "page" then
    sent[opts.into] = tostring(first)
  end
  return reading
end

--- Returns the iterator over the pages of a reading.
local function iterate(reading, fetch)
  return function()
    if reading.is_done then
      return nil
    end
    local answer = fetch(reading.params)
    reading.number = reading.number + 1
    local records = records_of(reading, answer)
    reading.received = reading.received + #records
    advance(reading, answer, records)
    return records, answer
  end
end

--- Returns the options of a call over what is known of the action.
local function merged(app, action, opts)
  local known = opts.style == nil and kinds.paging(app, action) or {}
  local all = {}
  for _, name in ipairs(OPTIONS.names) do
    if opts[name] ~= nil then
      all[name] = opts[name]
    else
      all[name] = known[name]
    end
  end
  return all
end

local function batches(where, app, action, params, opts)
  kit.expect(where, "app", app, "string", 3)
  kit.expect(where, "action", action, "string", 3)
  if params ~= nil then
    kit.expect(where, "params", params, "table", 3)
  end
  opts = merged(app, action, kit.options(where, opts, OPTIONS, 3))
  check_options(where .. ": " .. app .. "." .. action, opts, 3)
  return iterate(start(app .. "." .. action, params, opts), function(sent)
    return refold.exec(app, action, opts.account, sent).data
  end)
end

--- Returns an iterator over the pages of a list of your own, for what no action gives.
---
---@param fetch fun(params: table): any Returns the answer for these parameters, which it must not keep.
---@param opts pages.Options `style`, `records` and `into` are needed, and `next` for cursors.
---@return fun(): any[]?, any? # The records of the next page, and the whole answer; nil after the last.
function M.walk(fetch, opts)
  kit.expect("pages.walk", "fetch", fetch, "function")
  opts = kit.options("pages.walk", opts, OPTIONS)
  check_options("pages.walk", opts, 2)
  return iterate(start("pages.walk", nil, opts), fetch)
end

--- Returns an iterator over the pages of an action: for work on many records at once.
---
---@param app string
---@param action string
---@param params? table<string, any> As of `refold.exec`. A cursor or an offset in it is where to begin.
---@param opts? pages.Options For the apps of the sandbox nothing is needed.
---@return fun(): any[]?, any? # The records of the next page, and the whole answer; nil after the last.
function M.batches(app, action, params, opts)
  -- No tail call: errors name the line of the caller.
  return (batches("pages.batches", app, action, params, opts))
end

--- Returns an iterator over all records of a paged action.
---
--- ```lua
--- for contact in pages.each("hubspot", "get_contact") do print(contact.id) end
--- ```
---@param app string
---@param action string
---@param params? table<string, any> As of `refold.exec`. A cursor or an offset in it is where to begin.
---@param opts? pages.Options For the apps of the sandbox nothing is needed.
---@return fun(): any # The next record; nil after the last. Raises what `refold.exec` raises, and errors with the codes
--- `missing_path`, `repeated_cursor`, `repeated_page`, `total_mismatch` and `too_many_pages`.
function M.each(app, action, params, opts)
  local next_batch = batches("pages.each", app, action, params, opts)
  local batch, index = {}, 0
  return function()
    index = index + 1
    while batch and index > #batch do
      batch, index = next_batch(), 1
    end
    return batch and batch[index]
  end
end

return M

"""##),
    EmbeddedSource(name: "refold_dates", text: ##"""
--- Dates and times as seconds since 1970 in UTC, for `mapping`, `ensure` and `sync`.
---
--- It is no part of what scripts are promised. Without leap seconds: 23:59:60 is the second after 23:59:59.
local M = {}

local byte <const>, find <const>, match <const>, sub <const> = string.byte, string.find, string.match, string.sub
local format <const> = string.format

local MONTH_DAYS <const> = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function days_in(year, month)
  if month == 2 and year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0) then
    return 29
  end
  return MONTH_DAYS[month]
end

--- Returns the days since 1970 of a date of the Gregorian calendar, nil when there is no such date.
---
--- Years that begin in March, as in "chrono-Compatible Low-Level Date Algorithms" by Howard Hinnant.
function M.days(year, month, day)
  if month < 1 or month > 12 or day < 1 or day > days_in(year, month) then
    return nil
  end
  local shifted = month <= 2 and year - 1 or year
  local era, of_era = shifted // 400, shifted % 400
  local day_of_year = (153 * (month + (month > 2 and -3 or 9)) + 2) // 5 + day - 1
  return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + day_of_year - 719468
end

--- Returns year, month and day of a number of days since 1970.
function M.civil(days)
  local shifted = days + 719468
  local era, of_era = shifted // 146097, shifted % 146097
  local year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local day_of_year = of_era - (365 * year + year // 4 - year // 100)
  local month = (5 * day_of_year + 2) // 153
  local day = day_of_year - (153 * month + 2) // 5 + 1
  month = month + (month < 10 and 3 or -9)
  return year + era * 400 + (month <= 2 and 1 or 0), month, day
end

local function seconds_of(days, hour, minute, second)
  if not days or hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second > 0) then
    return nil
  end
  return days * 86400 + hour * 3600 + minute * 60 + second
end

--- Returns the seconds that a zone is ahead of UTC: nothing and `Z` are UTC; nil for what is no zone.
local function offset_of(zone)
  if zone == "" or zone == "Z" or zone == "z" then
    return 0
  end
  local sign, hours, minutes = zone:match("^([+-])(%d%d):?(%d?%d?)$")
  hours, minutes = tonumber(hours), minutes == "" and 0 or tonumber(minutes)
  if not hours or hours > 18 or minutes > 59 then
    return nil
  end
  return (sign == "-" and -1 or 1) * (hours * 3600 + minutes * 60)
end

local function two(tens, ones)
  return tens * 10 + ones - 528
end

--- Reads what follows a date and is not plainly `T10:00:00Z`: ` 10:00+02:00`. Returns seconds in UTC, thousandths.
local function read_time(text, days)
  local hour, minute, rest = match(text, "^[Tt ](%d%d):(%d%d)(.*)$", 11)
  if not hour then
    return nil
  end
  local second, fraction = "0", ""
  local tail = match(rest, "^:%d%d(.*)$")
  if tail then
    second, fraction, rest = rest:sub(2, 3), match(tail, "^([.,]?%d*)(.*)$")
  end
  local offset = offset_of(rest)
  local seconds = offset and seconds_of(days, tonumber(hour), tonumber(minute), tonumber(second))
  if not seconds or find(fraction, "^[.,]$") or (fraction ~= "" and not find(fraction, "^[.,]")) then
    return nil
  end
  local digits = (fraction:sub(2) .. "000"):sub(1, 3)
  return seconds - offset, tonumber(digits)
end

--- The seconds of a time in UTC of which the first 19 bytes are known to be digits and signs in their places.
local function read_plain(text, days)
  local a, b, _, c, d, _, e, f = byte(text, 12, 19)
  return seconds_of(days, two(a, b), two(c, d), two(e, f))
end

--- Reads a date or a time as ISO 8601 writes them; without a zone it is UTC.
---
---@param text any
---@return integer? seconds Since 1970 in UTC; nil for other text.
---@return integer? thousandths
---@return boolean? is_date Whether it is a date without a time.
function M.read(text)
  if type(text) ~= "string" or not find(text, "^%d%d%d%d%-%d%d%-%d%d") then
    return nil
  end
  local a, b, c, d, _, e, f, _, g, h = byte(text, 1, 10)
  local days = M.days(a * 1000 + b * 100 + c * 10 + d - 53328, two(e, f), two(g, h))
  if not days then
    return nil
  elseif #text == 10 then
    return days * 86400, 0, true
  elseif find(text, "^T%d%d:%d%d:%d%dZ$", 11) then
    local seconds = read_plain(text, days)
    return seconds, seconds and 0, false
  elseif find(text, "^T%d%d:%d%d:%d%d%.%d%d%dZ$", 11) then
    local seconds = read_plain(text, days)
    return seconds, seconds and tonumber(sub(text, 21, 23)), false
  end
  local seconds, thousandths = read_time(text, days)
  if seconds then
    return seconds, thousandths, false
  end
end

--- Dates that were found to exist, since the same ones come again and again; emptied when they are many.
local known_days, known_count = {}, 0
local MOST_KNOWN <const> = 1000

--- Returns the date of a time that is plainly written in UTC, `2026-01-20T10:00:00Z`; nil for any other text, which may
--- be a time all the same. Faster than `read`.
---
---@param text string
---@return string?
function M.plain_day(text)
  if not find(text, "^T[0-2]%d:[0-5]%d:[0-5]%d%.?%d*Z$", 11) or byte(text, -2) == 46 then
    return nil
  end
  local tens, ones = byte(text, 12, 13)
  if tens == 50 and ones > 51 then
    return nil
  end
  local day = sub(text, 1, 10)
  if known_days[day] then
    return day
  elseif not M.read(day) then
    return nil
  end
  if known_count == MOST_KNOWN then
    known_days, known_count = {}, 0
  end
  known_days[day], known_count = true, known_count + 1
  return day
end

--- Writes the date of a time: `2026-01-20`.
function M.date(seconds)
  return format("%04d-%02d-%02d", M.civil(seconds // 86400))
end

--- Writes a time in UTC: `2026-01-20T10:00:00Z`, with thousandths unless there are none.
function M.datetime(seconds, thousandths)
  local of_day = seconds % 86400
  local year, month, day = M.civil(seconds // 86400)
  local text = format("%04d-%02d-%02dT%02d:%02d:%02d",
    year, month, day, of_day // 3600, of_day // 60 % 60, of_day % 60)
  return thousandths and thousandths > 0 and format("%s.%03dZ", text, thousandths) or text .. "Z"
end

-- Formats of one's own ---------------------------------------------------------------------------

local TOKENS <const> = {
  YYYY = { "(%d%d%d%d)", "%04d", "year" },
  YY = { "(%d%d)", "%02d", "short" },
  MM = { "(%d%d)", "%02d", "month" },
  M = { "(%d%d?)", "%d", "month" },
  DD = { "(%d%d)", "%02d", "day" },
  D = { "(%d%d?)", "%d", "day" },
  HH = { "(%d%d)", "%02d", "hour" },
  mm = { "(%d%d)", "%02d", "minute" },
  ss = { "(%d%d)", "%02d", "second" },
}

--- Takes a format apart: a pattern to read with, a format to write with, and the names of their parts.
local function tokens_of(text)
  local pattern, output, names, at = { "^" }, {}, {}, 1
  while at <= #text do
    local word = text:match("^%a+", at)
    local token
    if word then
      token = TOKENS[word]
      if not token then
        return nil, "'" .. word .. "' is none of YYYY, YY, MM, M, DD, D, HH, mm and ss"
      end
      pattern[#pattern + 1], output[#output + 1], names[#names + 1] = token[1], token[2], token[3]
      at = at + #word
    else
      local char = text:sub(at, at)
      pattern[#pattern + 1] = char:gsub("%p", "%%%0")
      output[#output + 1] = char:gsub("%%", "%%%%")
      at = at + 1
    end
  end
  pattern[#pattern + 1] = "$"
  return table.concat(pattern), table.concat(output), names
end

local function read_with(pattern, names)
  return function(text)
    local captures = type(text) == "string" and { text:match(pattern) } or {}
    if #captures == 0 then
      return nil
    end
    local part = { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 }
    for index, name in ipairs(names) do
      part[name] = tonumber(captures[index])
    end
    part.year = part.short and 2000 + part.short or part.year
    local days = M.days(part.year, part.month, part.day)
    return seconds_of(days, part.hour, part.minute, part.second), 0
  end
end

local function write_with(output, names)
  return function(seconds)
    local of_day = seconds % 86400
    local year, month, day = M.civil(seconds // 86400)
    local part = {
      year = year, short = year % 100, month = month, day = day, hour = of_day // 3600, minute = of_day // 60 % 60,
      second = of_day % 60,
    }
    local values = {}
    for index, name in ipairs(names) do
      values[index] = part[name]
    end
    return format(output, table.unpack(values))
  end
end

--- Returns functions that read and write a format such as `DD/MM/YYYY HH:mm`; or nil and what is wrong with it.
---
---@param text string Of YYYY, YY, MM, M, DD, D, HH, mm and ss; other characters but letters stand for themselves.
---@return { read: fun(text: any): integer?, write: fun(seconds: integer): string }?
---@return string? problem
function M.format(text)
  local pattern, output, names = tokens_of(text)
  if not pattern then
    return nil, output
  end
  return { read = read_with(pattern, names), write = write_with(output, names) }
end

return M

"""##),
    EmbeddedSource(name: "refold_kit", text: ##"""
--- What the modules of the standard library share: arguments, options, and failures that print well.
---
--- It is no part of what scripts are promised; its name starts with `refold_` so that no project's module has it.
local M = {}

local INFINITE <const> = math.huge

--- The metatable of tables that are marked as JSON arrays.
M.array_mark = getmetatable(refold.array({}))

--- The metatable of failures: `tostring` gives the message, and the hint below it.
local Failure = { __name = "failure" }

function Failure.__tostring(failure)
  local hint = failure.hint and "\n  fix: " .. failure.hint or ""
  return tostring(failure.message) .. hint
end

--- Returns a failure to raise with `error`.
---
---@param fields { code: string, message: string, hint?: string, [string]: any }
---@return table failure The same table.
function M.failure(fields)
  return setmetatable(fields, Failure)
end

--- Names the kind of a value as messages call it: `null`, `integer`, `view`, or the name of its type.
---
---@param value any
---@return string
function M.kind(value)
  local kind = type(value)
  if kind == "number" then
    return math.type(value) == "integer" and "integer" or "number"
  elseif kind == "userdata" then
    return value == refold.null and "null" or "view"
  end
  return kind
end

--- Puts quotes around names and joins them: `'a', 'b' or 'c'`.
---
---@param names string[]
---@param word? string What stands before the last; "or" unless it says otherwise.
---@return string
function M.alternatives(names, word)
  local quoted = {}
  for index, name in ipairs(names) do
    quoted[index] = "'" .. name .. "'"
  end
  if #quoted < 2 then
    return quoted[1] or ""
  end
  local last = table.remove(quoted)
  return table.concat(quoted, ", ") .. " " .. (word or "or") .. " " .. last
end

--- Returns the number of edits (insert, delete, replace, swap of neighbours) between two texts, counted in bytes.
local function distance(one, other)
  local before, previous = {}, {}
  for column = 0, #other do
    previous[column] = column
  end
  for row = 1, #one do
    local current = { [0] = row }
    for column = 1, #other do
      local same = one:byte(row) == other:byte(column)
      local cost = math.min(previous[column - 1] + (same and 0 or 1), previous[column] + 1, current[column - 1] + 1)
      if row > 1 and column > 1 and one:sub(row - 1, row):reverse() == other:sub(column - 1, column) then
        cost = math.min(cost, before[column - 2] + 1)
      end
      current[column] = cost
    end
    before, previous = previous, current
  end
  return previous[#other]
end

--- Returns the name that somebody probably meant, or nil. The rule is that of the host: one edit in up to five
--- characters, two in up to eight, three beyond; of equally near ones the first in alphabetical order.
---
---@param name string
---@param names string[]
---@return string?
function M.nearest(name, names)
  if #name == 0 or #name > 200 then
    return nil
  end
  local limit = #name <= 5 and 1 or #name <= 8 and 2 or 3
  local best, best_distance = nil, INFINITE
  for _, candidate in ipairs(names) do
    if math.abs(#candidate - #name) <= limit then
      local edits = distance(name:lower(), candidate:lower())
      if edits <= limit and edits < math.max(#name, #candidate) then
        if edits < best_distance or (edits == best_distance and candidate < best) then
          best, best_distance = candidate, edits
        end
      end
    end
  end
  return best
end

--- Says what to use instead of an unknown name: the nearest of many names, or all of a few.
---
---@param name any
---@param names string[]
---@return string # `use 'limit' or 'cursor'`, or `did you mean 'limit'?`
function M.suggest(name, names)
  if #names > 6 then
    local near = M.nearest(tostring(name), names)
    if near then
      return "did you mean '" .. near .. "'?"
    end
  end
  return "use " .. M.alternatives(names)
end

--- Declares the options of a function, once: `kit.declare({ "limit:integer", "key:string|function" })`.
---
---@param texts string[] Names with their types: string, number, integer, boolean, function, table or any.
---@return { names: string[], types: table<string, table<string, boolean>>, shown: table<string, string> }
function M.declare(texts)
  local declared = { names = {}, types = {}, shown = {} }
  for index, text in ipairs(texts) do
    local name, types = text:match("^([%w_]+):(.+)$")
    local set, list = {}, {}
    for kind in types:gmatch("[^|]+") do
      set[kind] = true
      list[#list + 1] = kind
    end
    declared.names[index] = name
    declared.types[name] = set
    declared.shown[name] = table.concat(list, " or ")
  end
  return declared
end

local NONE <const> = {}

local function fits(value, types)
  local kind = M.kind(value)
  return types[kind] or types.any or (kind == "integer" and types.number)
    or (kind == "number" and types.integer and value % 1 == 0)
end

--- Returns the options of a call, an empty table when it has none; raises text at the line of whoever called the
--- function that calls this.
---
---@param where string The function, as in `list.chunk`.
---@param opts? table
---@param declared table What `declare` gave.
---@param level? integer How many functions lie between the caller and this one; 2 unless it says otherwise.
---@return table
function M.options(where, opts, declared, level)
  if opts == nil then
    return NONE
  end
  level = (level or 2) + 1
  if type(opts) ~= "table" then
    error(where .. ": the options must be a table, but are " .. M.article(M.kind(opts)), level)
  end
  for name, value in pairs(opts) do
    local types = declared.types[name]
    if not types then
      error(("%s: unknown option '%s' (%s)"):format(where, tostring(name), M.suggest(name, declared.names)), level)
    end
    if not fits(value, types) then
      local wanted, kind = declared.shown[name], M.article(M.kind(value))
      error(("%s: option '%s' must be %s, but is %s"):format(where, name, M.article(wanted), kind), level)
    end
  end
  return opts
end

--- Returns a kind with its article: `a string`, `an integer`, `nil`.
function M.article(kind)
  if kind == "nil" or kind == "null" or kind == "any" then
    return kind
  end
  return (kind:find("^[aeiou]") and "an " or "a ") .. kind
end

--- Raises text at the line of the caller's caller unless an argument has the type.
---
---@param where string
---@param name string What the argument is called.
---@param value any
---@param kind "string"|"number"|"integer"|"boolean"|"function"|"table"
---@param level? integer As of `options`.
function M.expect(where, name, value, kind, level)
  local is = M.kind(value)
  if is ~= kind and not (kind == "number" and is == "integer") then
    error(("%s: %s must be %s, but is %s"):format(where, name, M.article(kind), M.article(is)), (level or 2) + 1)
  end
end

--- Raises text at the line of the caller's caller unless an argument is a whole number, and not too small.
---
---@param where string
---@param name string
---@param value any
---@param least integer
---@param level? integer As of `options`.
function M.expect_whole(where, name, value, least, level)
  if math.type(value) ~= "integer" or value < least then
    local is = math.type(value) == "integer" and tostring(value) or M.article(M.kind(value))
    error(("%s: %s must be an integer of at least %d, but is %s"):format(where, name, least, is), (level or 2) + 1)
  end
end

--- Whether a key orders nothing: nil, null or NaN.
function M.is_absent(key)
  return key == nil or key == refold.null or key ~= key
end

local RANKS <const> = { number = 1, string = 2, boolean = 3 }

--- Whether a key comes before another: numbers, then texts by their bytes, then false and true, then the rest.
function M.before(one, other)
  local rank, other_rank = RANKS[type(one)] or 4, RANKS[type(other)] or 4
  if rank ~= other_rank then
    return rank < other_rank
  elseif rank <= 2 then
    return one < other
  elseif rank == 3 then
    return not one and other
  end
  return tostring(one) < tostring(other)
end

--- Raises text at the line of the caller's caller unless an argument is a list or an iterator.
---
--- A list is a table without other keys than 1 to n, or a view of an array; an iterator is a function that gives
--- the next value each time, and nil after the last.
---@param where string
---@param name string
---@param value any
---@param level? integer As of `options`.
function M.expect_list(where, name, value, level)
  local kind = M.kind(value)
  if kind == "function" or kind == "view" or (kind == "table" and (#value > 0 or next(value) == nil)) then
    return
  end
  local is = kind == "table" and "a table with names" or M.article(kind)
  error(("%s: %s must be a list or an iterator, but is %s"):format(where, name, is), (level or 2) + 1)
end

--- Goes over a list or an iterator: `for index, value in kit.each(source)`.
---
---@param source table|function
---@return function, any, any
function M.each(source)
  if type(source) ~= "function" then
    return ipairs(source)
  end
  local index = 0
  return function()
    local value = source()
    if value ~= nil then
      index = index + 1
      return index, value
    end
  end
end

--- Returns the element itself: the selector of those who want none.
function M.itself(element)
  return element
end

--- Returns the function of a selector: a function is one, and a text is the name of a field, where null is absent.
---
---@param where string
---@param selector function|string
---@param level? integer As of `options`.
---@return fun(element: any, index: integer): any
function M.selector(where, selector, level)
  if type(selector) == "function" then
    return selector
  elseif type(selector) == "string" then
    return function(element)
      local value = element[selector]
      if value ~= refold.null then
        return value
      end
    end
  end
  local is = M.article(M.kind(selector))
  error(where .. ": the selector must be a function or the name of a field, but is " .. is, (level or 2) + 1)
end

--- Returns a path with a key added: `$.lines[3].qty`, `$["first name"]`.
---
---@param path string
---@param key any
---@return string
function M.path(path, key)
  if type(key) == "string" then
    if key:find("^[%a_][%w_]*$") then
      return path .. "." .. key
    end
    return path .. '["' .. key:gsub('[\\"]', "\\%0"):gsub("%c", function(char)
      return ("\\x%02x"):format(char:byte())
    end) .. '"]'
  end
  return path .. "[" .. tostring(key) .. "]"
end

return M

"""##),
    EmbeddedSource(name: "refold_paths", text: ##"""
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

"""##),
    EmbeddedSource(name: "sync", text: ##"""
--- Keeping the records of two apps alike: `local sync = require "sync"`.
---
--- `sync.one_way` carries the source's changes to the target, `sync.two_way` the changes of each side to the other. A
--- run reads what changed since the last one, writes the fields that differ, and remembers for each pair of records how
--- it left them. Run again, it writes nothing; interrupted, it goes on where it was; what it wrote itself it does not
--- take for a change.
local compare = require("ensure_compare")
local dates = require("refold_dates")
local deletes = require("sync_deletes")
local kinds = require("kinds")
local kit = require("refold_kit")
local pages = require("pages")
local records = require("ensure_records")
local states = require("sync_state")
local sync_records = require("sync_records")

local M = {}

---@class sync.Options
---@field mapping mapping.Mapping What `mapping.compile` gave: source to target, and back.
---@field deletes "ignore"|"archive"|"delete" What becomes of a record whose counterpart was deleted. It has to be said.
--- Other than `ignore`, every run reads all records.
---@field archive? table<string, any> With `archive`: the fields that are written instead of deleting.
---@field max_deletes? integer More deletions in one run are an error, before any is carried over; 20.
---@field owner? table<string, "source"|"target"|"both"> By field of the mapping: the side whose value counts; `both`
--- unless it says otherwise: then the side that changed it counts. One way, it is the source.
---@field conflicts? "error"|"source"|"target"|"newest" What counts when both sides changed a field since the last run;
--- an error unless it says so. The other records go on.
---@field creates? "both"|"source"|"target"|"none" The sides on which records may be created; `both` unless it says
--- otherwise; one way, `target`.
---@field compare? table<string, string> How fields of the target are compared: see `ensure.record`.
---@field name? string The name under which its state is kept; the names of the kinds unless it says otherwise.
---@field full? boolean `true` reads and compares all records, not only those that changed.
---@field overlap? integer The seconds before the last run's newest change that are read again, for apps whose lists lag
--- behind; 60.
---@field concurrency? integer How many records are worked on at once; 4.
---@field settle? boolean `true` returns what happened although records failed, with their `errors`.
---@field stall_after? integer After so many runs in which the same records failed, the error is `stalled`; 5.
---@field each? fun(entry: table) Called for each record that is written or skipped: `{ action, side, id, changed? }`.
---@field account? string The linked account; nil is the run's own.
---@field store? table Where the state is kept; `refold.store` unless it says otherwise.

---@class sync.Result
---@field read integer Records that were read, each pair counted once.
---@field created integer
---@field updated integer
---@field unchanged integer
---@field deleted integer Also those that were archived.
---@field skipped integer Records without a key, or that may not be created.
---@field conflicts integer Records of which both sides changed the same field.
---@field failed integer
---@field writes { source: integer, target: integer }
---@field errors { id: string, side: string, code: string, message: string }[] At most 20.

local OPTIONS <const> = kit.declare({
  "mapping:table", "deletes:string", "archive:table", "max_deletes:integer", "owner:table", "conflicts:string",
  "creates:string", "compare:table", "name:string", "full:boolean", "overlap:integer", "concurrency:integer",
  "settle:boolean", "stall_after:integer", "each:function", "account:string", "store:table",
})

local CHOICES <const> = {
  deletes = { "ignore", "archive", "delete" },
  conflicts = { "error", "source", "target", "newest" },
  creates = { "both", "source", "target", "none" },
}

--- Errors that end the run at once: every other record would fail of them, too.
local FATAL <const> = { auth = true, permission = true, budget = true, cancelled = true, unknown_outcome = true }

local MOST_ERRORS <const> = 20

--- After so many records in a row that failed of what may pass, the app is taken for down.
local MOST_TRANSIENT <const> = 5

-- Options ----------------------------------------------------------------------------------------

local function check_choices(where, opts, level)
  for name, choices in pairs(CHOICES) do
    local value, is_known = opts[name], opts[name] == nil
    for _, choice in ipairs(choices) do
      is_known = is_known or choice == value
    end
    if not is_known then
      error(("%s: unknown %s '%s' (%s)"):format(where, name, value, kit.suggest(value, choices)), level + 1)
    end
  end
end

local function check_owners(where, opts, level)
  local names, known = {}, {}
  for index, field in ipairs(opts.mapping.fields) do
    names[index], known[field.name] = field.name, true
  end
  for name, side in pairs(opts.owner or {}) do
    if not known[name] then
      error(("%s: the owner of '%s', which is no field of the mapping (%s)"):format(
        where, tostring(name), kit.suggest(tostring(name), names)), level + 1)
    elseif side ~= "source" and side ~= "target" and side ~= "both" then
      error(("%s: the owner of '%s' is '%s' (use 'source', 'target' or 'both')"):format(
        where, name, tostring(side)), level + 1)
    end
  end
end

local function check(where, opts, level)
  level = level + 1
  if type(opts.mapping) ~= "table" or not opts.mapping.forward then
    error(where .. ": 'mapping' must be what mapping.compile gave", level)
  elseif opts.deletes == nil then
    error(where .. ": say what becomes of deleted records: deletes = 'ignore', 'archive' or 'delete'", level)
  elseif opts.deletes == "archive" and not opts.archive then
    error(where .. ": deletes = 'archive' needs the fields to write: archive = { status = 'archived' }", level)
  end
  check_choices(where, opts, level)
  check_owners(where, opts, level)
  compare.check_modes(where, opts.compare, level)
end

--- Returns the options with what depends on the direction.
local function complete(opts, is_two_way)
  local all = {}
  for name, value in pairs(opts) do
    all[name] = value
  end
  all.creates = opts.creates or (is_two_way and "both" or "target")
  if not is_two_way and all.creates == "both" then
    all.creates = "target"
  end
  return all
end

local function with_compare(kind, modes)
  if not modes then
    return kind
  end
  local all = {}
  for _, source in ipairs({ kind.compare or {}, modes }) do
    for field, mode in pairs(source) do
      all[field] = mode
    end
  end
  return kinds.with(kind, { compare = all })
end

local function new_job(source, target, opts, is_two_way)
  local job = {
    source = source,
    target = with_compare(target, opts.compare),
    mapping = opts.mapping,
    fields = {},
    opts = complete(opts, is_two_way),
    is_two_way = is_two_way,
    name = opts.name or source.name .. ">" .. target.name,
    counts = {
      read = 0, created = 0, updated = 0, unchanged = 0, deleted = 0, skipped = 0, conflicts = 0, failed = 0,
    },
    writes = { source = 0, target = 0 },
    errors = refold.array({}),
    failed_ids = {},
    transient = 0,
    seen = opts.deletes ~= "ignore" and { source = {}, target = {} } or nil,
    busy = {},
    done = {},
    newest = {},
  }
  for _, field in ipairs(opts.mapping.fields) do
    if is_two_way or field.direction ~= "backward" then
      job.fields[#job.fields + 1] = field
    end
  end
  job.state = states.open(opts.store or refold.store, job.name)
  return job
end

-- Reading ----------------------------------------------------------------------------------------

--- Returns where to begin: some time before the newest change that the last good run saw.
local function since(job, side)
  local cursor = (job.state.get("cursor") or {})[side]
  local seconds = dates.read(cursor)
  return seconds and dates.datetime(seconds - (job.opts.overlap or 60)) or cursor
end

--- Returns an iterator over the pages of a side: of what changed when the app can tell, else of everything.
local function batches(job, side)
  local kind = job[side]
  local from = not job.seen and not job.opts.full and kind.changes and since(job, side)
  local part = from and kind.changes or kind.list
  if not part then
    error(kit.failure({
      code = "unsupported",
      message = kind.name .. ": the kind does not say how to list records",
      hint = "give it 'list', as kinds_data.lua does for other apps",
    }), 0)
  elseif type(part) == "function" then
    return part(from)
  end
  -- What this run writes may enter or leave the list that it reads, so totals need not add up.
  local opts = { account = job.opts.account, check_total = side == "source" and not job.is_two_way }
  return pages.batches(kind.app, part.action, kinds.params(part.params, { since = from }), opts)
end

local function is_fatal(err)
  return type(err) ~= "table" or FATAL[err.kind] or err.code == "unsupported"
end

--- Calls a function for a record; an error is noted, and fails that record alone unless it is fatal.
local function attempt(job, side, id, fn, ...)
  local ok, err = pcall(fn, ...)
  if ok then
    job.transient = 0
    return
  end
  job.transient = type(err) == "table" and err.kind == "transient" and job.transient + 1 or 0
  if is_fatal(err) or job.transient >= MOST_TRANSIENT then
    error(err, 0)
  end
  job.counts.failed = job.counts.failed + 1
  job.failed_ids[#job.failed_ids + 1] = side .. " " .. id
  if #job.errors < MOST_ERRORS then
    job.errors[#job.errors + 1] = { side = side, id = id, code = err.code, message = tostring(err.message) }
  end
end

local function remember_newest(job, side, record)
  local modified = records.modified_of(job[side], record)
  local newest = job.newest[side]
  if modified and (not newest or (dates.read(modified) or 0) >= (dates.read(newest) or 0)) then
    job.newest[side] = modified
  end
end

local function read(job, side)
  for batch in batches(job, side) do
    refold.map(batch, function(record)
      attempt(job, side, tostring(records.id_of(job[side], record)), sync_records.handle, job, side, record)
    end, { concurrency = job.opts.concurrency or 4 })
    for _, record in ipairs(batch) do
      remember_newest(job, side, record)
    end
  end
end

-- Ending -----------------------------------------------------------------------------------------

--- Notes that a run failed, and returns how often it did in the same way.
local function count_failures(job)
  table.sort(job.failed_ids)
  local cursor = job.state.get("cursor") or {}
  local key = states.hash_of({ job.failed_ids, cursor.source or "", cursor.target or "" })
  local before = job.state.get("stall")
  local runs = before and before.key == key and before.runs + 1 or 1
  job.state.set("stall", { key = key, runs = runs })
  return runs
end

local function result_of(job)
  local result = { writes = job.writes, errors = job.errors }
  for name, count in pairs(job.counts) do
    result[name] = count
  end
  return result
end

local function fail(job, runs)
  local first = job.errors[1]
  local is_stalled = runs >= (job.opts.stall_after or 5)
  local failure = {
    code = is_stalled and "stalled" or "sync_incomplete",
    message = ("%s: %d of %d records failed%s; the first, %s %s: %s"):format(job.name, job.counts.failed,
      job.counts.read, is_stalled and ", the same in " .. runs .. " runs" or "", job[first.side].name, first.id,
      first.message),
    hint = "'errors' of the error has them all; the next run reads them again",
    result = result_of(job),
    errors = job.errors,
  }
  error(kit.failure(failure), 0)
end

--- Saves where the next run begins; only a run in which nothing failed gets here.
local function commit(job)
  local cursor = job.state.get("cursor") or {}
  for side, newest in pairs(job.newest) do
    if not cursor[side] or (dates.read(newest) or 0) >= (dates.read(cursor[side]) or 0) then
      cursor[side] = newest
    end
  end
  if next(cursor) then
    job.state.set("cursor", cursor)
  end
  if job.state.get("stall") then
    job.state.set("stall", nil)
  end
end

local function run(job)
  read(job, "source")
  if job.is_two_way then
    read(job, "target")
  end
  if job.seen then
    deletes.run(job, function(id, fn, ...)
      attempt(job, "source", id, fn, ...)
    end)
  end
  if job.counts.failed == 0 then
    commit(job)
    return result_of(job)
  end
  local runs = count_failures(job)
  if not job.opts.settle or runs >= (job.opts.stall_after or 5) then
    fail(job, runs)
  end
  return result_of(job)
end

local function start(where, source, target, opts, is_two_way)
  opts = kit.options(where, opts or {}, OPTIONS, 3)
  check(where, opts, 3)
  source, target = kinds.get(source, where, 3), kinds.get(target, where, 3)
  return run(new_job(source, target, opts, is_two_way))
end

--- Carries the source's changes to the target. Fields that only the target changed are set back.
---
---@param source string|kinds.Kind
---@param target string|kinds.Kind
---@param opts sync.Options `mapping` and `deletes` are needed.
---@return sync.Result # Raises `sync_incomplete` with `result` and `errors` when records failed, after all others were
--- done; `stalled` when the same fail again and again; `too_many_deletes`; and at once what every record would raise.
function M.one_way(source, target, opts)
  -- No tail call: errors name the line of the caller.
  return (start("sync.one_way", source, target, opts, false))
end

--- Carries the changes of each side to the other, field by field.
---
---@param source string|kinds.Kind
---@param target string|kinds.Kind
---@param opts sync.Options `mapping` and `deletes` are needed.
---@return sync.Result # Raises as `sync.one_way`, and counts a record of which both sides changed a field as failed
--- unless `conflicts` says what counts.
function M.two_way(source, target, opts)
  return (start("sync.two_way", source, target, opts, true))
end

return M

"""##),
    EmbeddedSource(name: "sync_deletes", text: ##"""
--- Carries deletions over to the other side, as the policy says. For `sync`.
local kit = require("refold_kit")
local records = require("ensure_records")
local states = require("sync_state")

local M = {}

local OTHER <const> = { source = "target", target = "source" }

--- Whether a record of a pair is gone: no page held it, and asking for it finds nothing.
local function is_gone(job, side, id)
  return not job.seen[side][id] and records.get(job[side], id, job.opts.account) == nil
end

--- Returns the pairs of which one record is gone, with the side that lacks it.
local function losses(job)
  local list = {}
  for _, pair in ipairs(job.state.pairs()) do
    local source_gone = is_gone(job, "source", pair.source)
    local target_gone = job.is_two_way and is_gone(job, "target", pair.target)
    if source_gone and target_gone then
      job.state.forget(pair)
    elseif source_gone or target_gone then
      list[#list + 1] = { pair = pair, gone = source_gone and "source" or "target" }
    end
  end
  return list
end

local function refuse_many(job, count)
  local most = job.opts.max_deletes or 20
  if count > most then
    error(kit.failure({
      code = "too_many_deletes",
      message = ("%s: %d records are gone, more than %d"):format(job.name, count, most),
      hint = ("see that nothing was lost by mistake; then pass max_deletes = %d"):format(count),
      count = count,
    }), 0)
  end
end

--- Returns what shall become of the record that is left: `delete`, `archive` or `keep`.
local function verdict(job, loss, record)
  local side = OTHER[loss.gone]
  local hashes = states.hashes(job.fields, side, records.fields_of(job[side], record))
  if not job.is_two_way or states.is_same(hashes, loss.pair[side .. "_hashes"]) or job.opts.conflicts == loss.gone then
    return job.opts.deletes
  end
  job.counts.conflicts = job.counts.conflicts + 1
  if job.opts.conflicts == side then
    return "keep"
  end
  error(kit.failure({
    code = "conflict",
    message = ("%s %s was deleted, but %s %s was changed"):format(
      job[loss.gone].name, loss.pair[loss.gone], job[side].name, loss.pair[side]),
    hint = "delete it in both apps, or pass conflicts = '" .. loss.gone .. "' or '" .. side .. "'",
    ids = { loss.pair.source, loss.pair.target },
  }), 0)
end

local function carry_over(job, loss)
  local side = OTHER[loss.gone]
  local id = loss.pair[side]
  local record = records.get(job[side], id, job.opts.account)
  local what = record and verdict(job, loss, record)
  if what == "delete" then
    records.delete(job[side], id, job.opts.account)
  elseif what == "archive" then
    records.update(job[side], id, job.opts.archive, job.opts.account)
  end
  job.state.forget(loss.pair)
  if what == "delete" or what == "archive" then
    job.counts.deleted = job.counts.deleted + 1
    job.writes[side] = job.writes[side] + 1
    if job.opts.each then
      job.opts.each({ action = what == "delete" and "deleted" or "archived", side = side, id = id })
    end
  end
end

--- Carries all deletions over. Both sides have to be read to the end before.
---
---@param job table
---@param attempt fun(id: string, fn: function, ...) Calls a function, and notes its error.
function M.run(job, attempt)
  local list = losses(job)
  refuse_many(job, #list)
  for _, loss in ipairs(list) do
    attempt(loss.pair[loss.gone], carry_over, job, loss)
  end
end

return M

"""##),
    EmbeddedSource(name: "sync_merge", text: ##"""
--- Decides, field by field, what of two records has to be written where. For `sync`.
local compare = require("ensure_compare")
local dates = require("refold_dates")
local paths = require("refold_paths")

local M = {}

local function is_empty(value)
  return value == nil or value == refold.null or value == ""
end

--- Whether all paths of a list hold the same in two records.
local function agree(one, other, list, modes)
  for _, path in ipairs(list) do
    if not compare.same(paths.get(one, path), paths.get(other, path), (modes or {})[path]) then
      return false
    end
  end
  return true
end

local function all_empty(fields, list)
  for _, path in ipairs(list) do
    if not is_empty(paths.get(fields, path)) then
      return false
    end
  end
  return true
end

--- Copies what a mapped record holds at these paths; a path that it lacks is left alone.
local function take(patch, mapped, list)
  for _, path in ipairs(list) do
    local value = paths.get(mapped, path)
    if value ~= nil then
      paths.set(patch, path, value)
    end
  end
end

--- Returns the side that was changed last, nil when nobody can tell.
local function newest(merge)
  local source, target = dates.read(merge.source_modified), dates.read(merge.target_modified)
  if not source or not target or source == target then
    return nil
  end
  return source > target and "source" or "target"
end

local function resolve(merge, field)
  local winner = merge.conflicts
  if winner == "newest" then
    winner = newest(merge)
  end
  merge.conflict_fields[#merge.conflict_fields + 1] = field.name
  if winner ~= "source" and winner ~= "target" then
    merge.is_unresolved = true
    return nil
  end
  return winner
end

--- Returns whose value counts where both sides may write: the side that changed.
local function by_change(merge, field)
  local before = merge.pair
  if not before then
    -- They meet for the first time: what is empty takes from what is not.
    if all_empty(merge.source, field.from) then
      return "target"
    elseif all_empty(merge.target, field.to) then
      return "source"
    end
    return resolve(merge, field)
  end
  local source_changed = merge.source_hashes[field.name] ~= before.source_hashes[field.name]
  local target_changed = merge.target_hashes[field.name] ~= before.target_hashes[field.name]
  if source_changed and target_changed then
    return resolve(merge, field)
  end
  return (source_changed and "source") or (target_changed and "target") or nil
end

--- Returns the side whose value counts for a field in which the records differ; nil leaves both alone.
local function winner_of(merge, field)
  local owner = merge.owner[field.name] or "both"
  if not merge.is_two_way or field.direction == "forward" or owner == "source" then
    return field.direction ~= "backward" and "source" or nil
  elseif field.direction == "backward" or owner == "target" then
    return "target"
  end
  return by_change(merge, field)
end

local function differs(merge, field)
  if field.direction == "backward" then
    return merge.is_two_way and not agree(merge.backward(), merge.source, field.from, merge.source_modes)
  end
  return not agree(merge.forward, merge.target, field.to, merge.target_modes)
end

--- Returns what has to be written to each side, as tables of fields; empty ones when nothing has to be.
---
---@param merge table `{ fields, source, target, forward, backward, pair?, owner, conflicts, … }`
---@return table source_patch
---@return table target_patch
function M.patches(merge)
  local source_patch, target_patch = {}, {}
  merge.conflict_fields = {}
  for _, field in ipairs(merge.fields) do
    if differs(merge, field) then
      local winner = winner_of(merge, field)
      if winner == "source" then
        take(target_patch, merge.forward, field.to)
      elseif winner == "target" then
        take(source_patch, merge.backward(), field.from)
      end
    end
  end
  return source_patch, target_patch
end

--- Returns fields with a patch laid over them.
function M.patched(fields, patch)
  local result = {}
  for name, value in pairs(fields) do
    result[name] = value
  end
  for name, value in pairs(patch) do
    if type(value) == "table" and type(result[name]) == "table" and #value == 0 then
      value = M.patched(result[name], value)
    end
    result[name] = value
  end
  return result
end

return M

"""##),
    EmbeddedSource(name: "sync_records", text: ##"""
--- Brings one pair of records together. For `sync`.
local kit = require("refold_kit")
local merging = require("sync_merge")
local records = require("ensure_records")
local states = require("sync_state")

local M = {}

local OTHER <const> = { source = "target", target = "source" }

--- How often the same may be written to a record that never keeps it.
local MOST_REPEATS <const> = 3

local function raise(code, message, hint, more)
  local failure = { code = code, message = message, hint = hint }
  for name, value in pairs(more or {}) do
    failure[name] = value
  end
  error(kit.failure(failure), 0)
end

local function note(job, entry)
  if job.opts.each then
    job.opts.each(entry)
  end
end

local function names_of(patch)
  local names = refold.array({})
  for name in pairs(patch) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- Finding the other one --------------------------------------------------------------------------

--- Returns the fields of a record as the other side calls them.
local function mapped(job, side, fields)
  return side == "source" and job.mapping.forward(fields) or job.mapping.backward(fields)
end

--- Refuses a record whose counterpart belongs to another one already.
local function refuse_taken(job, side, id, other_id)
  local taken = job.state.pair(OTHER[side], other_id)
  if taken and taken[side] ~= id and records.get(job[side], taken[side], job.opts.account) then
    raise("duplicate_key", ("%s %s and %s both belong to %s %s"):format(
      job[side].name, taken[side], id, job[OTHER[side]].name, other_id),
      "merge them, or give them different keys", { ids = { taken[side], id } })
  end
end

--- Returns the one record of the other side with these keys, nil for none.
local function counterpart(job, side, id, keys)
  local kind = job[OTHER[side]]
  local found = records.find(kind, keys, job.opts.account)
  if #found > 1 then
    raise("several_matches", ("%d records of %s have the key '%s'"):format(
      #found, kind.name, records.key_text(kind, keys)), "merge them in the app, or choose a key that is unique")
  elseif found[1] then
    refuse_taken(job, side, id, records.id_of(kind, found[1]))
  end
  return found[1]
end

-- Writing ----------------------------------------------------------------------------------------

local function is_creating(job, side)
  local creates = job.opts.creates
  return creates == "both" or creates == side
end

--- Keeps how two records were left.
local function save(job, source_id, target_id, source_fields, target_fields, modified, before)
  local pair = {
    source = source_id,
    target = target_id,
    source_hashes = states.hashes(job.fields, "source", source_fields),
    target_hashes = states.hashes(job.fields, "target", target_fields),
    source_modified = modified.source,
    target_modified = modified.target,
    written = before and before.written,
    repeats = before and before.repeats,
  }
  job.state.save(pair, not before)
  job.done[source_id] = true
end

local function create(job, side, id, record)
  local fields, modified = records.fields_of(job[side], record), { [side] = records.modified_of(job[side], record) }
  local other = OTHER[side]
  if not is_creating(job, other) then
    job.counts.skipped = job.counts.skipped + 1
    return
  end
  local created = mapped(job, side, fields)
  local sent = {}
  for name, value in pairs(created) do
    sent[name] = value ~= refold.null and value or nil
  end
  local new_id = records.create(job[other], sent, job.opts.account)
  job.counts.created = job.counts.created + 1
  job.writes[other] = job.writes[other] + 1
  if side == "source" then
    save(job, id, new_id, fields, created, modified)
  else
    save(job, new_id, id, created, fields, modified)
  end
  note(job, { action = "created", side = other, id = new_id, from = id, changed = names_of(created) })
end

--- Refuses to write the same again and again to a record that does not keep it.
local function refuse_repeats(pair, kind, id, patch)
  if not pair then
    return nil, 0
  end
  local written = states.hash_of(patch)
  local repeats = pair.written == written and (pair.repeats or 0) + 1 or 0
  if repeats >= MOST_REPEATS then
    local names = "'" .. table.concat(names_of(patch), "', '") .. "'"
    raise("stalled", ("%s %s: %s was written %d times, and is not kept"):format(kind.name, id, names, repeats),
      "the app writes the value in another way: convert it in the mapping as the app does, "
        .. "or compare it less strictly: compare = { FIELD = 'digits' }")
  end
  return written, repeats
end

local function write(job, side, id, patch, pair)
  if next(patch) == nil then
    return
  end
  local written, repeats = refuse_repeats(pair, job[side], id, patch)
  records.update(job[side], id, patch, job.opts.account)
  job.writes[side] = job.writes[side] + 1
  if pair then
    pair.written, pair.repeats = written, repeats
  end
  note(job, { action = "updated", side = side, id = id, changed = names_of(patch) })
end

-- Merging ----------------------------------------------------------------------------------------

local function merge_of(job, source, target, pair)
  local source_fields, target_fields = records.fields_of(job.source, source), records.fields_of(job.target, target)
  local back
  return {
    fields = job.fields,
    source = source_fields,
    target = target_fields,
    forward = job.mapping.forward(source_fields),
    backward = function()
      back = back or job.mapping.backward(target_fields)
      return back
    end,
    source_hashes = states.hashes(job.fields, "source", source_fields),
    target_hashes = states.hashes(job.fields, "target", target_fields),
    source_modified = records.modified_of(job.source, source),
    target_modified = records.modified_of(job.target, target),
    source_modes = job.source.compare,
    target_modes = job.target.compare,
    pair = pair,
    owner = job.opts.owner or {},
    conflicts = job.opts.conflicts or "error",
    is_two_way = job.is_two_way,
  }
end

--- Reads a listed record again before it is written: it may have changed since its page came.
local function is_stale(job, side, id, record)
  local modified = records.modified_of(job[side], record)
  if not job[side].get or not modified then
    return false
  end
  local fresh = records.get(job[side], id, job.opts.account)
  if not fresh or records.modified_of(job[side], fresh) ~= modified then
    return true, fresh
  end
  return false
end

local function refuse_conflict(job, merge, source_id, target_id)
  if #merge.conflict_fields == 0 then
    return
  end
  job.counts.conflicts = job.counts.conflicts + 1
  if merge.is_unresolved then
    local names = "'" .. table.concat(merge.conflict_fields, "', '") .. "'"
    raise("conflict", ("%s %s and %s %s: both sides changed %s"):format(
      job.source.name, source_id, job.target.name, target_id, names),
      "settle it in one of the apps, name an owner of the field, or pass conflicts = 'newest', 'source' or 'target'",
      { fields = merge.conflict_fields, ids = { source_id, target_id } })
  end
end

local bring_together

--- Merges two records and writes what differs. `listed` is the side whose record came from a page.
function bring_together(job, source, target, pair, listed, is_again)
  local ids = { source = records.id_of(job.source, source), target = records.id_of(job.target, target) }
  local merge = merge_of(job, source, target, pair)
  local patches = {}
  patches.source, patches.target = merging.patches(merge)
  if next(patches[listed]) and not is_again then
    local stale, fresh = is_stale(job, listed, ids[listed], listed == "source" and source or target)
    if stale and fresh then
      return bring_together(job, listed == "source" and fresh or source, listed == "target" and fresh or target,
        pair, listed, true)
    elseif stale then
      job.counts.skipped = job.counts.skipped + 1
      return
    end
  end
  refuse_conflict(job, merge, ids.source, ids.target)
  write(job, "target", ids.target, patches.target, pair)
  write(job, "source", ids.source, patches.source, pair)
  local has_written = next(patches.target) ~= nil or next(patches.source) ~= nil
  if not has_written and pair then
    pair.written, pair.repeats = nil, nil
  end
  local action = has_written and "updated" or "unchanged"
  job.counts[action] = job.counts[action] + 1
  save(job, ids.source, ids.target, merging.patched(merge.source, patches.source),
    merging.patched(merge.target, patches.target),
    { source = merge.source_modified, target = merge.target_modified }, pair)
end

--- Whether there is nothing to do for a record: it is as it was left, or it is older than what is known.
local function is_settled(job, side, record, pair)
  local modified, known = records.modified_of(job[side], record), pair[side .. "_modified"]
  if job.opts.full then
    return false
  elseif modified and known and type(modified) == "string" and modified < known and #modified == #known then
    return true
  end
  return states.is_same(states.hashes(job.fields, side, records.fields_of(job[side], record)), pair[side .. "_hashes"])
end

local function pair_up(job, side, id, record, pair)
  local other = OTHER[side]
  local partner = records.get(job[other], pair[other], job.opts.account)
  if not partner then
    -- It is gone: the delete policy decides once everything was read, or leaves this one alone.
    job.counts.skipped = job.counts.skipped + 1
    note(job, { action = "skipped", side = side, id = id, reason = "its counterpart was deleted" })
  elseif side == "source" then
    bring_together(job, record, partner, pair, side)
  else
    bring_together(job, partner, record, pair, side)
  end
end

--- Finds the counterpart of a record without one by its natural key, or creates it.
local function meet(job, side, id, record, keys)
  local partner = counterpart(job, side, id, keys)
  if not partner then
    create(job, side, id, record)
  elseif side == "source" then
    bring_together(job, record, partner, nil, side)
  else
    bring_together(job, partner, record, nil, side)
  end
end

--- Keeps two records of one page with the same key from being created twice.
local function meet_alone(job, side, id, record)
  local kind = job[OTHER[side]]
  local keys, empty = records.keys_of(kind, mapped(job, side, records.fields_of(job[side], record)))
  if not keys then
    job.counts.skipped = job.counts.skipped + 1
    note(job, { action = "skipped", side = side, id = id, reason = "'" .. empty .. "' is empty" })
    return
  end
  local key = records.key_text(kind, keys)
  if job.busy[key] then
    raise("duplicate_key", ("%s %s and %s have the same key '%s'"):format(job[side].name, job.busy[key], id, key),
      "merge them, or give them different keys", { ids = { job.busy[key], id } })
  end
  job.busy[key] = id
  local ok, err = pcall(meet, job, side, id, record, keys)
  job.busy[key] = nil
  if not ok then
    error(err, 0)
  end
end

--- Does what a record that was read asks for.
---
---@param job table
---@param side "source"|"target"
---@param record table
function M.handle(job, side, record)
  local id = records.id_of(job[side], record)
  if job.seen then
    job.seen[side][id] = true
  end
  local pair = job.state.pair(side, id)
  if pair and is_settled(job, side, record, pair) then
    if not job.done[pair.source] then
      job.counts.read, job.counts.unchanged = job.counts.read + 1, job.counts.unchanged + 1
      job.done[pair.source] = true
    end
    return
  end
  job.counts.read = job.counts.read + 1
  if pair then
    pair_up(job, side, id, record, pair)
  else
    meet_alone(job, side, id, record)
  end
end

return M

"""##),
    EmbeddedSource(name: "sync_state", text: ##"""
--- What a sync remembers between its runs: which records belong together, and how they were left. For `sync`.
---
--- A pair is `{ source, target, source_hashes, target_hashes, … }`. Of field values only hashes are kept. Keys are
--- `NAME/source/ID` for pairs, `NAME/target/ID` for the way back, `NAME/cursor` and `NAME/stall`.
local paths = require("refold_paths")

local M = {}

local byte <const> = string.byte

--- Returns a hash of text: FNV-1a with 64 bits, as 16 digits.
---
---@param text string
---@return string
function M.hash(text)
  local hash = 0xcbf29ce484222325
  for index = 1, #text do
    hash = (hash ~ byte(text, index)) * 0x100000001b3
  end
  return ("%016x"):format(hash)
end

--- Writes a value so that equal ones are equal text: keys sorted, whole numbers without a point.
local function canonical(value)
  if value == nil or value == refold.null or value == "" then
    return ""
  elseif type(value) == "number" then
    local whole = math.tointeger(value)
    return whole and ("%d"):format(whole) or ("%.17g"):format(value)
  elseif type(value) ~= "table" then
    return tostring(value)
  end
  local names, parts = {}, {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names, function(one, other)
    return tostring(one) < tostring(other)
  end)
  for index, name in ipairs(names) do
    parts[index] = tostring(name) .. "\1" .. canonical(value[name])
  end
  return "\2" .. table.concat(parts, "\3") .. "\4"
end

--- Returns a hash of any value that JSON can say; equal values have equal ones.
---
---@param value any
---@return string
function M.hash_of(value)
  return M.hash(canonical(value))
end

--- Returns the hashes of what a record holds, by the names of the fields of the mapping.
---
---@param list { name: string, from: string[], to: string[] }[]
---@param side "source"|"target"
---@param fields table
---@return table<string, string>
function M.hashes(list, side, fields)
  local hashes = {}
  for _, field in ipairs(list) do
    local parts = {}
    for index, path in ipairs(side == "source" and field.from or field.to) do
      parts[index] = canonical(paths.get(fields, path))
    end
    hashes[field.name] = M.hash(table.concat(parts, "\0"))
  end
  return hashes
end

--- Whether two tables of hashes are the same.
function M.is_same(one, other)
  for name, hash in pairs(one) do
    if other[name] ~= hash then
      return false
    end
  end
  for name in pairs(other) do
    if one[name] == nil then
      return false
    end
  end
  return true
end

--- Returns the state of a sync.
---
---@param store table `refold.store`, or what works like it.
---@param name string
---@return table
function M.open(store, name)
  local state = {}

  --- Returns the pair that a record belongs to.
  function state.pair(side, id)
    if side == "target" then
      id = store.get(name .. "/target/" .. id)
    end
    return id and store.get(name .. "/source/" .. id)
  end

  --- Keeps a pair. The way back comes first: after a crash in between it leads nowhere, and is written again.
  function state.save(pair, is_new)
    if is_new then
      store.set(name .. "/target/" .. pair.target, pair.source)
    end
    store.set(name .. "/source/" .. pair.source, pair)
  end

  function state.forget(pair)
    store.delete(name .. "/source/" .. pair.source)
    store.delete(name .. "/target/" .. pair.target)
  end

  --- Returns all pairs, as they are now.
  function state.pairs()
    local list = {}
    for _, pair in store.each(name .. "/source/") do
      list[#list + 1] = pair
    end
    return list
  end

  function state.get(key)
    return store.get(name .. "/" .. key)
  end

  function state.set(key, value)
    store.set(name .. "/" .. key, value)
  end

  return state
end

return M

"""##),
    EmbeddedSource(name: "test", text: ##"""
--- What test files are made of: `test`, and the `t` that each test is given.
---
--- `refold test` runs them; a test file needs no `require` for it. `M.new` makes a `t` for those who test assertions of
--- their own.
local json = require("json")

local M = {}

local MOST_DIFFERENCES <const> = 20
local MOST_CHARACTERS <const> = 200

-- Showing values ---------------------------------------------------------------------------------

local ESCAPES <const> = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(byte)
    return ESCAPES[byte] or ("\\%d"):format(byte:byte())
  end) .. '"'
end

local function by_key(one, other)
  local left, right = type(one), type(other)
  if left == right and (left == "number" or left == "string") then
    return one < other
  end
  return left < right or (left == right and tostring(one) < tostring(other))
end

local function keys_of(...)
  local keys, seen = {}, {}
  for _, table_value in ipairs({ ... }) do
    for key in pairs(table_value) do
      if not seen[key] then
        seen[key] = true
        keys[#keys + 1] = key
      end
    end
  end
  table.sort(keys, by_key)
  return keys
end

local function is_name(key)
  return type(key) == "string" and key:find("^[%a_][%w_]*$") ~= nil
end

local show

local function show_table(value, open)
  if open[value] then
    return "(cycle)"
  end
  open[value] = true
  local parts, count = {}, 0
  for _, key in ipairs(keys_of(value)) do
    count = count + 1
    if count > 50 then
      parts[#parts + 1] = "…"
      break
    end
    local text = show(value[key], open)
    if key ~= count then
      text = (is_name(key) and key or "[" .. show(key, open) .. "]") .. " = " .. text
    end
    parts[#parts + 1] = text
  end
  open[value] = nil
  return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
end

function show(value, open)
  if value == json.null then
    return "null"
  elseif type(value) == "string" then
    return quoted(value)
  elseif type(value) == "table" then
    local metatable = getmetatable(value)
    if type(metatable) == "table" and metatable.__tostring then
      return tostring(value)
    end
    return show_table(value, open)
  end
  return tostring(value)
end

--- Returns a value as text on one line: keys sorted, long texts cut.
---
---@param value any
---@return string
function M.show(value)
  local text = show(value, {})
  if #text > MOST_CHARACTERS then
    local stop = utf8.offset(text, 0, MOST_CHARACTERS) or MOST_CHARACTERS
    return text:sub(1, stop - 1) .. "…"
  end
  return text
end

-- Comparing --------------------------------------------------------------------------------------

local function step(path, key)
  if is_name(key) then
    return path .. "." .. key
  end
  return path .. "[" .. show(key, {}) .. "]"
end

local function plain(value)
  return type(value) == "userdata" and value ~= json.null and json.copy(value) or value
end

local compare

local function compare_tables(actual, expected, path, found, open)
  -- The same two again, further down: a cycle, equal as far as anybody can tell.
  if open[actual] == expected then
    return
  end
  open[actual] = expected
  for _, key in ipairs(keys_of(actual, expected)) do
    compare(actual[key], expected[key], step(path, key), found, open)
  end
  open[actual] = nil
end

function compare(actual, expected, path, found, open)
  actual, expected = plain(actual), plain(expected)
  local both_nan = actual ~= actual and expected ~= expected
  if rawequal(actual, expected) or actual == expected or both_nan then
    return
  elseif type(actual) == "table" and type(expected) == "table" then
    compare_tables(actual, expected, path, found, open)
  else
    found[#found + 1] = { path = path, actual = actual, expected = expected }
  end
end

--- Returns where two values differ, in the order of their keys; nothing when they are the same.
---
--- Tables are compared by what they hold, numbers by value, NaN is the same as itself. Lazy views count as the tables
--- that they show.
---
---@param actual any
---@param expected any
---@return { path: string, actual: any, expected: any }[]
function M.differences(actual, expected)
  local found = {}
  compare(actual, expected, "$", found, {})
  return found
end

local function describe(difference)
  if difference.actual == nil then
    return ("%s is missing, expected %s"):format(difference.path, M.show(difference.expected))
  elseif difference.expected == nil then
    return ("%s is not expected, got %s"):format(difference.path, M.show(difference.actual))
  end
  return ("%s: expected %s, got %s"):format(difference.path, M.show(difference.expected), M.show(difference.actual))
end

local function describe_all(differences)
  local lines = {}
  for index, difference in ipairs(differences) do
    if index > MOST_DIFFERENCES then
      lines[index] = ("  and %d more"):format(#differences - MOST_DIFFERENCES)
      break
    end
    lines[index] = "  " .. describe(difference)
  end
  return table.concat(lines, "\n")
end

-- Failing ----------------------------------------------------------------------------------------

local failure = {
  __name = "test failure",
  __tostring = function(self)
    return self.message
  end,
}

--- Returns `file:line` of the innermost function that is not of this file.
local function place()
  for level = 3, 40 do
    local _, text = pcall(error, "", level)
    if text ~= "" and not text:find("^stdlib/test%.lua:") then
      return (text:gsub(": $", ""))
    end
  end
end

local function fail(state, message, code)
  local err = setmetatable({ code = code or "assertion_failed", message = message, script = place() }, failure)
  state.failures[#state.failures + 1] = err
  error(err, 0)
end

local function is_own_failure(state, err)
  for _, own in ipairs(state.failures) do
    if rawequal(own, err) then
      return true
    end
  end
  return false
end

-- Assertions -------------------------------------------------------------------------------------

local function add_equality(t, state)
  function t.equal(actual, expected)
    state.count = state.count + 1
    if actual == expected then
      return
    end
    local message = ("values differ\n  expected: %s\n  actual:   %s"):format(M.show(expected), M.show(actual))
    if type(actual) == "table" and type(expected) == "table" then
      message = message .. "\n  t.equal compares tables by identity; t.same compares what they hold"
    end
    fail(state, message)
  end

  function t.same(actual, expected)
    state.count = state.count + 1
    local differences = M.differences(actual, expected)
    if #differences > 0 then
      local count = #differences == 1 and "one place" or #differences .. " places"
      fail(state, ("values differ in %s\n%s"):format(count, describe_all(differences)))
    end
  end

  function t.matches(text, pattern)
    state.count = state.count + 1
    if type(text) ~= "string" then
      fail(state, ("a text is expected, got %s"):format(M.show(text)))
    elseif not text:find(pattern) then
      fail(state, ("text does not match\n  pattern: %s\n  text:    %s"):format(quoted(pattern), M.show(text)))
    end
  end
end

local function check_error(state, err, expected)
  if type(expected) == "table" then
    local differences = {}
    for _, key in ipairs(keys_of(expected)) do
      local actual = type(err) == "table" and err[key] or nil
      compare(actual, expected[key], step("$", key), differences, {})
    end
    if #differences > 0 then
      fail(state, ("another error was raised\n%s\n  error: %s"):format(describe_all(differences), M.show(err)))
    end
  elseif expected ~= nil then
    local message = tostring(err)
    if not message:find(expected, 1, true) then
      fail(state, ("another error was raised\n  expected: %s\n  actual:   %s"):format(
        quoted(expected), M.show(message)))
    end
  end
end

local function add_raises(t, state)
  function t.raises(fn, expected)
    local kind = type(expected)
    if type(fn) ~= "function" then
      error("t.raises: a function is expected, got a " .. type(fn), 2)
    elseif kind ~= "nil" and kind ~= "string" and kind ~= "table" then
      error("t.raises: a text or a table of fields is expected, got a " .. kind, 2)
    end
    state.count = state.count + 1
    local ok, err = pcall(fn)
    if ok then
      fail(state, "no error was raised")
    elseif is_own_failure(state, err) then
      error(err, 0)
    end
    check_error(state, err, expected)
    return err
  end
end

-- The test's world -------------------------------------------------------------------------------

local RUN_OPTIONS <const> = { account = true }

local function check_options(name, opts, known)
  for key in pairs(opts or {}) do
    if not known[key] then
      error(("%s: unknown option '%s' (use %s)"):format(name, tostring(key), table.concat(keys_of(known), ", ")), 3)
    end
  end
  return opts or {}
end

local function add_world(t, host)
  function t.run(script, input, opts)
    return host.run(script, input, check_options("t.run", opts, RUN_OPTIONS).account)
  end

  function t.seed(app, table_name, records, opts)
    host.seed(app, table_name, json.array(records), check_options("t.seed", opts, RUN_OPTIONS).account)
  end

  function t.records(app, table_name, opts)
    return host.records(app, table_name, check_options("t.records", opts, RUN_OPTIONS).account)
  end

  function t.fixture(path)
    local text = host.fixture(path)
    return path:find("%.json$") and json.decode(text) or text
  end

  t.time = host.time
  t.advance = host.advance
end

--- Makes the `t` of one test.
---
---@param host table What reaches out of the state: `run seed records fixture time advance`.
---@return table t
---@return { count: integer, failures: table[] } # How many assertions were made, and those that failed.
function M.new(host)
  local state = { count = 0, failures = {} }
  local t = {}
  add_equality(t, state)
  add_raises(t, state)
  add_world(t, host)
  return setmetatable(t, {
    __index = function(_, name)
      error(("t has no '%s'; it has %s"):format(tostring(name), table.concat(keys_of(t), ", ")), 2)
    end,
  }), state
end

-- Test files -------------------------------------------------------------------------------------

local function add(file, name, fn, case)
  if file.running then
    error(("test '%s' inside test '%s': tests stand side by side"):format(tostring(name), file.running), 3)
  elseif type(name) ~= "string" or name:find("^%s*$") then
    error("test: a name is expected, got " .. M.show(name), 3)
  elseif type(fn) ~= "function" then
    error(("test '%s': a function is expected, got a %s"):format(name, type(fn)), 3)
  elseif file.lines[name] then
    error(("test '%s' is there already, at %s"):format(name, file.lines[name]), 3)
  end
  file.lines[name] = place()
  file.tests[#file.tests + 1] = { name = name, fn = fn, case = case, place = file.lines[name] }
end

local function case_name(name, key, case)
  local label = type(case) == "table" and rawget(case, "name")
  if type(label) ~= "string" then
    label = tostring(key)
  end
  return name .. ": " .. label
end

local function make_test(file)
  local test = {}

  function test.each(name, cases, fn)
    if type(cases) ~= "table" or next(cases) == nil then
      error(("test.each '%s': a table of cases is expected"):format(tostring(name)), 2)
    end
    for _, key in ipairs(keys_of(cases)) do
      add(file, case_name(tostring(name), key, cases[key]), fn, { cases[key] })
    end
  end

  return setmetatable(test, {
    __call = function(_, name, fn)
      add(file, name, fn)
    end,
  })
end

local function check(state, entry)
  if state.failures[1] then
    error(state.failures[1], 0)
  elseif state.count == 0 then
    error({
      code = "no_assertion",
      message = "no assertion was made",
      hint = "say what must hold, with t.equal, t.same, t.raises, t.matches or t.snapshot",
      script = entry.place,
    }, 0)
  end
end

--- Opens a test file: `test` collects its tests, `list` names them, `run` runs one.
---
---@param host table See `M.new`.
---@return { test: table, list: fun(): table[], run: fun(index: integer): table }
function M.open(host)
  local file = { tests = {}, lines = {} }

  local function list()
    local found = json.array()
    for index, entry in ipairs(file.tests) do
      found[index] = { name = entry.name, place = entry.place }
    end
    return found
  end

  local function run(index)
    local entry = file.tests[index]
    file.running = entry.name
    local t, state = M.new(host)
    if entry.case then
      entry.fn(t, entry.case[1])
    else
      entry.fn(t)
    end
    check(state, entry)
    return { assertions = state.count }
  end

  return { test = make_test(file), list = list, run = run }
end

return M

"""##),
  ]
}
