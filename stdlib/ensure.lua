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
  local ok, id = pcall(records.create, kind, without_nulls(desired), opts.account, keys ~= nil)
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
