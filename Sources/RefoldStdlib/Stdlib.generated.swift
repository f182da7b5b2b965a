// Generated from stdlib/ by tools/embed-stdlib. Edit the Lua files, then run it again.
// swift-format-ignore-file

extension Stdlib {
  /// The modules that `require` finds. Sorted by name.
  public static let modules: [EmbeddedSource] = [
    EmbeddedSource(name: "csv", text: ##"""
--- Reading and writing CSV as RFC 4180 has it: `local csv = require "csv"`.
---
--- Records end with LF or CR LF; fields in quotes hold separators, line breaks and doubled quotes. A byte order mark is
--- passed over, and so are empty lines. A quote within a field that does not begin with one is a character like others.
--- All values are texts.
local kit = require("refold_kit")
local reader = require("refold_csv_reader")
local writer = require("refold_csv_writer")

local M = {}

local ROWS_OPTIONS <const> = kit.declare({
  "separator:string", "header:boolean|table", "ragged:string", "empty:string", "trim:boolean", "encoding:string",
  "on_error:function", "max_record_bytes:integer",
})

--- The values that an option takes; the first one is the default.
local CHOICES <const> = {
  ragged = { "error", "pad" },
  empty = { "text", "absent", "null" },
  encoding = { "utf-8", "windows-1252" },
}

local function choose(where, opts, name)
  local value = opts[name]
  if value == nil then
    return CHOICES[name][1]
  end
  for _, choice in ipairs(CHOICES[name]) do
    if value == choice then
      return value
    end
  end
  local choices = kit.alternatives(CHOICES[name])
  error(("%s: '%s' must be %s, but is '%s'"):format(where, name, choices, value), 4)
end

local function check_separator(where, separator)
  if #separator ~= 1 or separator:find( '["\r\n]') then
    error(("%s: the separator must be one byte, and no quote or line break, but is '%s'"):format(where, separator), 4)
  end
  return separator
end

local function settings_of(where, source, opts)
  if type(source) ~= "string" and type(source) ~= "function" then
    local is = kit.article(kit.kind(source))
    error(where .. ": argument 1 must be a string or an iterator of strings, but is " .. is, 3)
  end
  opts = kit.options(where, opts, ROWS_OPTIONS, 3)
  if opts.max_record_bytes then
    kit.expect_whole(where, "'max_record_bytes'", opts.max_record_bytes, 1, 3)
  end
  for index, name in ipairs(type(opts.header) == "table" and opts.header or {}) do
    kit.expect(where, "name " .. index .. " of 'header'", name, "string", 3)
  end
  return {
    separator = check_separator(where, opts.separator or ","),
    header = opts.header == nil and true or opts.header,
    ragged = choose(where, opts, "ragged"),
    empty = choose(where, opts, "empty"),
    encoding = choose(where, opts, "encoding"),
    trim = opts.trim,
    on_error = opts.on_error,
    max_record_bytes = opts.max_record_bytes or 1048576,
  }
end

--- Returns an iterator over the rows of a text, or of the pieces of one that an iterator gives. Holds a piece and a
--- record at a time, so the size of a file does not matter.
---
---@param source string|fun(): string?
---@param opts? csv.Options
---@return fun(): table?, integer? # The next row and the line that it begins at, from 1; nil after the last. A row is
--- `{ [column] = text }`, or a list of texts when there is no header. Raises `quote`, `ragged_row`, `encoding`,
--- `duplicate_column`, `record_size`, each with `line`.
function M.rows(source, opts)
  local settings = settings_of("csv.rows", source, opts)
  return (reader.rows(source, settings))
end

--- Returns a list of all rows of a text, and the names of its columns in their order (nil without a header).
---
---@param source string|fun(): string?
---@param opts? csv.Options
---@return table[] rows
---@return string[]? columns
function M.parse(source, opts)
  local settings = settings_of("csv.parse", source, opts)
  local rows, count = refold.array({}), 0
  local next_row, columns = reader.rows(source, settings)
  for row in next_row do
    count = count + 1
    rows[count] = row
  end
  return rows, columns()
end

---@class csv.Options
---@field separator? string One byte; "," unless it says otherwise.
---@field header? boolean|string[] true (the default): the first record names the columns. false: there are no names.
---A list: these are the names, and the first record is a row. A column without a name is `column_N`.
---@field ragged? "error"|"pad" What becomes of a record that has more or fewer fields than there are columns. "error"
---(the default) raises `ragged_row`; "pad" adds empty fields, and drops empty ones that are too many.
---@field empty? "text"|"absent"|"null" What an empty field is: "" (the default), nil, or `refold.null`.
---@field trim? boolean Without blanks around names and fields.
---@field encoding? "utf-8"|"windows-1252" How the source is encoded; rows are UTF-8. Bytes that are not raise.
---@field on_error? fun(failure: table) Gets the failure of a bad row, which is left out, instead of raising it. A quote
---that is never closed and a record that is too large end the reading all the same.
---@field max_record_bytes? integer The most bytes of a record; 1 MiB unless it says otherwise. A quote that is never
---closed would else take in the rest of the file.

local ENCODE_OPTIONS <const> = kit.declare({
  "separator:string", "columns:table", "header:boolean", "newline:string", "quote:string", "bom:boolean",
  "formulas:string",
})

local function encode_settings(where, opts)
  opts = kit.options(where, opts, ENCODE_OPTIONS, 3)
  local quote, formulas = opts.quote or "needed", opts.formulas or "keep"
  local newline = opts.newline or "\r\n"
  if quote ~= "needed" and quote ~= "all" then
    error(("%s: 'quote' must be 'needed' or 'all', but is '%s'"):format(where, quote), 3)
  elseif formulas ~= "keep" and formulas ~= "escape" then
    error(("%s: 'formulas' must be 'keep' or 'escape', but is '%s'"):format(where, formulas), 3)
  elseif newline ~= "\n" and newline ~= "\r\n" then
    error(where .. ": 'newline' must be LF or CR LF", 3)
  end
  local separator = check_separator(where, opts.separator or ",")
  return {
    separator = separator, columns = opts.columns, header = opts.header ~= false, newline = newline, bom = opts.bom,
    all = quote == "all", escape = formulas == "escape",
    special = '["\r\n' .. separator:gsub("[%]%^%-%%]", "%%%0") .. "]",
  }
end

---@class csv.EncodeOptions
---@field separator? string One byte; "," unless it says otherwise.
---@field columns? string[] The columns in their order; all names of all rows, sorted, unless it says otherwise.
---@field header? boolean Whether the names of the columns are the first record; true unless it says otherwise.
---@field newline? "\r\n"|"\n"
---@field quote? "needed"|"all" Which fields stand in quotes.
---@field bom? boolean Begins with a byte order mark, for programs that else take the text for another encoding.
---@field formulas? "keep"|"escape" "escape" puts an apostrophe before texts that begin with = + - @ and are no numbers,
---which spreadsheets would run.

--- Returns rows as CSV, each record ended by a line break.
---
--- Rows are all `{ [column] = value }`, or all lists. nil and null become empty fields, numbers and booleans their
--- text.
---@param rows table[]|fun(): table?
---@param opts? csv.EncodeOptions
---@return string # Raises `value` for what has no text, and `unknown_column` for a field that is not among `columns`.
function M.encode(rows, opts)
  kit.expect_list("csv.encode", "argument 1", rows)
  local settings = encode_settings("csv.encode", opts)
  local list = {}
  for index, row in kit.each(rows) do
    if type(row) ~= "table" then
      error(("csv.encode: row %d must be a table, but is %s"):format(index, kit.article(kit.kind(row))), 2)
    end
    list[index] = row
    local is_list = row[1] ~= nil
    if next(row) ~= nil and is_list ~= (list[1][1] ~= nil) then
      local message = "csv.encode: row %d %s, unlike the first: give all of them names, or none"
      error(message:format(index, is_list and "is a list" or "has names"), 2)
    end
  end
  return writer.encode(list, settings)
end

return M

"""##),
    EmbeddedSource(name: "diff", text: ##"""
--- What differs between two values, with the paths: `local diff = require "diff"`.
---
--- Tables are compared by what is in them, numbers as numbers (1 is 1.0), and nil differs from `refold.null`. In lists,
--- what is the same at both ends is set aside first, so that one element added in front is one change; elements may
--- also be found by a key. Views of JSON count as what they show.
local inspect = require("inspect")
local json = require("json")
local kit = require("refold_kit")

local M = {}

local OPTIONS <const> = kit.declare({ "ignore:table", "key:string" })

local function plain(value)
  if type(value) == "userdata" and value ~= refold.null then
    return json.copy(value)
  end
  return value
end

local function is_list(value)
  return getmetatable(value) == kit.array_mark or value[1] ~= nil
end

--- Whether two values are the same throughout. `within` holds the tables that are being compared, for cycles.
local function same(one, other, within)
  if one == other then
    return true
  elseif type(one) ~= "table" or type(other) ~= "table" then
    return one ~= one and other ~= other
  elseif within[one] == other then
    return true
  end
  within[one] = other
  for key, value in pairs(one) do
    if not same(value, other[key], within) then
      within[one] = nil
      return false
    end
  end
  for key in pairs(other) do
    if one[key] == nil then
      within[one] = nil
      return false
    end
  end
  within[one] = nil
  return true
end

--- Whether two values are the same throughout.
---
---@param one any
---@param other any
---@return boolean
function M.same(one, other)
  return same(plain(one), plain(other), {})
end

--- Takes the numbers of lists out of a path: `$.lines[3].qty` becomes `$.lines[*].qty`.
local function general(path)
  return (path:gsub("%[%d+%]", "[*]"))
end

local function add(state, kind, path, before, after)
  if not state.ignored[path] and not (state.ignored_any and state.ignored[general(path)]) then
    state.changes[#state.changes + 1] = { kind = kind, path = path, before = before, after = after }
  end
end

local compare

local function compare_tables(state, path, before, after)
  local keys = {}
  for key in pairs(before) do
    keys[#keys + 1] = key
  end
  for key in pairs(after) do
    if before[key] == nil then
      keys[#keys + 1] = key
    end
  end
  table.sort(keys, kit.before)
  for _, key in ipairs(keys) do
    compare(state, kit.path(path, key), before[key], after[key])
  end
end

--- Returns the elements by the text of their key; nil when one has none, or two have the same.
local function by_key(list, key)
  local found = {}
  for index, element in ipairs(list) do
    local value = type(element) == "table" and element[key]
    if not value or value == refold.null or found[tostring(value)] then
      return nil
    end
    found[tostring(value)] = index
  end
  return found
end

--- Compares lists whose elements have a key; returns false when they do not.
local function compare_by_key(state, path, before, after)
  local key = state.key
  local first, second = key and by_key(before, key), key and by_key(after, key)
  if not first or not second then
    return false
  end
  for index, element in ipairs(before) do
    local value = tostring(element[key])
    local shown = ("%s[%s=%s]"):format(path, key, value)
    compare(state, shown, before[index], after[second[value]])
  end
  for index, element in ipairs(after) do
    local value = tostring(element[key])
    if not first[value] then
      compare(state, ("%s[%s=%s]"):format(path, key, value), nil, after[index])
    end
  end
  return true
end

--- Compares what is left of two lists when the same elements at both ends are set aside, one by one.
local function compare_lists(state, path, before, after)
  if compare_by_key(state, path, before, after) then
    return
  end
  local first, last, last_after = 1, #before, #after
  while first <= last and first <= last_after and same(before[first], after[first], {}) do
    first = first + 1
  end
  while last >= first and last_after >= first and same(before[last], after[last_after], {}) do
    last, last_after = last - 1, last_after - 1
  end
  for index = first, math.max(last, last_after) do
    local one, other
    if index <= last then
      one = before[index]
    end
    if index <= last_after then
      other = after[index]
    end
    compare(state, kit.path(path, index), one, other)
  end
end

function compare(state, path, before, after)
  if type(before) == "table" and type(after) == "table" then
    if state.within[before] == after then
      return
    end
    state.within[before] = after
    local lists = is_list(before) or is_list(after)
    local both = (is_list(before) or next(before) == nil) and (is_list(after) or next(after) == nil)
    if lists and both then
      compare_lists(state, path, before, after)
    elseif lists then
      add(state, "changed", path, before, after)
    else
      compare_tables(state, path, before, after)
    end
    state.within[before] = nil
  elseif not same(before, after, {}) then
    add(state, before == nil and "added" or after == nil and "removed" or "changed", path, before, after)
  end
end

--- Returns what differs, in the order of the paths; an empty list when nothing does.
---
---@param before any
---@param after any
---@param opts? { ignore?: string[], key?: string } `ignore`: paths that do not count, with `[*]` for each element:
--- `$.lines[*].updated`. `key`: the field by which elements of lists belong together, when all have it; their paths are
--- `$.lines[id=7]`.
---@return { kind: "added"|"removed"|"changed", path: string, before: any, after: any }[]
function M.compare(before, after, opts)
  opts = kit.options("diff.compare", opts, OPTIONS)
  local state = { changes = refold.array({}), ignored = {}, within = {}, key = opts.key }
  for index, path in ipairs(opts.ignore or {}) do
    if type(path) ~= "string" or path:sub(1, 1) ~= "$" then
      error(("diff.compare: path %d to ignore must begin with '$', but is %s"):format(index, inspect(path)), 2)
    end
    state.ignored[path] = true
    state.ignored_any = state.ignored_any or path:find("[*]", 1, true) ~= nil
  end
  compare(state, "$", plain(before), plain(after))
  return state.changes
end

local SIGNS <const> = { added = "+", removed = "-", changed = "~" }

--- Returns changes as text, a line each: `~ $.qty: 1 -> 2`, `+ $.note: "new"`, `- $.phone: "1"`; "" for none.
---
---@param changes { kind: string, path: string, before: any, after: any }[] What `compare` gave.
---@return string
function M.text(changes)
  kit.expect_list("diff.text", "argument 1", changes)
  local lines = {}
  for index, change in ipairs(changes) do
    local brief = { width = 1000, depth = 4, items = 20, text = 200 }
    local before, after = inspect(change.before, brief), inspect(change.after, brief)
    local shown = change.kind == "added" and after or change.kind == "removed" and before or before .. " -> " .. after
    lines[index] = ("%s %s: %s"):format(SIGNS[change.kind], change.path, shown)
  end
  return table.concat(lines, "\n")
end

return M

"""##),
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

"""##),
    EmbeddedSource(name: "fs", text: ##"""
--- Reading the files of a project: `local fs = require "fs"`.
---
--- A path counts from the project's folder, the one with `refold.lua`, wherever the script is: `data/contacts.csv`.
--- What is outside of it, what has a name that begins with a dot, and the folders of other customers cannot be read,
--- nor can anything be written. Bytes come as they are in the file. A run that is resumed reads files as they are then.
local files = require("refold_files")
local kit = require("refold_kit")

local M = {}

local LINES_OPTIONS <const> = kit.declare({ "keep_ends:boolean" })

--- How many bytes are read at once.
local PART_BYTES <const> = 64 * 1024

--- Returns all bytes of a file, up to 64 MiB.
---
--- Raises a failure with `code` `file_not_found`, `file_refused`, `file_too_large` or `file_failed`.
---
---@param path string
---@return string
function M.read(path)
  kit.expect("fs.read", "argument 1", path, "string")
  return (files.read(path))
end

--- Returns an iterator of the lines of a file, which may be of any size: a part of it is read at a time.
---
--- A line ends with LF or CR LF, which is cut off; the last one needs no end. Raises as `fs.read`, also `file_changed`
--- when the file becomes another one while it is read.
---
---@param path string
---@param opts? { keep_ends?: boolean } `keep_ends`: leaves the ends of the lines there, as `csv.rows` wants them.
---@return fun(): string?
function M.lines(path, opts)
  kit.expect("fs.lines", "argument 1", path, "string")
  local keeps_ends = kit.options("fs.lines", opts, LINES_OPTIONS).keep_ends
  -- The first part is read now, so that a file that is not there fails at this call.
  local part, version = files.read(path, 0, PART_BYTES)
  local offset, from = #part, 1

  local function read_part()
    part = files.read(path, offset, PART_BYTES, version)
    offset, from = offset + #part, 1
    return part ~= ""
  end

  return function()
    local begun
    while true do
      local last = part:find("\n", from, true)
      local piece = part:sub(from, last)
      from = last and last + 1 or #part + 1
      if last or begun then
        begun = begun or {}
        begun[#begun + 1] = piece
      elseif piece ~= "" then
        begun = { piece }
      end
      if last or not read_part() then
        break
      end
    end
    local line = begun and table.concat(begun)
    if line and not keeps_ends then
      line = line:gsub("\r?\n$", "")
    end
    return line
  end
end

return M

"""##),
    EmbeddedSource(name: "inspect", text: ##"""
--- One readable text for any value: `local inspect = require "inspect"`, then `inspect(value)`.
---
--- Lists stand in brackets and tables in braces, keys are sorted, and what fits stays on one line: `[1, 2]`,
--- `{ name = "Ada", note = null }`. Views of JSON look like what they show. The text is for people; for programs there
--- is `json.encode`.
local json = require("json")
local kit = require("refold_kit")

local M = {}

local OPTIONS <const> = kit.declare({ "width:integer", "depth:integer", "items:integer", "text:integer" })
local ESCAPES <const> = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }

local function escape(char)
  return ESCAPES[char] or ("\\x%02x"):format(char:byte())
end

--- Returns a text in quotes, cut where it is too long; bytes that are not UTF-8 as escapes.
local function quoted(value, limit)
  local cut = ""
  if #value > limit then
    local kept = limit
    while kept > 0 and value:find("^[\x80-\xBF]", kept + 1) do
      kept = kept - 1
    end
    cut = ("… (%d bytes)"):format(#value)
    value = value:sub(1, kept)
  end
  value = value:gsub('[%c"\\]', escape)
  if not utf8.len(value) then
    value = value:gsub("[\x80-\xFF]", escape)
  end
  return '"' .. value .. '"' .. cut
end

local function number_text(value)
  if value ~= value then
    return "nan"
  elseif value == math.huge or value == -math.huge then
    return value > 0 and "inf" or "-inf"
  elseif math.type(value) == "integer" then
    return tostring(value)
  end
  local text
  for digits = 15, 17 do
    text = ("%%.%dg"):format(digits):format(value)
    if tonumber(text) == value then
      break
    end
  end
  return text:find("[.e]") and text or text .. ".0"
end

local function scalar(value, settings)
  local kind = type(value)
  if kind == "string" then
    return quoted(value, settings.text)
  elseif kind == "number" then
    return number_text(value)
  elseif value == refold.null then
    return "null"
  elseif kind == "function" or kind == "thread" then
    return "<" .. kind .. ">"
  elseif kind == "userdata" then
    return "<userdata>"
  end
  return tostring(value)
end

--- Whether a value is a view of JSON: a userdata that `pairs` goes over.
local function is_view(value)
  return type(value) == "userdata" and value ~= refold.null and (pcall(pairs, value))
end

local function key_text(key, settings)
  if type(key) == "string" and key:find("^[%a_][%w_]*$") then
    return key
  elseif type(key) == "table" then
    return "[<table>]"
  end
  return "[" .. scalar(key, settings) .. "]"
end

--- Returns the keys of a table, and whether it is a list.
local function layout(value)
  local count, keys = #value, {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  local table_of = #keys == 0 and type(value) == "userdata" and json.copy(value) or value
  local marked = getmetatable(table_of) == kit.array_mark
  if #keys == count and (count > 0 or marked) then
    return keys, true
  end
  table.sort(keys, kit.before)
  return keys, false
end

--- Returns the texts of the elements or fields, and the brackets around them.
local function parts_of(value, path, level, state)
  local settings, parts = state.settings, {}
  local keys, is_list = layout(value)
  for position, key in ipairs(keys) do
    if position > settings.items then
      parts[position] = ("… %d more"):format(#keys - settings.items)
      break
    end
    key = is_list and position or key
    local shown = is_list and "" or key_text(key, settings) .. " = "
    local inner = kit.path(path, type(key) == "table" and "<table>" or key)
    parts[position] = shown .. state.text(value[key], inner, level + 1, #shown)
  end
  return parts, is_list
end

--- Puts parts on one line when they fit, else each on its own.
local function joined(parts, is_list, name, level, used, settings)
  local open, close = is_list and "[" or "{", is_list and "]" or "}"
  if #parts == 0 then
    return name .. open .. close
  end
  local line = table.concat(parts, ", ")
  local gap = is_list and "" or " "
  if 2 * level + used + #name + #line + 4 <= settings.width and not line:find("\n", 1, true) then
    return name .. open .. gap .. line .. gap .. close
  end
  local indent = ("  "):rep(level + 1)
  return name .. open .. "\n" .. indent .. table.concat(parts, ",\n" .. indent) .. "\n" .. ("  "):rep(level) .. close
end

--- Returns the function that gives the text of a value; it knows what it is within, for cycles.
local function renderer(settings)
  local state, within = { settings = settings }, {}
  function state.text(value, path, level, used)
    if type(value) ~= "table" and not is_view(value) then
      return scalar(value, settings)
    elseif within[value] then
      return "<cycle to " .. within[value] .. ">"
    end
    local meta = type(value) == "table" and getmetatable(value)
    local name = type(meta) == "table" and type(meta.__name) == "string" and meta.__name or ""
    name = (name == "" or name == "array" or name == "object") and "" or name .. " "
    if level >= settings.depth then
      local keys, is_list = layout(value)
      return name .. (#keys == 0 and (is_list and "[]" or "{}") or is_list and "[…]" or "{…}")
    end
    within[value] = path
    local parts, is_list = parts_of(value, path, level, state)
    within[value] = nil
    return joined(parts, is_list, name, level, used, settings)
  end
  return state.text
end

--- Returns the text of a value.
---
---@param value any
---@param opts? { width?: integer, depth?: integer, items?: integer, text?: integer } `width`: of a line, in bytes; 100
--- unless it says otherwise. `depth`: how many levels are opened; 12. `items`: how many of a table; 100. `text`: how
--- many bytes of a text; 500.
---@return string
function M.text(value, opts)
  opts = kit.options("inspect.text", opts, OPTIONS)
  local settings = {
    width = opts.width or 100, depth = opts.depth or 12, items = opts.items or 100, text = opts.text or 500,
  }
  return renderer(settings)(value, "$", 0, 0)
end

return setmetatable(M, {
  __call = function(_, value, opts)
    local text = M.text(value, opts)
    return text
  end,
})

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
    created = "createdAt",
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

--- What Salesforce answers to each write.
local SALESFORCE_ANSWER <const> = { id = "{id}", success = true, errors = refold.array({}) }

local function salesforce(kind, plural, key)
  return {
    name = "salesforce." .. kind,
    app = "salesforce",
    key = key,
    id = "Id",
    created = "CreatedDate",
    modified = "LastModifiedDate",
    compare = { Email = "caseless" },
    get = { action = "get_" .. kind .. "_by_id", id = kind .. "_id" },
    find = { action = "get_" .. plural, params = { where = "{key} = {value:soql}" }, records = "records" },
    create = { action = "create_" .. kind, record = "id", answer = SALESFORCE_ANSWER },
    update = { action = "update_" .. kind, id = kind .. "_id", answer = SALESFORCE_ANSWER },
    delete = { action = "delete_" .. kind, id = kind .. "_id", answer = SALESFORCE_ANSWER },
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
    EmbeddedSource(name: "list", text: ##"""
--- Working on lists: `local list = require "list"`.
---
--- A *source* is a list (a table with the keys 1 to n, or a view of a JSON array) or an iterator (a function that
--- gives the next value each time, and nil after the last). Sources are never changed. Lists that come out are marked
--- as JSON arrays, so that an empty one is written as `[]`.
---
--- A *selector* is a function `fn(element, index)`, or the name of a field. `refold.null` in a field counts as absent.
--- What a function raises goes to the caller as it is.
local kit = require("refold_kit")

local M = {}

--- Returns a list with what a function makes of each element; nil becomes `refold.null`, so that no hole comes about.
---
---@param source any[]|fun(): any
---@param fn (fun(element: any, index: integer): any)|string
---@return any[]
function M.map(source, fn)
  kit.expect_list("list.map", "argument 1", source)
  fn = kit.selector("list.map", fn)
  local result = refold.array({})
  for index, element in kit.each(source) do
    local value = fn(element, index)
    result[index] = value == nil and refold.null or value
  end
  return result
end

--- Returns a list with what a function makes of each element, without those for which it gives nil.
---
---@param source any[]|fun(): any
---@param fn (fun(element: any, index: integer): any)|string
---@return any[]
function M.filter_map(source, fn)
  kit.expect_list("list.filter_map", "argument 1", source)
  fn = kit.selector("list.filter_map", fn)
  local result, count = refold.array({}), 0
  for index, element in kit.each(source) do
    local value = fn(element, index)
    if value ~= nil then
      count = count + 1
      result[count] = value
    end
  end
  return result
end

--- Returns a list of the elements for which a selector gives neither nil nor false, in their order.
---
---@param source any[]|fun(): any
---@param keeps (fun(element: any, index: integer): any)|string
---@return any[]
function M.filter(source, keeps)
  kit.expect_list("list.filter", "argument 1", source)
  keeps = kit.selector("list.filter", keeps)
  local result, count = refold.array({}), 0
  for index, element in kit.each(source) do
    if keeps(element, index) then
      count = count + 1
      result[count] = element
    end
  end
  return result
end

--- Returns two lists: the elements for which a selector gives neither nil nor false, and the others.
---
---@param source any[]|fun(): any
---@param belongs (fun(element: any, index: integer): any)|string
---@return any[] first
---@return any[] others
function M.partition(source, belongs)
  kit.expect_list("list.partition", "argument 1", source)
  belongs = kit.selector("list.partition", belongs)
  local first, others = refold.array({}), refold.array({})
  for index, element in kit.each(source) do
    local target = belongs(element, index) and first or others
    target[#target + 1] = element
  end
  return first, others
end

--- Returns what a function makes of all elements, one after the other.
---
---@generic T
---@param source any[]|fun(): any
---@param initial T
---@param fn fun(result: T, element: any, index: integer): T
---@return T
function M.reduce(source, initial, fn)
  kit.expect_list("list.reduce", "argument 1", source)
  kit.expect("list.reduce", "argument 3", fn, "function")
  local result = initial
  for index, element in kit.each(source) do
    result = fn(result, element, index)
  end
  return result
end

--- Returns the first element for which a function gives neither nil nor false, with its index; takes no more from an
--- iterator than it needs.
---
---@param source any[]|fun(): any
---@param is fun(element: any, index: integer): any
---@return any? element
---@return integer? index
function M.find(source, is)
  kit.expect_list("list.find", "argument 1", source)
  kit.expect("list.find", "argument 2", is, "function")
  for index, element in kit.each(source) do
    if is(element, index) then
      return element, index
    end
  end
end

--- Returns the index of the first element that equals a value, or nil.
---
---@param source any[]|fun(): any
---@param value any
---@return integer?
function M.index_of(source, value)
  kit.expect_list("list.index_of", "argument 1", source)
  for index, element in kit.each(source) do
    if element == value then
      return index
    end
  end
end

--- Whether a selector gives neither nil nor false for at least one element; false for an empty source.
---
---@param source any[]|fun(): any
---@param is (fun(element: any, index: integer): any)|string
---@return boolean
function M.any(source, is)
  kit.expect_list("list.any", "argument 1", source)
  is = kit.selector("list.any", is)
  for index, element in kit.each(source) do
    if is(element, index) then
      return true
    end
  end
  return false
end

--- Whether a selector gives neither nil nor false for every element; true for an empty source.
---
---@param source any[]|fun(): any
---@param is (fun(element: any, index: integer): any)|string
---@return boolean
function M.all(source, is)
  kit.expect_list("list.all", "argument 1", source)
  is = kit.selector("list.all", is)
  for index, element in kit.each(source) do
    if not is(element, index) then
      return false
    end
  end
  return true
end

--- Returns how many elements there are, or how many a selector takes.
---
---@param source any[]|fun(): any
---@param is? (fun(element: any, index: integer): any)|string
---@return integer
function M.count(source, is)
  kit.expect_list("list.count", "argument 1", source)
  is = is ~= nil and kit.selector("list.count", is)
  local count = 0
  for index, element in kit.each(source) do
    if not is or is(element, index) then
      count = count + 1
    end
  end
  return count
end

--- Groups elements by what a selector gives; the order within a group is that of the source.
---
---@param source any[]|fun(): any
---@param key (fun(element: any, index: integer): any)|string
---@return table<any, any[]> groups
---@return any[] keys The keys of the groups in the order of their first elements.
---@return any[] rest The elements that have no key.
function M.group_by(source, key)
  kit.expect_list("list.group_by", "argument 1", source)
  local of = kit.selector("list.group_by", key)
  local groups, keys, rest = {}, refold.array({}), refold.array({})
  for index, element in kit.each(source) do
    local value = of(element, index)
    local group = rest
    if value ~= nil and value ~= refold.null then
      group = groups[value]
      if not group then
        group = refold.array({})
        groups[value] = group
        keys[#keys + 1] = value
      end
    end
    group[#group + 1] = element
  end
  return groups, keys, rest
end

local INDEX_OPTIONS <const> = kit.declare({ "duplicates:string" })

local function duplicate_key(key, first, second)
  return kit.failure({
    code = "duplicate_key",
    message = ("elements %d and %d have the same key '%s'"):format(first, second, tostring(key)),
    hint = "pass { duplicates = \"first\" } or { duplicates = \"last\" }, or use list.group_by",
  })
end

--- Makes a table that finds elements by what a selector gives.
---
---@param source any[]|fun(): any
---@param key (fun(element: any, index: integer): any)|string
---@param opts? { duplicates?: "error"|"first"|"last" } `duplicates`: which of several elements with one key counts;
--- "error" unless it says otherwise, which raises `duplicate_key`.
---@return table<any, any> by_key
---@return any[] rest The elements that have no key.
function M.index_by(source, key, opts)
  kit.expect_list("list.index_by", "argument 1", source)
  local duplicates = kit.options("list.index_by", opts, INDEX_OPTIONS).duplicates or "error"
  if duplicates ~= "error" and duplicates ~= "first" and duplicates ~= "last" then
    error("list.index_by: 'duplicates' must be 'error', 'first' or 'last', but is '" .. duplicates .. "'", 2)
  end
  local of = kit.selector("list.index_by", key)
  local by_key, seen, rest = {}, {}, refold.array({})
  for index, element in kit.each(source) do
    local value = of(element, index)
    if value == nil or value == refold.null then
      rest[#rest + 1] = element
    elseif not seen[value] or duplicates == "last" then
      seen[value] = index
      by_key[value] = element
    elseif duplicates == "error" then
      error(duplicate_key(value, seen[value], index))
    end
  end
  return by_key, rest
end

--- Returns a list without the elements whose key came before. Elements that have no key are all kept.
---
---@param source any[]|fun(): any
---@param key? (fun(element: any, index: integer): any)|string The element itself unless it says otherwise.
---@return any[]
function M.unique(source, key)
  kit.expect_list("list.unique", "argument 1", source)
  local of = kit.selector("list.unique", key or kit.itself)
  local seen, result = {}, refold.array({})
  for index, element in kit.each(source) do
    local value = of(element, index)
    if value == nil or not seen[value] then
      result[#result + 1] = element
      if value ~= nil then
        seen[value] = true
      end
    end
  end
  return result
end

for name, fn in pairs(require("refold_list_shape")) do
  M[name] = fn
end

return M

"""##),
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
    EmbeddedSource(name: "refold_calendar", text: ##"""
--- The Gregorian calendar and the zones of `time`, in seconds since 1970.
---
--- There is no table of the world's zones in here. A zone is UTC, a fixed offset, or one of those below, whose present
--- rule is known from the year that stands with it; earlier times are refused, not guessed.
local kit = require("refold_kit")

local M = {}

--- Returns the days from 1970-01-01 to a date.
---
--- Years begin in March here, so that the day that comes and goes is the last: the arithmetic of Howard Hinnant's
--- "chrono-compatible low-level date algorithms".
function M.days(year, month, day)
  local shifted = month <= 2 and year - 1 or year
  local era, of_era = shifted // 400, shifted % 400
  local day_of_year = (153 * (month + (month > 2 and -3 or 9)) + 2) // 5 + day - 1
  return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + day_of_year - 719468
end

--- Returns the year, month and day of a count of days from 1970-01-01.
function M.date(days)
  days = days + 719468
  local era, of_era = days // 146097, days % 146097
  local year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local day_of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
  local shifted = (5 * day_of_year + 2) // 153
  local month = shifted < 10 and shifted + 3 or shifted - 9
  local year = year_of_era + era * 400 + (month <= 2 and 1 or 0)
  return year, month, day_of_year - (153 * shifted + 2) // 5 + 1
end

local LENGTHS <const> = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

--- Returns the number of days in a month.
function M.month_length(year, month)
  local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month == 2 and leap and 29 or LENGTHS[month]
end

--- Returns the weekday of a count of days: 1 is Monday, 7 is Sunday.
function M.weekday(days)
  return (days + 3) % 7 + 1
end

--- Returns the day of the n-th Sunday of a month, counted in days since 1970; the last one for 5.
local function sunday(year, month, number)
  if number == 5 then
    local last = M.days(year, month, M.month_length(year, month))
    return last - M.weekday(last) % 7
  end
  local first = M.days(year, month, 1)
  return first + (7 - M.weekday(first)) + (number - 1) * 7
end

--- Rules of summer time: when it starts and ends as month, number of the Sunday, and hour; `utc` when the hour is one
--- of UTC, else it is of the clock on the wall before the change.
local RULES <const> = {
  EU = { since = 1997, start = { 3, 5, 1 }, stop = { 10, 5, 1 }, utc = true },
  US = { since = 2007, start = { 3, 2, 2 }, stop = { 11, 1, 2 } },
  AU = { since = 2008, start = { 10, 1, 2 }, stop = { 4, 1, 3 } },
  NZ = { since = 2008, start = { 9, 5, 2 }, stop = { 4, 1, 3 } },
}

--- Zones by rule: standard offset in minutes, and the names.
local NAMES <const> = {
  EU = {
    [0] = "Europe/London Europe/Dublin Europe/Lisbon",
    [60] = "Europe/Amsterdam Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Budapest "
      .. "Europe/Copenhagen Europe/Ljubljana Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Oslo Europe/Paris "
      .. "Europe/Prague Europe/Rome Europe/Sarajevo Europe/Stockholm Europe/Vienna Europe/Warsaw Europe/Zagreb "
      .. "Europe/Zurich",
    [120] = "Europe/Athens Europe/Helsinki Europe/Sofia Europe/Bucharest",
  },
  US = {
    [-300] = "America/New_York America/Detroit America/Toronto",
    [-360] = "America/Chicago America/Winnipeg",
    [-420] = "America/Denver America/Boise",
    [-480] = "America/Los_Angeles",
    [-540] = "America/Anchorage",
  },
  AU = { [600] = "Australia/Sydney Australia/Melbourne Australia/Hobart", [570] = "Australia/Adelaide" },
  NZ = { [720] = "Pacific/Auckland" },
}

--- Zones without summer time: offset in minutes, and the first year from which that holds throughout.
local FIXED <const> = {
  ["America/Phoenix"] = { -420, 1970 }, ["America/Bogota"] = { -300, 1994 }, ["America/Lima"] = { -300, 1995 },
  ["America/Sao_Paulo"] = { -180, 2020 }, ["America/Argentina/Buenos_Aires"] = { -180, 2010 },
  ["America/Mexico_City"] = { -360, 2023 }, ["Pacific/Honolulu"] = { -600, 1970 },
  ["Africa/Johannesburg"] = { 120, 1970 }, ["Africa/Lagos"] = { 60, 1970 },
  ["Africa/Nairobi"] = { 180, 1970 }, ["Asia/Dubai"] = { 240, 1970 },
  ["Asia/Kolkata"] = { 330, 1970 }, ["Asia/Bangkok"] = { 420, 1970 }, ["Asia/Jakarta"] = { 420, 1970 },
  ["Asia/Singapore"] = { 480, 1982 }, ["Asia/Hong_Kong"] = { 480, 1980 }, ["Asia/Shanghai"] = { 480, 1992 },
  ["Asia/Taipei"] = { 480, 1980 }, ["Asia/Manila"] = { 480, 1991 }, ["Asia/Tokyo"] = { 540, 1970 },
  ["Asia/Seoul"] = { 540, 1989 }, ["Australia/Brisbane"] = { 600, 1993 }, ["Australia/Perth"] = { 480, 2010 },
  ["Europe/Istanbul"] = { 180, 2017 }, ["Atlantic/Reykjavik"] = { 0, 1970 }, UTC = { 0 }, GMT = { 0 }, Z = { 0 },
}

local ZONES <const> = {}
for name, zone in pairs(FIXED) do
  ZONES[name] = { offset = zone[1] * 60, since = zone[2] }
end
for rule, offsets in pairs(NAMES) do
  for minutes, names in pairs(offsets) do
    for name in names:gmatch("%S+") do
      ZONES[name] = { offset = minutes * 60, rule = RULES[rule], since = RULES[rule].since }
    end
  end
end

--- The names of the zones, sorted.
M.zones = {}
for name in pairs(ZONES) do
  if name ~= "Z" then
    M.zones[#M.zones + 1] = name
  end
end
table.sort(M.zones)

--- Returns the zone of a name, of `+05:30`, or of an offset in seconds; nil when there is none.
---
---@param name string|number
---@return { offset: integer, rule?: table, since?: integer, name?: string }?
function M.zone(name)
  if math.type(name) == "integer" then
    return math.abs(name) < 86400 and { offset = name } or nil
  end
  local zone = ZONES[name]
  if zone then
    zone.name = name
    return zone
  end
  local sign, hours, minutes = tostring(name):match("^([+-])(%d%d):?(%d%d)$")
  if sign and hours + 0 < 24 and minutes + 0 < 60 then
    local offset = math.tointeger(hours * 3600 + minutes * 60)
    return { offset = sign == "-" and -offset or offset }
  end
end

--- Returns the instant at which summer time starts or stops in a year.
local function change(zone, year, at, before)
  local rule = zone.rule
  local seconds = sunday(year, at[1], at[2]) * 86400 + at[3] * 3600
  return rule.utc and seconds or seconds - before
end

--- Returns the offset of a zone at an instant.
---
---@param zone table What `zone` gave.
---@param seconds number
---@return integer offset Seconds east of UTC.
function M.offset(zone, seconds)
  local year = M.date((seconds + zone.offset) // 86400 // 1 | 0)
  if zone.since and year < zone.since then
    error(kit.failure({
      code = "zone_unknown",
      message = ("the rules of %s are known from %d, not for %d"):format(zone.name, zone.since, year),
      hint = "use an offset, as in '+01:00'",
    }))
  end
  if not zone.rule then
    return zone.offset
  end
  local start = change(zone, year, zone.rule.start, zone.offset)
  local stop = change(zone, year, zone.rule.stop, zone.offset + 3600)
  local summer
  if start < stop then
    summer = seconds >= start and seconds < stop
  else
    summer = seconds >= start or seconds < stop
  end
  return zone.offset + (summer and 3600 or 0)
end

--- Returns the instants at which clocks on the wall show a time: one, none in a gap, two where clocks go back.
---
---@param zone table
---@param wall number Seconds from 1970 as if the wall were in UTC.
---@return number? first
---@return number? second
function M.instants(zone, wall)
  local found = {}
  for _, offset in ipairs(zone.rule and { zone.offset + 3600, zone.offset } or { zone.offset }) do
    if M.offset(zone, wall - offset) == offset then
      found[#found + 1] = wall - offset
    end
  end
  return found[1], found[2]
end

return M

"""##),
    EmbeddedSource(name: "refold_csv_reader", text: ##"""
--- How `csv` reads: records out of a buffer that is filled piece by piece.
local kit = require("refold_kit")

local M = {}

local find <const>, sub <const>, byte <const>, utf8_len <const> = string.find, string.sub, string.byte, utf8.len
local huge <const> = math.huge
local QUOTE <const>, LF <const>, CR <const> = 34, 10, 13

--- The characters of windows-1252 from 0x80 to 0x9F; the five bytes that it does not use stay control characters.
local WINDOWS <const> = {
  [0x80] = 0x20AC, [0x82] = 0x201A, [0x83] = 0x192, [0x84] = 0x201E, [0x85] = 0x2026, [0x86] = 0x2020,
  [0x87] = 0x2021, [0x88] = 0x2C6, [0x89] = 0x2030, [0x8A] = 0x160, [0x8B] = 0x2039, [0x8C] = 0x152, [0x8E] = 0x17D,
  [0x91] = 0x2018, [0x92] = 0x2019, [0x93] = 0x201C, [0x94] = 0x201D, [0x95] = 0x2022, [0x96] = 0x2013,
  [0x97] = 0x2014, [0x98] = 0x2DC, [0x99] = 0x2122, [0x9A] = 0x161, [0x9B] = 0x203A, [0x9C] = 0x153, [0x9E] = 0x17E,
  [0x9F] = 0x178,
}
local UTF8_OF <const> = {}
for code = 0x80, 0xFF do
  UTF8_OF[string.char(code)] = utf8.char(WINDOWS[code] or code)
end

local function fail(code, line, message, hint)
  error(kit.failure({ code = code, line = line, message = ("line %d: %s"):format(line, message), hint = hint }))
end

--- Adds pieces to the buffer, at least as much as is in it, so that a long record is not copied again and again.
---
---@return boolean # Whether anything came.
local function fill(state)
  if state.ended then
    return false
  end
  local rest = sub(state.buffer, state.at)
  local pieces, size, wanted = { rest }, 0, math.max(#rest, 4)
  while size < wanted do
    local piece = state.source()
    if piece == nil then
      state.ended = true
      break
    elseif type(piece) ~= "string" then
      error("csv: the iterator must give strings, but gave " .. kit.article(kit.kind(piece)), 0)
    end
    if state.windows then
      piece = piece:gsub("[\x80-\xFF]", UTF8_OF)
    end
    size = size + #piece
    pieces[#pieces + 1] = piece
  end
  state.buffer, state.at = table.concat(pieces), 1
  state.quote = find(state.buffer, '"', 1, true) or huge
  state.separator, state.line_break = 0, 0
  return size > 0
end

local function open(source, settings)
  local state = { buffer = "", at = 1, line = 1, ended = false, windows = settings.encoding == "windows-1252" }
  state.source = source
  if type(source) == "string" then
    local text = source
    state.source = function()
      local piece = text
      text = nil
      return piece
    end
  end
  fill(state)
  local start = sub(state.buffer, 1, 3)
  if start == "\xEF\xBB\xBF" then
    state.at = 4
  elseif find(state.buffer, "^ï»¿") then
    -- The same mark, after each of its bytes was taken for a character.
    state.at = #"ï»¿" + 1
  elseif find(start, "^\xFF\xFE") or find(start, "^\xFE\xFF") then
    fail("encoding", 1, "the text is UTF-16", "save it as UTF-8")
  end
  return state
end

local function check_utf8(text, line)
  local ok, bad = utf8_len(text)
  if not ok then
    fail("encoding", line, ("byte %d of the record is not UTF-8"):format(bad),
      'save the file as UTF-8, or pass { encoding = "windows-1252" }')
  end
end

--- Reads the field in quotes that begins at a position; returns its text and the position of the byte behind it, nil
--- when the buffer ends before that is certain.
local function quoted_field(state, at)
  local buffer, from, doubled = state.buffer, at + 1, false
  local stop = find(buffer, '"', from, true)
  while stop and byte(buffer, stop + 1) == QUOTE do
    doubled = true
    stop = find(buffer, '"', stop + 2, true)
  end
  if not stop or (stop == #buffer and not state.ended) then
    return nil
  end
  local text = sub(buffer, from, stop - 1)
  return doubled and text:gsub('""', '"') or text, stop + 1
end

--- Moves behind the next line break, where the reading goes on after a bad record.
local function skip_line(state, at)
  state.at = at
  local stop = find(state.buffer, "\n", at, true)
  while not stop do
    state.at = #state.buffer + 1
    if not fill(state) then
      return
    end
    stop = find(state.buffer, "\n", 1, true)
  end
  state.at = stop + 1
end

local function trim(text)
  return text:match("^%s*(.*%S)") or ""
end

--- Reads the field at a position, in quotes or not; returns its text, the position behind it, and the line breaks in
--- it; nil when the buffer ends before the field.
local function field(state, settings, at)
  local buffer = state.buffer
  if byte(buffer, at) == QUOTE then
    local text, after = quoted_field(state, at)
    local breaks = 0
    if text and find(text, "\n", 1, true) then
      breaks = select(2, text:gsub("\n", ""))
    end
    return text, after, breaks
  end
  -- Two searches for plain text, each gone over once, are faster than one for a set of characters.
  if state.separator < at then
    state.separator = find(buffer, settings.separator, at, true) or huge
  end
  if state.line_break < at then
    state.line_break = find(buffer, "\n", at, true) or huge
  end
  local after = state.separator < state.line_break and state.separator or state.line_break
  if after == huge then
    if not state.ended then
      return nil
    end
    after = #buffer + 1
  end
  if after ~= state.separator and after > at and byte(buffer, after - 1) == CR then
    after = after - 1
  end
  local text = sub(buffer, at, after - 1)
  return settings.trim and trim(text) or text, after, 0
end

--- Reads a record in which there are quotes, field by field; nil when the buffer ends before the record.
local function quoted_record(state, settings)
  local buffer, at, fields, count, lines = state.buffer, state.at, {}, 0, 0
  local separator = byte(settings.separator)
  while true do
    local text, after, breaks = field(state, settings, at)
    if not text then
      return nil
    end
    count, lines = count + 1, lines + breaks
    fields[count] = text
    local behind = byte(buffer, after)
    if behind == CR and (byte(buffer, after + 1) == LF or after == #buffer) then
      after = after + 1
      behind = byte(buffer, after)
      if not behind and not state.ended then
        return nil
      end
    end
    if behind == separator then
      at = after + 1
    elseif behind == LF or not behind then
      local from = state.at
      state.at = after + 1
      return fields, count, lines + 1, sub(buffer, from, after - 1)
    else
      local line = state.line + lines
      state.line = line + 1
      skip_line(state, after)
      local shown = sub(buffer, after, after + 7):match("^[^\r\n]*")
      fail("quote", line, ("'%s' stands behind the quote that closes field %d"):format(shown, count),
        "double the quotes that belong to the field")
    end
  end
end

--- Splits a line in which there are no quotes.
local function plain_record(text, settings)
  local fields, count, from, separator = {}, 0, 1, settings.separator
  repeat
    local to = find(text, separator, from, true)
    count = count + 1
    fields[count] = sub(text, from, to and to - 1)
    from = (to or 0) + 1
  until not to
  if settings.trim then
    for index = 1, count do
      fields[index] = trim(fields[index])
    end
  end
  return fields, count
end

--- Gets more of the source for a record that the buffer does not hold whole.
local function fill_for_record(state, settings)
  if #state.buffer - state.at >= settings.max_record_bytes then
    fail("record_size", state.line, ("the record is larger than %d bytes"):format(settings.max_record_bytes),
      "close the quote that it opens, or pass a larger 'max_record_bytes'")
  end
  fill(state)
end

--- Reads the next record; returns its line and its fields with their count, or its text when there are no quotes in
--- it; nil at the end.
local function next_record(state, settings)
  while true do
    local buffer, at, line = state.buffer, state.at, state.line
    local stop = find(buffer, "\n", at, true)
    if state.quote < at then
      state.quote = find(buffer, '"', at, true) or huge
    end
    if not stop and not state.ended then
      fill_for_record(state, settings)
    elseif state.quote < (stop or huge) then
      local fields, count, lines, text = quoted_record(state, settings)
      if fields then
        state.line = line + lines
        check_utf8(text, line)
        return line, nil, fields, count
      elseif state.ended then
        fail("unclosed_quote", line, "a quote of this record is never closed", "close it, or double it")
      end
      fill_for_record(state, settings)
    else
      local last = (stop or #buffer + 1) - 1
      state.at, state.line = last + 2, line + 1
      if last >= at and byte(buffer, last) == CR then
        last = last - 1
      end
      if last >= at then
        local text = sub(buffer, at, last)
        check_utf8(text, line)
        return line, text
      elseif not stop then
        return nil
      end
    end
  end
end

--- Checks the names of the columns and gives the nameless ones a name.
local function named(fields, line)
  local columns, seen = refold.array({}), {}
  for index, name in ipairs(fields) do
    name = name == "" and "column_" .. index or name
    if seen[name] then
      fail("duplicate_column", line, ("columns %d and %d are both called '%s'"):format(seen[name], index, name),
        "rename one of them, or pass the names as { header = { … } }")
    end
    seen[name] = index
    columns[index] = name
  end
  return columns
end

--- Checks that a record has as many fields as there are columns, and makes it so when it may be padded.
local function fit(fields, count, columns, settings, line)
  local width = #columns
  if settings.ragged == "pad" then
    for index = count + 1, width do
      fields[index] = ""
    end
    while count > width and fields[count] == "" do
      count = count - 1
    end
    if count <= width then
      return
    end
  end
  fail("ragged_row", line, ("the record has %d fields, but there are %d columns"):format(count, width),
    'mend the file, pass { ragged = "pad" } for fields that are missing at the end, or { on_error = … } to go on')
end

--- Makes the row of a line in which there are no quotes, when it has as many fields as there are columns.
local function plain_row(text, separator, columns)
  local row, width, from, index = {}, #columns, 1, 0
  repeat
    local to = find(text, separator, from, true)
    index = index + 1
    if index > width then
      return nil
    end
    row[columns[index]] = sub(text, from, to and to - 1)
    from = (to or 0) + 1
  until not to
  return index == width and row or nil
end

--- Makes the row of a record's fields.
local function shaped(fields, count, columns, settings)
  local empty = ""
  if settings.empty ~= "text" then
    -- A list without a value has no hole.
    empty = (settings.empty == "null" or not columns) and refold.null or nil
  end
  local row = columns and {} or refold.array({})
  for index = 1, columns and #columns or count do
    local text = fields[index]
    if text == "" then
      text = empty
    end
    row[columns and columns[index] or index] = text
  end
  return row
end

--- Failures after which there is no next row.
local FATAL <const> = { record_size = true, unclosed_quote = true }

--- Returns a reader that hands the failure of a row to a function and goes on with the next.
local function forgiving(read, on_error)
  return function()
    while true do
      local ok, row, line = pcall(read)
      if ok then
        return row, line
      elseif type(row) ~= "table" or not row.line or FATAL[row.code] then
        error(row, 0)
      end
      on_error(row)
    end
  end
end

--- Opens a source: returns the state of its reading, and the columns.
local function start(source, settings)
  local state = open(source, settings)
  if type(settings.header) == "table" then
    return state, named(settings.header, 1)
  elseif settings.header then
    local line, text, fields = next_record(state, settings)
    return state, named(fields or text and plain_record(text, settings) or {}, line or 1)
  end
  return state
end

--- Returns an iterator over rows, and a function that gives the columns.
---
---@param source string|function
---@param settings table What `csv` makes of its options.
---@return fun(): table?, integer?
---@return fun(): string[]?
function M.rows(source, settings)
  local state, columns
  local simple = settings.empty == "text" and not settings.trim
  local function read()
    local line, text, fields, count = next_record(state, settings)
    if not line then
      return nil
    elseif text and columns and simple then
      local row = plain_row(text, settings.separator, columns)
      if row then
        return row, line
      end
    end
    if text then
      fields, count = plain_record(text, settings)
    end
    if columns and count ~= #columns then
      fit(fields, count, columns, settings, line)
    end
    return shaped(fields, count, columns, settings), line
  end
  local go_on = settings.on_error and forgiving(read, settings.on_error) or read
  return function()
    if not state then
      state, columns = start(source, settings)
    end
    return go_on()
  end, function()
    return columns
  end
end

return M

"""##),
    EmbeddedSource(name: "refold_csv_writer", text: ##"""
--- How `csv` writes.
local json = require("json")
local kit = require("refold_kit")

local M = {}

local find <const> = string.find

--- Returns the text of a value in a field.
local function field_text(value, settings, row, column)
  local kind = type(value)
  if kind == "string" then
    if settings.escape and find(value, "^[=+@\t\r-]") and not tonumber(value) then
      value = "'" .. value
    end
  elseif value == nil or value == refold.null then
    value = ""
  elseif kind == "boolean" then
    value = tostring(value)
  elseif kind == "number" and value == value and value ~= math.huge and value ~= -math.huge then
    value = json.encode(value)
  else
    local is = kind == "number" and tostring(value) or kit.article(kit.kind(value))
    error(kit.failure({
      code = "value",
      message = ("row %d, column '%s': %s has no text in CSV"):format(row, column, is),
      hint = "make it a text first, with json.encode or one of its fields",
    }))
  end
  if settings.all or find(value, settings.special) then
    return '"' .. value:gsub('"', '""') .. '"'
  end
  return value
end

local function record(values, count, settings, row, columns)
  local fields = {}
  for index = 1, count do
    fields[index] = field_text(values[index], settings, row, columns and columns[index] or index)
  end
  -- A lone empty field would read back as an empty line.
  if count == 1 and fields[1] == "" then
    return '""'
  end
  return table.concat(fields, settings.separator)
end

--- Returns the columns of rows that have names: all that occur, sorted.
local function columns_of(rows)
  local seen, columns = {}, {}
  for _, row in ipairs(rows) do
    for name in pairs(row) do
      if not seen[name] then
        seen[name] = true
        columns[#columns + 1] = name
      end
    end
  end
  table.sort(columns, kit.before)
  return columns
end

local function check_names(row, number, known, columns)
  for name in pairs(row) do
    if not known[name] then
      error(kit.failure({
        code = "unknown_column",
        message = ("row %d has a field '%s', which is no column"):format(number, tostring(name)),
        hint = kit.suggest(name, columns) .. ", or leave 'columns' out for all of them",
      }))
    end
  end
end

local function named_rows(out, rows, columns, settings)
  local known = {}
  for _, name in ipairs(columns) do
    known[name] = true
  end
  if settings.header then
    out[1] = record(columns, #columns, settings, 0)
  end
  for number, row in ipairs(rows) do
    check_names(row, number, known, columns)
    local values = {}
    for index, name in ipairs(columns) do
      values[index] = row[name]
    end
    out[#out + 1] = record(values, #columns, settings, number, columns)
  end
end

--- Returns rows as CSV.
---
---@param rows table[]
---@param settings table What `csv` makes of its options.
---@return string
function M.encode(rows, settings)
  local out = {}
  local lists = rows[1] ~= nil and rows[1][1] ~= nil
  if lists then
    if settings.columns and settings.header then
      out[1] = record(settings.columns, #settings.columns, settings, 0)
    end
    for number, row in ipairs(rows) do
      out[#out + 1] = record(row, #row, settings, number)
    end
  else
    named_rows(out, rows, settings.columns or columns_of(rows), settings)
  end
  if #out == 0 or (#out == 1 and out[1] == "") then
    return ""
  end
  out[#out + 1] = ""
  return (settings.bom and "\xEF\xBB\xBF" or "") .. table.concat(out, settings.newline)
end

return M

"""##),
    EmbeddedSource(name: "refold_dates", text: ##"""
--- Dates and times as seconds since 1970 in UTC, for `mapping`, `ensure` and `sync`.
---
--- It is no part of what scripts are promised. Without leap seconds: 23:59:60 is the second after 23:59:59.
local calendar = require("refold_calendar")

local M = {}

local byte <const>, find <const>, match <const>, sub <const> = string.byte, string.find, string.match, string.sub
local format <const> = string.format

--- Returns the days since 1970 of a date of the Gregorian calendar, nil when there is no such date.
function M.days(year, month, day)
  if month < 1 or month > 12 or day < 1 or day > calendar.month_length(year, month) then
    return nil
  end
  return calendar.days(year, month, day)
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
  return format("%04d-%02d-%02d", calendar.date(seconds // 86400))
end

--- Writes a time in UTC: `2026-01-20T10:00:00Z`, with thousandths unless there are none.
function M.datetime(seconds, thousandths)
  local of_day = seconds % 86400
  local year, month, day = calendar.date(seconds // 86400)
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
    local year, month, day = calendar.date(seconds // 86400)
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
    EmbeddedSource(name: "refold_decimal", text: ##"""
--- Numbers as `rules` compares them: exactly, whether they are numbers or texts of any length.
local M = {}

local math_type <const> = math.type

--- Largest count of digits that a float holds exactly.
local EXACT <const> = 15

--- Whether a text is a number as people and systems write one: no leading zeros, no blanks, no exponent.
---
---@param text string
---@return boolean
function M.is_number(text)
  local digits, fraction = text:match("^%-?(%d+)(.*)$")
  if not digits or (#digits > 1 and digits:byte() == 48) then
    return false
  end
  return fraction == "" or fraction:find("^%.%d+$") ~= nil
end

--- Returns a number for comparing: a Lua number where that is exact, else its text; nil when a value is no number.
---
---@param value any
---@return number|string|nil
function M.of(value)
  local kind = math_type(value)
  if kind == "integer" then
    return value
  elseif kind == "float" then
    return value == value and value or nil
  elseif type(value) ~= "string" or not M.is_number(value) then
    return nil
  elseif #value <= EXACT then
    return tonumber(value)
  end
  return math.tointeger(value) or value
end

--- Returns the shortest decimal text that reads back as a float, without an exponent.
local function float_text(number)
  if math.tointeger(number) then
    return tostring(math.tointeger(number))
  end
  for precision = 15, 17 do
    local text = ("%%.%dg"):format(precision):format(number)
    if tonumber(text) == number then
      local sign, digits, exponent = text:match("^(%-?)([%d.]+)e([+-]%d+)$")
      if not exponent then
        return text
      elseif number > 1 or number < -1 then
        return ("%.0f"):format(number)
      end
      return sign .. "0." .. ("0"):rep(-math.tointeger(exponent) - 1) .. digits:gsub("%.", "")
    end
  end
end

--- Takes a number apart: its sign, the digits before the point and those behind it without zeros at the end.
local function parts_of(number)
  local text = number
  if math_type(number) == "integer" then
    text = tostring(number)
  elseif math_type(number) == "float" then
    text = float_text(number)
  end
  local sign, whole, fraction = text:match("^(%-?)(%d+)%.?(%d*)$")
  fraction = fraction:gsub("0+$", "")
  local negative = sign == "-" and (whole:find("[1-9]") or fraction ~= "") and true or false
  return negative, whole, fraction
end

--- Compares two numbers of `of`: below 0 when the first is smaller, 0 when they are the same, else above 0.
---
---@param one number|string
---@param other number|string
---@return integer
function M.compare(one, other)
  if type(one) == "number" and type(other) == "number" then
    return one < other and -1 or one > other and 1 or 0
  end
  for index, number in ipairs({ one, other }) do
    if number == math.huge or number == -math.huge then
      return (number > 0) == (index == 1) and 1 or -1
    end
  end
  local negative, whole, fraction = parts_of(one)
  local other_negative, other_whole, other_fraction = parts_of(other)
  if negative ~= other_negative then
    return negative and -1 or 1
  end
  local order = 0
  if #whole ~= #other_whole then
    order = #whole < #other_whole and -1 or 1
  elseif whole ~= other_whole then
    order = whole < other_whole and -1 or 1
  elseif fraction ~= other_fraction then
    order = fraction < other_fraction and -1 or 1
  end
  return negative and -order or order
end

return M

"""##),
    EmbeddedSource(name: "refold_formats", text: ##"""
--- The formats of texts for `validate`: functions that return whether a text has one.
local forms = require("refold_text_forms")
local phones = require("refold_phone")
local times = require("refold_time_text")

local M = {}

--- What messages call each format, with its article.
M.shown = {
  date = "a date such as 2026-01-20",
  datetime = "a time such as 2026-01-20T10:00:00Z",
  digits = "made of digits",
  email = "an e-mail address",
  phone = "a telephone number such as +442079460000",
  url = "a URL that begins with http:// or https://",
  uuid = "a UUID",
}

local checks <const> = {}

function checks.date(text)
  local parts = #text == 10 and times.read_iso(text)
  return parts and parts.hour == nil and times.wall(parts) ~= nil
end

function checks.datetime(text)
  local parts = times.read_iso(text)
  return parts and parts.hour ~= nil and times.wall(parts) ~= nil
end

function checks.digits(text)
  return not text:find("%D") and text ~= ""
end

function checks.email(text)
  -- The address alone: no name around it, no blanks, no scheme.
  return forms.email(text) ~= nil and not text:find("[%s<>]") and not text:lower():find("^mailto:")
end

function checks.phone(text)
  return text:find("^%+%d+$") ~= nil and phones.number(text) ~= nil
end

function checks.url(text)
  local host, rest = text:match("^[hH][tT][tT][pP][sS]?://([^/?#]+)(.*)$")
  if not host or text:find("[%s%c\"<>\\^`{|}]") then
    return false
  end
  host = host:gsub("^.*@", "")
  local name, port = host:match("^(.-):(%d+)$")
  if port and (#port > 5 or tonumber(port) > 65535) then
    return false
  end
  name = name or host
  return rest ~= nil and (name:find("^%[[%x:.]+%]$") ~= nil
    or (name:find("^[%w\x80-\xFF]") ~= nil and not name:find("[^%w\x80-\xFF.-]") and not name:find("..", 1, true)))
end

function checks.uuid(text)
  return #text == 36 and text:find("^%x+%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x+$") == 1 and text:sub(9, 9) == "-"
end

M.checks = checks

--- The names of the formats, sorted.
M.names = {}
for name in pairs(checks) do
  M.names[#M.names + 1] = name
end
table.sort(M.names)

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
--- The metatable of tables that are marked as JSON objects.
M.object_mark = getmetatable(refold.object({}))

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

--- Returns the number of code points of a text; raises `encoding`.
---
---@param value string
---@return integer
function M.length(value)
  local length, bad = utf8.len(value)
  if not length then
    error(M.failure({
      code = "encoding",
      message = ("text is not UTF-8: byte %d is wrong"):format(bad),
      hint = "decode the text before it gets here",
    }))
  end
  return length
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

--- Whether a value stands for what an app will answer, in a plan.
---
---@param value any
---@return boolean
function M.is_planned(value)
  return getmetatable(value) == "value known after apply"
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

--- Whether a list has a value.
---
---@param list any[]
---@param value any
---@return boolean
function M.contains(list, value)
  for _, element in ipairs(list) do
    if element == value then
      return true
    end
  end
  return false
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
    return function(element, index)
      local kind = type(element)
      if kind ~= "table" and (kind ~= "userdata" or element == refold.null) then
        error(M.failure({
          code = "no_field",
          message = ("element %d is %s, which has no field '%s'"):format(index, M.article(M.kind(element)), selector),
          hint = "pass a function instead of the name, or leave such elements out first",
        }))
      end
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
    EmbeddedSource(name: "refold_letters", text: #"""
--- Letters beyond ASCII for `text` and `rules`: upper and lower case, and their plain forms.
---
--- Covers Latin (U+00C0 to U+017F), Greek and Cyrillic; other scripts stay as they are.
local M = {}

local char <const> = utf8.char

local upper_of, lower_of = {}, {}

local function pair(upper, lower)
  upper_of[char(lower)] = char(upper)
  lower_of[char(upper)] = char(lower)
end

--- Adds the letters from `first` to `last`, whose lower case lies `distance` behind.
local function add_range(first, last, distance)
  for code = first, last do
    pair(code, code + distance)
  end
end

--- Adds letters that stand in pairs, upper case first.
local function add_pairs(first, last)
  for code = first, last, 2 do
    pair(code, code + 1)
  end
end

add_range(0xC0, 0xD6, 32)
add_range(0xD8, 0xDE, 32)
add_pairs(0x100, 0x12E)
add_pairs(0x132, 0x136)
add_pairs(0x139, 0x147)
add_pairs(0x14A, 0x176)
add_pairs(0x179, 0x17D)
pair(0x178, 0xFF)
pair(0x386, 0x3AC)
add_range(0x388, 0x38A, 37)
pair(0x38C, 0x3CC)
add_range(0x38E, 0x38F, 63)
add_range(0x391, 0x3A1, 32)
add_range(0x3A3, 0x3AB, 32)
add_range(0x400, 0x40F, 80)
add_range(0x410, 0x42F, 32)
add_pairs(0x490, 0x490)
lower_of["İ"] = "i"
upper_of["ı"] = "I"
upper_of["ß"] = "SS"
upper_of["ſ"] = "S"
upper_of["ς"] = "Σ"

--- The letters of Latin that have a plain form, by that form.
local PLAIN <const> = {
  A = "ÀÁÂÃÄÅĀĂĄ", AE = "Æ", C = "ÇĆĈĊČ", D = "ÐĎĐ", E = "ÈÉÊËĒĔĖĘĚ", G = "ĜĞĠĢ", H = "ĤĦ", I = "ÌÍÎÏĨĪĬĮİ", IJ = "Ĳ",
  J = "Ĵ", K = "Ķ", L = "ĹĻĽĿŁ", N = "ÑŃŅŇŊ", O = "ÒÓÔÕÖØŌŎŐ", OE = "Œ", R = "ŔŖŘ", S = "ŚŜŞŠ", T = "ŢŤŦ", TH = "Þ",
  U = "ÙÚÛÜŨŪŬŮŰŲ", W = "Ŵ", Y = "ÝŶŸ", Z = "ŹŻŽ",
}

local plain_of = { ["ß"] = "ss", ["ı"] = "i", ["ĸ"] = "k", ["ŉ"] = "n", ["ſ"] = "s", ["ẞ"] = "SS" }

for plain, letters in pairs(PLAIN) do
  for letter in letters:gmatch(utf8.charpattern) do
    plain_of[letter] = plain
    plain_of[lower_of[letter]] = plain:lower()
  end
end
plain_of["i"] = nil

--- The letters with which UTF-8 writes what the tables hold: two bytes, or three for `ẞ`.
local LETTER <const> = "[\xC3-\xD2\xE1][\x80-\xBF]+"

--- Returns a text in lower case.
---
---@param text string
---@return string
function M.lower(text)
  text = text:lower()
  if text:find("[\x80-\xFF]") then
    text = text:gsub(LETTER, lower_of)
  end
  return text
end

--- Returns a text in upper case; `ß` becomes `SS`.
---
---@param text string
---@return string
function M.upper(text)
  text = text:upper()
  if text:find("[\x80-\xFF]") then
    text = text:gsub(LETTER, upper_of)
  end
  return text
end

--- Returns a text with the plain forms of Latin letters: `Ł` becomes `L`, `ß` becomes `ss`.
---
---@param text string
---@return string
function M.plain(text)
  if text:find("[\x80-\xFF]") then
    -- Accents that stand as characters of their own behind their letter.
    text = text:gsub(LETTER, plain_of):gsub("\xCC[\x80-\xBF]", ""):gsub("\xCD[\x80-\xAF]", "")
  end
  return text
end

return M

"""#),
    EmbeddedSource(name: "refold_list_shape", text: ##"""
--- The part of `list` that orders, cuts and joins lists, and sums them up.
local kit = require("refold_kit")

local M = {}

--- Returns a list of all elements: what an iterator gives, or a copy of a list.
---
---@param source any[]|fun(): any
---@return any[]
function M.collect(source)
  kit.expect_list("list.collect", "argument 1", source)
  local result = refold.array({})
  for index, element in kit.each(source) do
    result[index] = element
  end
  return result
end

--- Returns an iterator over lists of up to `size` elements; holds one of them at a time.
---
---@param source any[]|fun(): any
---@param size integer 1 or more.
---@return fun(): any[]?
function M.batches(source, size)
  kit.expect_list("list.batches", "argument 1", source)
  kit.expect_whole("list.batches", "argument 2", size, 1)
  local next_element, state, at = kit.each(source)
  local ended = false
  return function()
    local batch, count = refold.array({}), 0
    while not ended and count < size do
      local element
      at, element = next_element(state, at)
      if at == nil then
        ended = true
      else
        count = count + 1
        batch[count] = element
      end
    end
    return count > 0 and batch or nil
  end
end

--- Returns a list of lists of `size` elements; the last may be shorter.
---
---@param source any[]|fun(): any
---@param size integer 1 or more.
---@return any[][]
function M.chunk(source, size)
  kit.expect_list("list.chunk", "argument 1", source)
  kit.expect_whole("list.chunk", "argument 2", size, 1)
  return M.collect(M.batches(source, size))
end

--- Returns a list of the first `count` elements; takes no more from an iterator.
---
---@param source any[]|fun(): any
---@param count integer 0 or more.
---@return any[]
function M.take(source, count)
  kit.expect_list("list.take", "argument 1", source)
  kit.expect_whole("list.take", "argument 2", count, 0)
  local result = refold.array({})
  if count > 0 then
    for index, element in kit.each(source) do
      result[index] = element
      if index == count then
        break
      end
    end
  end
  return result
end

--- Returns a list without the first `count` elements.
---
---@param source any[]|fun(): any
---@param count integer 0 or more.
---@return any[]
function M.drop(source, count)
  kit.expect_list("list.drop", "argument 1", source)
  kit.expect_whole("list.drop", "argument 2", count, 0)
  local result = refold.array({})
  for index, element in kit.each(source) do
    if index > count then
      result[index - count] = element
    end
  end
  return result
end

--- Returns the elements from the last to the first.
---
---@param source any[]|fun(): any
---@return any[]
function M.reverse(source)
  kit.expect_list("list.reverse", "argument 1", source)
  local result = M.collect(source)
  local low, high = 1, #result
  while low < high do
    result[low], result[high] = result[high], result[low]
    low, high = low + 1, high - 1
  end
  return result
end

--- Returns the elements of several sources, one source after the other.
---
---@param ... any[]|fun(): any
---@return any[]
function M.concat(...)
  local result, count = refold.array({}), 0
  for number = 1, select("#", ...) do
    local source = select(number, ...)
    kit.expect_list("list.concat", "argument " .. number, source)
    for _, element in kit.each(source) do
      count = count + 1
      result[count] = element
    end
  end
  return result
end

--- Whether a value is a list for `flatten`: marked as an array, or with the keys 1 to n, n at least 1.
local function is_list(value)
  if type(value) ~= "table" then
    return false
  end
  return getmetatable(value) == kit.array_mark or value[1] ~= nil
end

local function flatten_into(result, source, depth)
  for _, element in kit.each(source) do
    if depth > 0 and is_list(element) then
      flatten_into(result, element, depth - 1)
    else
      result[#result + 1] = element
    end
  end
end

--- Puts the elements of lists that are elements in their place; objects stay as they are.
---
---@param source any[]|fun(): any
---@param depth? integer How many levels of lists are opened; 1 unless it says otherwise.
---@return any[]
function M.flatten(source, depth)
  kit.expect_list("list.flatten", "argument 1", source)
  kit.expect_whole("list.flatten", "argument 2", depth or 1, 0)
  local result = refold.array({})
  flatten_into(result, source, depth or 1)
  return result
end

local ZIP_OPTIONS <const> = kit.declare({ "shortest:boolean" })

--- Returns a list of pairs `{ first[i], second[i] }`.
---
---@param first any[]|fun(): any
---@param second any[]|fun(): any
---@param opts? { shortest?: boolean } `shortest`: end with the shorter one; else different lengths raise
--- `different_lengths`.
---@return any[][]
function M.zip(first, second, opts)
  kit.expect_list("list.zip", "argument 1", first)
  kit.expect_list("list.zip", "argument 2", second)
  local shortest = kit.options("list.zip", opts, ZIP_OPTIONS).shortest
  local ones, others = M.collect(first), M.collect(second)
  if #ones ~= #others and not shortest then
    error(kit.failure({
      code = "different_lengths",
      message = ("the lists to zip have %d and %d elements"):format(#ones, #others),
      hint = "make them equally long, or pass { shortest = true }",
    }))
  end
  local result = refold.array({})
  for index = 1, math.min(#ones, #others) do
    result[index] = refold.array({ ones[index], others[index] })
  end
  return result
end

--- Returns the numbers from one to another, both included when a step hits the last.
---
---@param from number
---@param to number
---@param step? number 1 unless it says otherwise; not 0.
---@return number[]
function M.range(from, to, step)
  step = step == nil and 1 or step
  kit.expect("list.range", "argument 1", from, "number")
  kit.expect("list.range", "argument 2", to, "number")
  kit.expect("list.range", "argument 3", step, "number")
  if step == 0 then
    error("list.range: the step must not be 0", 2)
  end
  local result, count = refold.array({}), 0
  for number = from, to, step do
    count = count + 1
    result[count] = number
  end
  return result
end

--- Returns the keys of a table, sorted: numbers first, then texts.
---
---@param source table<string|number, any>
---@return (string|number)[]
function M.keys(source)
  if type(source) ~= "table" then
    kit.expect("list.keys", "argument 1", source, "table")
  end
  local result = refold.array({})
  for key in pairs(source) do
    result[#result + 1] = key
  end
  table.sort(result, kit.before)
  return result
end

local SORT_OPTIONS <const> = kit.declare({ "descending:boolean" })

--- Gives each element its keys: `{ position, element, key, key… }`, so that selectors are called once an element.
local function with_keys(source, selectors)
  local rows = {}
  for index, element in kit.each(source) do
    local row = { position = index, element = element }
    for number, of in ipairs(selectors) do
      row[number] = of(element, index)
    end
    rows[index] = row
  end
  return rows
end

--- Whether all rows have one key of the same kind, which Lua itself can compare.
local function is_plain(rows, kind)
  for index = 1, #rows do
    local key = rows[index][1]
    if type(key) ~= kind or key ~= key then
      return false
    end
  end
  return true
end

--- Returns the function by which rows are sorted; it tells any two apart, so that the order of equal ones is kept.
local function comparison(rows, count, descending)
  if count == 1 and not descending and (is_plain(rows, "number") or is_plain(rows, "string")) then
    return function(one, other)
      local a, b = one[1], other[1]
      if a == b then
        return one.position < other.position
      end
      return a < b
    end
  end
  return function(one, other)
    for number = 1, count do
      local a, b = one[number], other[number]
      if a ~= b then
        local absent_a, absent_b = kit.is_absent(a), kit.is_absent(b)
        if absent_a ~= absent_b then
          return absent_b
        elseif not absent_a then
          if descending then
            a, b = b, a
          end
          return kit.before(a, b)
        end
      end
    end
    return one.position < other.position
  end
end

--- Returns the elements in the order of a key, or of several: the next one counts where the one before is the same.
---
--- Numbers come before texts, texts in the order of their bytes, and elements without a key last, in both directions.
--- Elements with equal keys keep the order of the source.
---@param source any[]|fun(): any
---@param key (fun(element: any, index: integer): any)|string|((fun(element: any, index: integer): any)|string)[]
---@param opts? { descending?: boolean }
---@return any[]
function M.sort_by(source, key, opts)
  kit.expect_list("list.sort_by", "argument 1", source)
  local descending = kit.options("list.sort_by", opts, SORT_OPTIONS).descending
  local selectors = {}
  for number, part in ipairs(type(key) == "table" and key or { key == nil and kit.itself or key }) do
    selectors[number] = kit.selector("list.sort_by", part)
  end
  local rows = with_keys(source, selectors)
  table.sort(rows, comparison(rows, #selectors, descending))
  local result = refold.array({})
  for index, row in ipairs(rows) do
    result[index] = row.element
  end
  return result
end

--- Returns the sum of numbers; 0 for an empty source. Integers stay integers.
---
---@param source any[]|fun(): any
---@param number? (fun(element: any, index: integer): number?)|string Elements for which it gives nil do not count.
---@return number # Raises `not_a_number` with the index.
function M.sum(source, number)
  kit.expect_list("list.sum", "argument 1", source)
  local of = kit.selector("list.sum", number == nil and kit.itself or number)
  local sum = 0
  for index, element in kit.each(source) do
    local value = of(element, index)
    if type(value) == "number" then
      sum = sum + value
    elseif value ~= nil then
      local shown = type(value) == "string" and " ('" .. value:sub(1, 40) .. "')" or ""
      error(kit.failure({
        code = "not_a_number",
        message = ("element %d of a sum is %s%s, not a number"):format(index, kit.article(kit.kind(value)), shown),
        hint = "pass a function that gives the number, as in function(element) return tonumber(element.amount) end",
      }))
    end
  end
  return sum
end

local function extreme(source, of, wins)
  local best, best_key
  for index, element in kit.each(source) do
    local key = of(element, index)
    if not kit.is_absent(key) and (best_key == nil or wins(key, best_key)) then
      best, best_key = element, key
    end
  end
  return best, best_key
end

--- Returns the first element with the smallest key, and the key; nil when no element has one.
---
---@param source any[]|fun(): any
---@param key? (fun(element: any, index: integer): number|string?)|string The element itself unless it says otherwise.
---@return any? element
---@return number|string? key
function M.min(source, key)
  kit.expect_list("list.min", "argument 1", source)
  local of = kit.selector("list.min", key == nil and kit.itself or key)
  return extreme(source, of, kit.before)
end

--- Returns the first element with the largest key, and the key; nil when no element has one.
---
---@param source any[]|fun(): any
---@param key? (fun(element: any, index: integer): number|string?)|string The element itself unless it says otherwise.
---@return any? element
---@return number|string? key
function M.max(source, key)
  kit.expect_list("list.max", "argument 1", source)
  local of = kit.selector("list.max", key == nil and kit.itself or key)
  return extreme(source, of, function(one, other)
    return kit.before(other, one)
  end)
end

return M

"""##),
    EmbeddedSource(name: "refold_look_up", text: ##"""
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

"""##),
    EmbeddedSource(name: "refold_operators", text: ##"""
--- The operators of `rules`: each makes a function of a rule's value, which takes what the record holds.
---
--- Two values are compared inside one domain: numbers with numbers (a text that is written as a number is one), then
--- booleans with booleans (the texts "true" and "false" are such beside a boolean), then texts with texts. Values of
--- different domains are never equal.
local decimal = require("refold_decimal")
local kit = require("refold_kit")
local letters = require("refold_letters")

local M = {}

local null <const> = refold.null
local number_of <const>, compare <const> = decimal.of, decimal.compare

local BOOLEANS <const> = { ["true"] = true, ["false"] = false }

--- Whether two values are the same in one domain.
local function equal(one, other)
  if one == nil or other == nil then
    return false
  elseif type(one) == "boolean" or type(other) == "boolean" then
    local a, b = one, other
    if type(a) == "string" then
      a = BOOLEANS[a]
    end
    if type(b) == "string" then
      b = BOOLEANS[b]
    end
    return type(a) == "boolean" and a == b
  end
  local a, b = number_of(one), number_of(other)
  if a and b then
    return compare(a, b) == 0
  elseif a or b then
    return false
  end
  return one == other
end
M.equal = equal

--- Returns the text of a value for the operators of texts; nil for null, tables and nothing.
local function text_of(value)
  local kind = type(value)
  if kind == "string" then
    return value
  elseif kind == "number" then
    return math.tointeger(value) and tostring(math.tointeger(value)) or ("%.14g"):format(value)
  elseif kind == "boolean" then
    return tostring(value)
  end
end

local function is_list(value)
  return type(value) == "table"
end

--- Returns a function that negates another.
local function negated(fn)
  return function(value)
    return not fn(value)
  end
end

local make <const> = {}

function make.eq(wanted)
  return function(value)
    return equal(value, wanted)
  end
end

--- Makes one of the operators that order numbers; they are false beside anything else.
local function ordering(decides)
  return function(bound)
    local limit = number_of(bound)
    return function(value)
      local number = number_of(value)
      if not number or not limit then
        return false
      end
      return decides(compare(number, limit))
    end
  end
end

make.gt = ordering(function(order)
  return order > 0
end)
make.gte = ordering(function(order)
  return order >= 0
end)
make.lt = ordering(function(order)
  return order < 0
end)
make.lte = ordering(function(order)
  return order <= 0
end)

--- Turns a piece of a LIKE pattern into a Lua pattern: `_` is one character, a backslash takes the next one as it is.
local function like_piece(piece)
  local out, at = {}, 1
  while at <= #piece do
    local char = piece:match("^\\?" .. utf8.charpattern, at)
    at = at + #char
    if char == "_" then
      out[#out + 1] = utf8.charpattern
    else
      local literal = #char > 1 and char:byte() == 92 and char:sub(2) or char
      out[#out + 1] = literal:gsub("%p", "%%%0")
    end
  end
  return table.concat(out)
end

--- Cuts a LIKE pattern at each `%` that has no backslash before it.
local function like_pieces(pattern)
  local pieces, piece, at = {}, "", 1
  while at <= #pattern do
    local char = pattern:sub(at, at)
    if char == "\\" then
      piece = piece .. pattern:sub(at, at + 1)
      at = at + 2
    else
      if char == "%" then
        pieces[#pieces + 1] = piece
        piece = ""
      else
        piece = piece .. char
      end
      at = at + 1
    end
  end
  pieces[#pieces + 1] = piece
  return pieces
end

function make.like(pattern)
  local pieces = like_pieces(letters.lower(text_of(pattern) or ""))
  local count = #pieces
  for index, piece in ipairs(pieces) do
    pieces[index] = (index == 1 and "^" or "") .. like_piece(piece) .. (index == count and "$" or "")
  end
  return function(value)
    local text = text_of(value)
    if not text then
      return false
    end
    text = letters.lower(text)
    -- Each piece is found as early as can be, so no text takes long.
    local at = 1
    for index = 1, count do
      local _, last = text:find(pieces[index], at)
      if not last then
        return false
      end
      at = last + 1
    end
    return true
  end
end

function make.contains(part)
  local wanted = text_of(part)
  return function(value)
    if is_list(value) then
      for _, element in ipairs(value) do
        if equal(element, part) then
          return true
        end
      end
      return false
    end
    local text = text_of(value)
    return text ~= nil and wanted ~= nil and text:find(wanted, 1, true) ~= nil
  end
end

function make.included_in(list)
  return function(value)
    for _, element in ipairs(list) do
      if equal(value, element) then
        return true
      end
    end
    return false
  end
end

function make.is_null()
  return function(value)
    return value == null
  end
end

function make.exist()
  return function(value)
    return value ~= nil and value ~= null and value ~= ""
  end
end

function make.starts_with(start)
  local wanted = text_of(start)
  return function(value)
    local text = text_of(value)
    return text ~= nil and wanted ~= nil and text:sub(1, #wanted) == wanted
  end
end

function make.ends_with(ending)
  local wanted = text_of(ending)
  return function(value)
    local text = text_of(value)
    return text ~= nil and wanted ~= nil and (wanted == "" or text:sub(-#wanted) == wanted)
  end
end

for name, opposite in pairs({
  neq = "eq", not_contains = "contains", not_included_in = "included_in", not_null = "is_null", not_exist = "exist",
}) do
  make[name] = function(value)
    return negated(make[opposite](value))
  end
end

M.make = make

--- The names of the operators, in the order of the documents.
M.names = {
  "eq", "neq", "gt", "gte", "lt", "lte", "like", "contains", "not_contains", "included_in", "not_included_in",
  "is_null", "not_null", "exist", "not_exist", "starts_with", "ends_with",
}

local WITHOUT_VALUE <const> = { is_null = true, not_null = true, exist = true, not_exist = true }
local LISTS <const> = { included_in = true, not_included_in = true }

--- Returns what is wrong with the value of a rule, or nil.
---
---@param operator string
---@param value any
---@return string?
function M.mistake(operator, value)
  if WITHOUT_VALUE[operator] then
    return nil
  elseif value == nil then
    return "'" .. operator .. "' needs a value"
  elseif LISTS[operator] then
    return not is_list(value) and "'" .. operator .. "' needs a list, but has " .. kit.article(kit.kind(value)) or nil
  elseif is_list(value) then
    return "'" .. operator .. "' takes one value, but has a table"
  end
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
    EmbeddedSource(name: "refold_phone", text: ##"""
--- Telephone numbers for `text`: from what people type to E.164.
local M = {}

--- The calling codes of countries (ITU E.164), and the digits that stand before a national number within the country
--- and are left out from abroad.
local COUNTRIES <const> = {
  AT = { "43", "0" }, AU = { "61", "0" }, BE = { "32", "0" }, BG = { "359", "0" }, BR = { "55", "0" },
  CA = { "1", "1" }, CH = { "41", "0" }, CN = { "86", "0" }, CY = { "357" }, CZ = { "420" }, DE = { "49", "0" },
  DK = { "45" }, EE = { "372" }, ES = { "34" }, FI = { "358", "0" }, FR = { "33", "0" }, GB = { "44", "0" },
  GR = { "30" }, HK = { "852" }, HR = { "385", "0" }, HU = { "36", "06" }, IE = { "353", "0" },
  IL = { "972", "0" }, IN = { "91", "0" }, IS = { "354" }, IT = { "39" }, JP = { "81", "0" }, KR = { "82", "0" },
  LU = { "352" }, LV = { "371" }, MT = { "356" }, MX = { "52" }, NL = { "31", "0" }, NO = { "47" },
  NZ = { "64", "0" }, PL = { "48" }, PT = { "351" }, RO = { "40", "0" }, SE = { "46", "0" }, SG = { "65" },
  SI = { "386", "0" }, SK = { "421", "0" }, TR = { "90", "0" }, US = { "1", "1" }, ZA = { "27", "0" },
}

--- The countries that `number` knows, sorted.
M.countries = {}
for country in pairs(COUNTRIES) do
  M.countries[#M.countries + 1] = country
end
table.sort(M.countries)

--- Whether a country is known.
function M.knows(country)
  return COUNTRIES[country] ~= nil
end

--- Takes an extension off the end: `ext. 12`, `x12`, `#12`.
local function split_extension(text)
  for _, mark in ipairs({ "[eE][xX][tT]%a*%.?:?", "[xX]", "#" }) do
    local head, digits = text:match("^(.-)[%s,;]*" .. mark .. "%s*(%d+)%s*$")
    if head then
      return head, digits
    end
  end
  return text
end

--- Returns the number that follows a calling code, without what only a call within the country dials first.
local function national(digits, country)
  local prefix = COUNTRIES[country][2]
  -- North America's numbers have ten digits, so a leading 1 is a prefix only in front of ten.
  if prefix == "1" then
    return #digits == 11 and digits:sub(1, 1) == "1" and digits:sub(2) or digits
  elseif prefix and digits:sub(1, #prefix) == prefix then
    return digits:sub(#prefix + 1)
  end
  return digits
end

--- Returns a number in E.164, or nil and why it is none.
---
---@param text string
---@param country? string
---@return string? number
---@return string? extension_or_reason
function M.number(text, country)
  local body, extension = split_extension(text:gsub("^%s*[tT][eE][lL]:", ""))
  if body:find("[^%d%s%+%-%.%(%)/\xC2\xA0\xE2\x80\x90-\x95\xAF]") then
    return nil, "has characters that no telephone number has"
  end
  -- "+44 (0)20": the zero in brackets is dialled within the country only.
  local digits = body:gsub("%(0%)", body:find("^%s*%+") and "" or "0"):gsub("%D", "")
  if body:find("^%s*%+") then
    digits = digits:gsub("^0+", "")
  elseif digits:find("^00") and country ~= "US" and country ~= "CA" then
    digits = digits:sub(3)
  elseif country then
    digits = COUNTRIES[country][1] .. national(digits, country)
  else
    return nil, "has no country: it must begin with '+', or the country must be given"
  end
  if #digits < 7 then
    return nil, "is too short"
  elseif #digits > 15 then
    return nil, "is too long: E.164 allows 15 digits"
  elseif (country == "US" or country == "CA") and digits:sub(1, 1) == "1" and #digits ~= 11 then
    return nil, "is no number of North America: it must have 10 digits"
  end
  return "+" .. digits, extension
end

return M

"""##),
    EmbeddedSource(name: "refold_reconcile", text: #"""
--- Finds out what became of a write whose outcome nobody knows, with the waits that search indexes need.
---
--- It is no part of what scripts are promised. The host calls `decide` when a resumed run comes to such a write.
local look_up = require("refold_look_up")

local M = {}

--- The longest pause between two look-ups, in seconds.
local LONGEST_PAUSE <const> = 15
--- The pause while another write of the action is under way.
local SHORTEST_PAUSE <const> = 0.1

--- Returns the function that looks a write up: that of the script, else what is known about the app.
local function finder_for(write, find)
  if find then
    return function(asked)
      return look_up.by_script(find, asked)
    end
  end
  return look_up.known(write.app, write.action)
end

local function message_of(err)
  return tostring(type(err) == "table" and err.message or err)
end

--- Looks a write up once; what goes wrong is a verdict, too.
local function look(finder, write)
  local ok, verdict = pcall(finder, write)
  return ok and verdict or { unknown = "the look-up failed: " .. message_of(verdict) }
end

--- Looks a write up until it is found, or a look-up that began when it had to be there has not found it.
---
---@param write refold.UnknownWrite
---@param find? fun(params: table, since: number): any How the script looks it up.
---@param clock { left: (fun(): number), remaining: (fun(): number), waits: (fun(why: string, seconds: number)), sleep:
--- (fun(seconds: number))?, busy: (fun(): boolean)? } `left`: the seconds until what is not found counts as absent.
--- `remaining`: those that the run has left. `waits`: is told once. `sleep`: `refold.sleep` unless it is given. `busy`:
--- whether a write of the same action is under way, which may have made what is found.
---@return "found"|"absent"|"unknown" verdict
---@return any what What the action would have answered; else why it is absent, or why nobody knows, nil when nothing
--- says how to look it up.
---@return string? why It counts as found.
function M.decide(write, find, clock)
  local finder = finder_for(write, find)
  if not finder then
    return "unknown", nil
  end
  local sleep = clock.sleep or refold.sleep
  local pause, is_told = 1, false
  while true do
    local left = clock.left()
    local verdict = look(finder, write)
    if not verdict.absent and clock.busy and clock.busy() then
      -- What is there may be what the other write has made, which its answer will tell.
      sleep(SHORTEST_PAUSE)
    elseif verdict.found ~= nil then
      return "found", verdict.found, verdict.why
    elseif verdict.unknown then
      return "unknown", verdict.unknown
    elseif left <= 0 then
      return "absent", verdict.absent
    elseif clock.remaining() <= left then
      return "unknown", verdict.absent .. ", but the time of the run (--timeout) is up before that is certain"
    else
      if not is_told then
        is_told = true
        clock.waits(verdict.absent, left)
      end
      sleep(math.min(pause, left))
      pause = math.min(pause * 2, LONGEST_PAUSE)
    end
  end
end

--- Decides about a write of a run that is not resumed. Called by `refold writes reconcile --look-up`.
---
---@param asked { app: string, action: string, account: string, params: table, began: number, made: any[], left: number,
--- remaining: number }
---@return { verdict: "found"|"absent"|"unknown", what: any, why: string? } As of `decide`.
function M.judge(asked)
  local made, slept = asked.made, 0
  function asked.made()
    return made
  end
  local verdict, what, why = M.decide(asked, nil, {
    left = function()
      return asked.left - slept
    end,
    remaining = function()
      return asked.remaining - slept
    end,
    waits = function(why, seconds)
      refold.log.info(("%s; looking again, for %d s, before it counts as absent"):format(why, math.ceil(seconds)))
    end,
    sleep = function(seconds)
      refold.sleep(seconds)
      slept = slept + seconds
    end,
  })
  return { verdict = verdict, what = what, why = why }
end

return M

"""#),
    EmbeddedSource(name: "refold_schema", text: ##"""
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

"""##),
    EmbeddedSource(name: "refold_schema_rules", text: ##"""
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

"""##),
    EmbeddedSource(name: "refold_test_values", text: ##"""
--- Showing and comparing values, for the failures of tests.
local json = require("json")

local M = {}

local MOST_CHARACTERS <const> = 200

-- Showing values ---------------------------------------------------------------------------------

local ESCAPES <const> = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }

--- Returns a text in quotes, on one line.
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

--- Returns the keys of all tables, each once, in an order that is always the same.
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
  elseif type(value) == "function" or type(value) == "thread" then
    -- Their addresses differ from run to run.
    return "a " .. type(value)
  elseif value ~= value then
    return "NaN, which equals nothing"
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

--- Returns where two texts begin to differ, at the start of a character.
local function first_difference(one, other)
  local at = 1
  while one:byte(at) == other:byte(at) do
    at = at + 1
  end
  while at > 1 and (one:byte(at) or 0) & 0xC0 == 0x80 do
    at = at - 1
  end
  return at
end

--- Returns two values as text; of long texts the part where they begin to differ.
---
---@return string actual
---@return string expected
function M.show_both(actual, expected)
  local are_texts = type(actual) == "string" and type(expected) == "string" and actual ~= expected
  if not are_texts or math.max(#actual, #expected) < MOST_CHARACTERS then
    return M.show(actual), M.show(expected)
  end
  local at = first_difference(actual, expected)
  local place = (" (from byte %d)"):format(at)
  return M.show(actual:sub(at)) .. place, M.show(expected:sub(at)) .. place
end

-- Comparing --------------------------------------------------------------------------------------

--- Returns the path of what a key leads to.
local function step(path, key)
  if is_name(key) then
    return path .. "." .. key
  end
  return path .. "[" .. show(key, {}) .. "]"
end

local function plain(value)
  return type(value) == "userdata" and value ~= json.null and json.copy(value) or value
end

--- Adds to `found` where two values differ, at a path and below it; `open` holds the tables that lead there.
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

M.quoted = quoted
M.keys_of = keys_of
M.step = step
M.compare = compare

return M

"""##),
    EmbeddedSource(name: "refold_text_forms", text: ##"""
--- The part of `text` that makes texts of a certain form: slugs, templates, addresses.
local kit = require("refold_kit")
local letters = require("refold_letters")

local M = {}

local TRUNCATE_OPTIONS <const> = kit.declare({ "suffix:string" })

--- Returns a text cut to a length, with a suffix where something was cut.
---
---@param value string
---@param length integer Code points, those of the suffix included.
---@param opts? { suffix?: string } `suffix`: "…" unless it says otherwise.
---@return string # Raises `encoding`.
function M.truncate(value, length, opts)
  kit.expect("text.truncate", "argument 1", value, "string")
  kit.expect_whole("text.truncate", "argument 2", length, 0)
  local suffix = kit.options("text.truncate", opts, TRUNCATE_OPTIONS).suffix or "…"
  -- A text has at least as many bytes as code points.
  if #value <= length then
    return value
  end
  if kit.length(value) <= length then
    return value
  end
  local kept = length - kit.length(suffix)
  if kept < 0 then
    error(("text.truncate: a suffix of %d does not fit into %d"):format(length - kept, length), 2)
  end
  return value:sub(1, utf8.offset(value, kept + 1) - 1) .. suffix
end

local SLUG_OPTIONS <const> = kit.declare({ "separator:string", "length:integer" })

--- Returns a text as lower case ASCII letters and digits with separators between words: `Łódź & Co.` gives `lodz-co`.
---
--- Letters of other scripts than Latin are left out, so the slug of a text without any is empty.
---@param value string
---@param opts? { separator?: string, length?: integer } `separator`: "-" unless it says otherwise. `length`: the most
--- characters; words are cut.
---@return string
function M.slug(value, opts)
  kit.expect("text.slug", "argument 1", value, "string")
  opts = kit.options("text.slug", opts, SLUG_OPTIONS)
  local separator = opts.separator or "-"
  local words, plain = {}, letters.plain(value):lower():gsub("['’]", "")
  for word in plain:gmatch("[%w]+") do
    words[#words + 1] = word
  end
  local slug = table.concat(words, separator)
  if opts.length and #slug > opts.length then
    slug = slug:sub(1, opts.length)
    if separator ~= "" and slug:sub(-#separator) == separator then
      slug = slug:sub(1, -#separator - 1)
    end
  end
  return slug
end

--- Returns the ASCII digits of a text.
---
---@param value string
---@return string
function M.digits(value)
  kit.expect("text.digits", "argument 1", value, "string")
  return (value:gsub("%D", ""))
end

local TEMPLATE_OPTIONS <const> = kit.declare({ "missing:string" })
local MISSING <const> = { error = true, keep = true, empty = true }

local function value_at(values, path)
  local value = values
  for key in path:gmatch("[^.]+") do
    local kind = type(value)
    if kind ~= "table" and (kind ~= "userdata" or value == refold.null) then
      return nil
    end
    local found = value[key]
    if found == nil and key:find("^%d+$") then
      found = value[math.tointeger(key)]
    end
    value = found
  end
  if value ~= refold.null then
    return value
  end
end

--- Returns the failure of a template whose value is absent, or no text.
local function template_failure(path, value, values)
  if value ~= nil then
    return kit.failure({
      code = "not_text",
      message = ("'{%s}' is %s, which has no text"):format(path, kit.article(kit.kind(value))),
      hint = "name a field in it, as in {" .. path .. ".name}",
    })
  end
  local names = {}
  for name in pairs(values) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  local near = kit.nearest(path, names)
  return kit.failure({
    code = "missing_value",
    message = "the template has no value for '{" .. path .. "}'",
    hint = (near and "did you mean '{" .. near .. "}'? Else " or "")
      .. 'pass the value, or { missing = "empty" } or { missing = "keep" }',
  })
end

--- Returns a template with values in the place of `{name}` and `{order.id}`; `{{` and `}}` stand for braces.
---
--- Numbers and booleans are written as Lua writes them. A value that is nil or null is missing.
---@param template string
---@param values table<string, any>
---@param opts? { missing?: "error"|"keep"|"empty" } `missing`: what becomes of the place of a missing value; "error"
--- unless it says otherwise, which raises `missing_value`.
---@return string # Raises `not_text` for a table.
function M.template(template, values, opts)
  kit.expect("text.template", "argument 1", template, "string")
  if kit.kind(values) ~= "view" then
    kit.expect("text.template", "argument 2", values, "table")
  end
  local missing = kit.options("text.template", opts, TEMPLATE_OPTIONS).missing or "error"
  if not MISSING[missing] then
    error("text.template: 'missing' must be 'error', 'keep' or 'empty', but is '" .. missing .. "'", 2)
  end
  -- Braces that stand for themselves are set aside as bytes that no UTF-8 has.
  local result = template:gsub("{{", "\xFE"):gsub("}}", "\xFF"):gsub("{([^{}]*)}", function(path)
    local value = value_at(values, path)
    local kind = type(value)
    if kind == "string" or kind == "number" or kind == "boolean" then
      return tostring(value)
    elseif value == nil and missing ~= "error" then
      return missing == "empty" and "" or nil
    end
    error(template_failure(path, value, values))
  end)
  return (result:gsub("[\xFE\xFF]", { ["\xFE"] = "{", ["\xFF"] = "}" }))
end

--- Why an address is none, or nil.
local function email_problem(name, domain)
  if not name then
    return "has no '@', or several"
  elseif name == "" or #name > 64 then
    return name == "" and "has nothing before the '@'" or "has more than 64 bytes before the '@'"
  elseif name:find("[%s%c\"(),:;<>%[\\%]]") or name:find("^%.") or name:find("%.$") or name:find("..", 1, true) then
    return "has a character or a dot before the '@' that must not be there"
  elseif #domain > 253 or not domain:find("%.") then
    return "has no domain with a dot behind the '@'"
  end
  for label in (domain .. "."):gmatch("([^.]*)%.") do
    if label == "" or #label > 63 or label:find("[^%w\x80-\xFF-]") or label:find("^-") or label:find("-$") then
      return "has a domain that cannot be one"
    end
  end
end

--- Returns an e-mail address as it is compared: in lower case, without blanks, `mailto:` and the name of its owner
--- (`Ada <ada@example.com>`); or nil and why it is none.
---
--- Checks the form, not whether the address exists. Quoted names and addresses without a domain are refused.
---@param value string
---@return string? address
---@return string? reason
function M.email(value)
  kit.expect("text.email", "argument 1", value, "string")
  local address = value:match("^[^<>]*<([^<>]*)>%s*$") or value
  address = letters.lower(address:match("^%s*(.-)%s*$")):gsub("^mailto:", "")
  local name, domain = address:match("^([^@]*)@([^@]*)$")
  local problem = email_problem(name, domain)
  if problem then
    return nil, problem
  end
  return address
end

return M

"""##),
    EmbeddedSource(name: "refold_time_steps", text: ##"""
--- The part of `time` that moves and compares instants, and its durations.
local calendar = require("refold_calendar")
local kit = require("refold_kit")
local texts = require("refold_time_text")

local ZONE_OPTIONS <const> = kit.declare({ "zone:string|integer" })
local AMOUNTS <const> = kit.declare({
  "years:integer", "months:integer", "weeks:integer", "days:integer", "hours:number", "minutes:number",
  "seconds:number",
})

--- What `start_of` takes, and the part of the date that it leaves.
local STARTS <const> = { "hour", "day", "week", "month", "quarter", "year" }

local function whole(number)
  return math.tointeger(number) or number
end

--- Returns the functions; `core` has what `time` keeps to itself.
return function(core)
  local M = {}
  local instant <const>, parts_of <const> = core.instant, core.parts_of
  local resolve <const>, zone_of <const> = core.resolve, core.zone_of

  --- Returns the seconds that the run's clock shows, without a fraction.
  ---
  ---@return integer
  function M.now()
    return os.time()
  end

  --- Returns the instant of milliseconds since 1970.
  ---
  ---@param milliseconds number
  ---@return number seconds
  function M.from_ms(milliseconds)
    kit.expect("time.from_ms", "argument 1", milliseconds, "number")
    if math.type(milliseconds) == "integer" and milliseconds % 1000 == 0 then
      return milliseconds // 1000
    end
    return whole(milliseconds / 1000)
  end

  --- Returns an instant in milliseconds since 1970, rounded.
  ---
  ---@param moment number|string
  ---@return integer
  function M.to_ms(moment)
    local seconds = instant("time.to_ms", "argument 1", moment)
    return math.floor(seconds * 1000 + 0.5)
  end

  --- Moves a date by months, to the last day of the month where it has no such day.
  local function add_months(parts, months)
    local number = parts.year * 12 + parts.month - 1 + months
    local year, month = number // 12, number % 12 + 1
    return year, month, math.min(parts.day, calendar.month_length(year, month))
  end

  ---@class time.Amount
  ---@field years? integer
  ---@field months? integer
  ---@field weeks? integer
  ---@field days? integer
  ---@field hours? number
  ---@field minutes? number
  ---@field seconds? number

  --- Returns an instant moved by an amount, forward or back.
  ---
  --- Years, months, weeks and days keep what the clock of the zone shows (a time in a gap moves behind it), and come
  --- before hours, minutes and seconds, which are time that passes. A day that a month has not becomes its
  --- last: a month after January 31st is February 28th or 29th.
  ---@param moment number|string
  ---@param amount time.Amount
  ---@param opts? { zone?: string|integer }
  ---@return number seconds
  function M.add(moment, amount, opts)
    local zone = zone_of("time.add", kit.options("time.add", opts, ZONE_OPTIONS).zone)
    local seconds = instant("time.add", "argument 1", moment, zone)
    kit.expect("time.add", "argument 2", amount, "table")
    amount = kit.options("time.add", amount, AMOUNTS)
    if amount.years or amount.months or amount.weeks or amount.days then
      local parts = parts_of(seconds, zone)
      local year, month, day = add_months(parts, (amount.years or 0) * 12 + (amount.months or 0))
      local days = calendar.days(year, month, day) + (amount.weeks or 0) * 7 + (amount.days or 0)
      local wall = days * 86400 + parts.hour * 3600 + parts.minute * 60 + parts.second
      local landed = resolve(zone, whole(wall), "compatible", "")
      -- Of a time that comes twice, the one with the offset that it had.
      if landed + parts.offset ~= wall and calendar.offset(zone, wall - parts.offset) == parts.offset then
        landed = wall - parts.offset
      end
      seconds = whole(landed + parts.fraction)
    end
    return whole(seconds + (amount.hours or 0) * 3600 + (amount.minutes or 0) * 60 + (amount.seconds or 0))
  end

  --- Returns the beginning of the hour, day, week (Monday), month, quarter or year of an instant in a zone.
  ---
  ---@param moment number|string
  ---@param unit "hour"|"day"|"week"|"month"|"quarter"|"year"
  ---@param opts? { zone?: string|integer }
  ---@return integer seconds
  function M.start_of(moment, unit, opts)
    local zone = zone_of("time.start_of", kit.options("time.start_of", opts, ZONE_OPTIONS).zone)
    local parts = parts_of(instant("time.start_of", "argument 1", moment, zone), zone)
    local month, day = parts.month, parts.day
    if unit == "hour" then
      return instant("time.start_of", "argument 1", moment, zone) // 1 - parts.minute * 60 - parts.second | 0
    elseif unit == "week" then
      day = day - parts.weekday + 1
    elseif unit == "month" then
      day = 1
    elseif unit == "quarter" then
      month, day = (month - 1) // 3 * 3 + 1, 1
    elseif unit == "year" then
      month, day = 1, 1
    elseif unit ~= "day" then
      error(("time.start_of: unknown unit '%s' (use %s)"):format(tostring(unit), kit.alternatives(STARTS)), 2)
    end
    local days = calendar.days(parts.year, month, 1) + day - 1
    return resolve(zone, days * 86400, "compatible", "")
  end

  --- Returns the seconds from an earlier instant to a later one; negative when it is not later.
  ---
  ---@param later number|string
  ---@param earlier number|string
  ---@return number
  function M.difference(later, earlier)
    local to = instant("time.difference", "argument 1", later)
    return whole(to - instant("time.difference", "argument 2", earlier))
  end

  --- Returns how many midnights of a zone lie between two instants; negative when the first is the later one.
  ---
  ---@param from number|string
  ---@param to number|string
  ---@param opts? { zone?: string|integer }
  ---@return integer
  function M.days_between(from, to, opts)
    local zone = zone_of("time.days_between", kit.options("time.days_between", opts, ZONE_OPTIONS).zone)
    local first = parts_of(instant("time.days_between", "argument 1", from, zone), zone)
    local last = parts_of(instant("time.days_between", "argument 2", to, zone), zone)
    return calendar.days(last.year, last.month, last.day) - calendar.days(first.year, first.month, first.day)
  end

  --- Compares two instants: -1 when the first is earlier, 0 when they are the same, 1 when it is later.
  ---
  ---@param one number|string
  ---@param other number|string
  ---@return integer
  function M.compare(one, other)
    local a = instant("time.compare", "argument 1", one)
    local b = instant("time.compare", "argument 2", other)
    return a < b and -1 or a > b and 1 or 0
  end

  --- Returns the seconds of a duration: `1h30m`, `2d`, `500ms`, `90` and 90 (seconds), and of ISO 8601 `PT1H30M`.
  ---
  --- A day is 24 hours and a week 7 days. Years and months have no fixed length, so they are refused.
  ---@param value string|number
  ---@return number seconds Raises `not_a_duration`.
  function M.duration(value)
    if type(value) == "number" then
      return value
    end
    kit.expect("time.duration", "argument 1", value, "string")
    local seconds = texts.read_duration(value)
    if not seconds then
      error(kit.failure({
        code = "not_a_duration",
        message = "'" .. value:sub(1, 60) .. "' is no duration",
        hint = "write it as 1h30m, with the units w d h m s ms, as seconds, or as PT1H30M",
      }))
    end
    return seconds
  end

  --- Returns a duration as text: `1d 2h`, `1h 30m 5s`, `250ms`.
  ---
  ---@param seconds number
  ---@return string
  function M.duration_text(seconds)
    kit.expect("time.duration_text", "argument 1", seconds, "number")
    local rest = math.floor(math.abs(seconds) * 1000 + 0.5)
    local words = {}
    for _, unit in ipairs({ { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 } }) do
      local count = rest // unit[2]
      if count > 0 then
        words[#words + 1] = count .. unit[1]
        rest = rest % unit[2]
      end
    end
    return (seconds < 0 and #words > 0 and "-" or "") .. (#words > 0 and table.concat(words, " ") or "0s")
  end

  return M
end

"""##),
    EmbeddedSource(name: "refold_time_text", text: ##"""
--- Reading and writing times for `time` and `validate`. Readers return nil and a reason instead of raising.
local calendar = require("refold_calendar")

local M = {}

local MONTHS <const> = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }
local WEEKDAYS <const> = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" }
local MONTH_OF <const> = {}
for number, name in ipairs(MONTHS) do
  MONTH_OF[name:lower()] = number
end

--- Checks the fields of a time, and returns the seconds of a clock on the wall as if it were in UTC.
---
--- The 60th second of a minute and 24:00:00 are the first second of what follows.
---@param parts { year: integer, month: integer, day: integer, hour?: integer, minute?: integer, second?: integer }
---@return integer? wall
---@return string? reason
function M.wall(parts)
  local year, month, day = parts.year, parts.month, parts.day
  local hour, minute, second = parts.hour or 0, parts.minute or 0, parts.second or 0
  if month < 1 or month > 12 then
    return nil, "there is no month " .. month
  elseif day < 1 or day > calendar.month_length(year, month) then
    return nil, ("%s %d has no day %d"):format(MONTHS[month], year, day)
  elseif hour > 24 or (hour == 24 and minute + second > 0) then
    return nil, "there is no hour " .. hour
  elseif minute > 59 then
    return nil, "there is no minute " .. minute
  elseif second > 60 then
    return nil, "there is no second " .. second
  end
  return calendar.days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
end

--- Returns the offset that a text says in seconds, false for none, nil for nonsense.
local function read_offset(text)
  if text == "" then
    return false
  elseif text:find("^%s?[Zz]$") or text == " UTC" or text == " GMT" then
    return 0
  end
  local sign, hours, minutes = text:match("^%s?([+-])(%d%d):?(%d*)$")
  if not sign or (#minutes ~= 0 and #minutes ~= 2) then
    return nil
  end
  hours, minutes = math.tointeger(hours), math.tointeger(minutes) or 0
  if hours > 23 or minutes > 59 then
    return nil
  end
  local offset = hours * 3600 + minutes * 60
  return sign == "-" and -offset or offset
end

local function iso_date(text)
  local year, month, day, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  if not year then
    year, month, day, rest = text:match("^(%d%d%d%d)(%d%d)(%d%d)(.*)$")
  end
  if year and (rest == "" or rest:find("^[Tt ]%d")) then
    return { year = math.tointeger(year), month = math.tointeger(month), day = math.tointeger(day) }, rest
  end
end

--- Reads ISO 8601: `2026-01-20`, `2026-01-20T10:00:00.000Z`, `20260120T1000+0530`, with a space for `T` as well.
---
---@param text string
---@return table? parts `{ year, month, day, hour?, minute?, second?, fraction?, offset? }`
---@return string? reason
function M.read_iso(text)
  local parts, rest = iso_date(text)
  if not parts then
    return nil, "is no ISO 8601 date or time"
  elseif rest == "" then
    return parts
  end
  local hour, minute, tail = rest:match("^.(%d%d):?(%d%d)(.*)$")
  if not hour then
    return nil, "has no hour and minute behind the date"
  end
  parts.hour, parts.minute = math.tointeger(hour), math.tointeger(minute)
  local second, behind = tail:match("^:?(%d%d)(.*)$")
  if second then
    parts.second, tail = math.tointeger(second), behind
    local fraction, after = tail:match("^[.,](%d+)(.*)$")
    if fraction then
      parts.fraction, tail = tonumber("0." .. fraction), after
    end
  end
  local offset = read_offset(tail)
  if offset == nil then
    return nil, "has '" .. tail .. "' where an offset may stand"
  end
  parts.offset = offset or nil
  return parts
end

--- Reads the form of RFC 1123 and of e-mail: `Tue, 20 Jan 2026 10:00:00 GMT`.
---
---@param text string
---@return table? parts As of `read_iso`.
---@return string? reason
function M.read_rfc1123(text)
  local weekday, rest = text:match("^(%a%a%a),%s*(.*)$")
  local day, name, year, hour, minute, tail = (rest or text):match("^(%d%d?) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d)(.*)$")
  local month = name and MONTH_OF[name:lower()]
  if not month then
    return nil, "is no date of RFC 1123"
  end
  local second, zone = tail:match("^:(%d%d)(.*)$")
  local offset = read_offset(second and zone or tail)
  if not offset then
    return nil, "has no 'GMT' and no offset at its end"
  end
  local parts = {
    year = math.tointeger(year), month = month, day = math.tointeger(day), hour = math.tointeger(hour),
    minute = math.tointeger(minute), second = math.tointeger(second or 0), offset = offset,
  }
  if weekday and M.wall(parts) then
    local is = WEEKDAYS[calendar.weekday(calendar.days(parts.year, month, parts.day))]
    if is:lower() ~= weekday:lower() then
      return nil, ("says %s, but that day is a %s"):format(weekday, is)
    end
  end
  return parts
end

--- The parts of a format: what matches them, and the field that they fill.
local TOKENS <const> = {
  YYYY = { "(%d%d%d%d)", "year", "%04d" }, MM = { "(%d%d)", "month", "%02d" }, DD = { "(%d%d)", "day", "%02d" },
  HH = { "(%d%d)", "hour", "%02d" }, mm = { "(%d%d)", "minute", "%02d" }, ss = { "(%d%d)", "second", "%02d" },
  M = { "(%d%d?)", "month", "%d" }, D = { "(%d%d?)", "day", "%d" }, H = { "(%d%d?)", "hour", "%d" },
  MMM = { "(%a%a%a)", "month_name" }, hh = { "(%d%d)", "half_hour", "%02d" }, h = { "(%d%d?)", "half_hour", "%d" },
  A = { "([AaPp][Mm])", "half" }, SSS = { "(%d%d%d)", "milliseconds", "%03d" }, Z = { "([Zz+-][%d:]*)", "offset_text" },
}

--- The names of the parts of a format, as messages list them.
M.token_names = "YYYY MM M MMM DD D HH H hh h A mm ss SSS Z"

local compiled = {}

--- Takes a format apart: `{ { token = "YYYY" }, { literal = "-" }, … }`, or nil and the letters that are no part.
local function compile(format)
  local known = compiled[format]
  if known then
    return known
  end
  local items, at = {}, 1
  while at <= #format do
    local literal, after = format:match("^%[([^%]]*)%]()", at)
    if not literal then
      literal, after = format:match("^([^%a%[]+)()", at)
    end
    if literal then
      items[#items + 1] = { literal = literal }
    else
      local letter = format:sub(at, at)
      local run
      run, after = format:match("^(" .. (letter == "[" and "%[" or letter) .. "+)()", at)
      if not TOKENS[run] then
        return nil, run
      end
      items[#items + 1] = { token = run }
    end
    at = after
  end
  compiled[format] = items
  return items
end
M.compile = compile

--- Turns what the tokens matched into parts.
local function finish(parts)
  if parts.month_name then
    parts.month = MONTH_OF[parts.month_name:lower()]
    if not parts.month then
      return nil, "has the month '" .. parts.month_name .. "', which is none"
    end
  end
  if parts.half_hour then
    if not parts.half or parts.half_hour < 1 or parts.half_hour > 12 then
      return nil, "has no hour from 1 to 12 with AM or PM"
    end
    parts.hour = parts.half_hour % 12 + (parts.half:lower() == "pm" and 12 or 0)
  end
  if parts.offset_text then
    local offset = read_offset(parts.offset_text)
    if not offset then
      return nil, "has the offset '" .. parts.offset_text .. "', which is none"
    end
    parts.offset = offset
  end
  parts.fraction = parts.milliseconds and parts.milliseconds / 1000
  parts.year, parts.month, parts.day = parts.year or 1970, parts.month or 1, parts.day or 1
  return parts
end

--- Reads a text in a format.
---
---@param text string
---@param format string One that `compile` takes.
---@return table? parts As of `read_iso`.
---@return string? reason
function M.read(text, format)
  local pattern, names = { "^" }, {}
  for index, item in ipairs(compile(format)) do
    local token = TOKENS[item.token]
    if token then
      names[#names + 1] = token[2]
    end
    pattern[index + 1] = token and token[1] or (item.literal:gsub("%p", "%%%0"))
  end
  local found = { text:match(table.concat(pattern) .. "$") }
  if #found == 0 then
    return nil, "is not of the form '" .. format .. "'"
  end
  local parts = {}
  for index, name in ipairs(names) do
    parts[name] = math.tointeger(found[index]) or found[index]
  end
  return finish(parts)
end

--- Returns an offset as text: `+05:30`.
function M.offset_text(offset)
  local minutes = math.abs(offset) // 60
  return ("%s%02d:%02d"):format(offset < 0 and "-" or "+", minutes // 60, minutes % 60)
end

--- Writes parts in a format.
---
---@param parts table What `time.parts` gives, with `milliseconds`.
---@param format string One that `compile` takes.
---@return string
function M.write(parts, format)
  local out = {}
  for index, item in ipairs(compile(format)) do
    local token = item.token
    if not token then
      out[index] = item.literal
    elseif token == "MMM" then
      out[index] = MONTHS[parts.month]
    elseif token == "A" then
      out[index] = parts.hour < 12 and "AM" or "PM"
    elseif token == "Z" then
      out[index] = parts.offset == 0 and "Z" or M.offset_text(parts.offset)
    else
      local field = TOKENS[token][2]
      local value = field == "half_hour" and (parts.hour + 11) % 12 + 1 or parts[field]
      out[index] = TOKENS[token][3]:format(value)
    end
  end
  return table.concat(out)
end

--- Writes parts as RFC 1123 does; the parts must be those of UTC.
function M.write_rfc1123(parts)
  return ("%s, %02d %s %04d %02d:%02d:%02d GMT"):format(
    WEEKDAYS[parts.weekday], parts.day, MONTHS[parts.month], parts.year, parts.hour, parts.minute, parts.second)
end

local UNITS <const> = { w = 604800, d = 86400, h = 3600, m = 60, s = 1, ms = 0.001 }

local function whole(number)
  return math.tointeger(number) or number
end

local function read_iso_duration(text)
  local date, clock = text:match("^P([%d.WD]*)T?([%d.HMS]*)$")
  if not date or (date == "" and clock == "") or text:find("T$") then
    return nil
  end
  local seconds = 0
  for part, units in pairs({ [date] = "WD", [clock] = "HMS" }) do
    local rest = part:gsub("([%d.]+)([" .. units .. "])", function(number, unit)
      seconds = seconds + (tonumber(number) or 0 / 0) * UNITS[unit:lower()]
      return ""
    end)
    if rest ~= "" then
      return nil
    end
  end
  return seconds == seconds and whole(seconds) or nil
end

--- Reads a duration: `1h30m`, `500 ms`, `90`, `PT1H30M`.
---
---@param text string
---@return number? seconds
function M.read_duration(text)
  local trimmed = text:match("^%s*(.-)%s*$")
  if trimmed:find("^%d+%.?%d*$") then
    return tonumber(trimmed)
  elseif trimmed:find("^P") then
    return read_iso_duration(trimmed)
  end
  local seconds, least = 0, math.huge
  local rest = trimmed:gsub("(%d+%.?%d*)%s?(%a+)%s*", function(number, unit)
    local size = UNITS[unit]
    -- Larger units come first, and each one once.
    if not size or size >= least then
      return nil
    end
    seconds, least = seconds + tonumber(number) * size, size
    return ""
  end)
  if rest ~= "" or trimmed == "" then
    return nil
  end
  return whole(seconds)
end

return M

"""##),
    EmbeddedSource(name: "retry", text: #"""
--- Doing a script's own steps again when they failed for a reason that may pass: `local retry = require "retry"`.
---
--- `refold.exec` makes failed calls again by itself, where that is safe. This is for steps around it: several calls
--- that belong together, or waiting for something that is not there yet.
local kit = require("refold_kit")

local M = {}

local OPTIONS <const> = kit.declare({
  "attempts:integer", "first_seconds:number", "ceiling_seconds:number", "factor:number", "jitter:boolean",
  "within_seconds:number", "when:function", "on_retry:function",
})

--- Kinds of failures that no `when` may have made again: a write may have been applied, or somebody said stop.
local FINAL <const> = { unknown_outcome = true, budget = true, permission = true, cancelled = true }

--- Whether a failure may pass: what `refold.exec` raises says so itself in `retryable`.
---
---@param err any
---@return boolean
function M.is_retryable(err)
  if type(err) ~= "table" or FINAL[err.kind] then
    return false
  end
  return err.retryable == true or (err.retryable == nil and err.kind == "transient")
end

local function positive(opts, name, default, level)
  local value = opts[name]
  if value == nil then
    return default
  elseif value ~= value or value < 0 then
    error(("%s: '%s' must not be negative, but is %s"):format(level.where, name, tostring(value)), 4)
  end
  return value
end

local function settings_of(where, opts)
  opts = kit.options(where, opts, OPTIONS, 3)
  local level = { where = where }
  if opts.attempts then
    kit.expect_whole(where, "'attempts'", opts.attempts, 1, 3)
  end
  return {
    attempts = opts.attempts or 4,
    first = positive(opts, "first_seconds", 0.5, level),
    ceiling = positive(opts, "ceiling_seconds", 30, level),
    factor = positive(opts, "factor", 2, level),
    within = positive(opts, "within_seconds", math.huge, level),
    jitter = opts.jitter ~= false,
    when = opts.when or M.is_retryable,
    on_retry = opts.on_retry,
  }
end

--- Returns the seconds to wait after a failed attempt.
local function pause(settings, attempt, err)
  local longest = math.min(settings.ceiling, settings.first * settings.factor ^ (attempt - 1))
  local seconds = settings.jitter and longest * math.random() or longest
  local asked = type(err) == "table" and err.retry_after
  if type(asked) == "number" and asked > seconds then
    return asked
  end
  return seconds
end

--- Returns the longest pauses that `retry.call` makes with these options, in seconds; with jitter each is shorter.
---
---@param opts? retry.Options
---@return number[]
function M.pauses(opts)
  local settings = settings_of("retry.pauses", opts)
  settings.jitter = false
  local result = refold.array({})
  for attempt = 1, settings.attempts - 1 do
    result[attempt] = pause(settings, attempt)
  end
  return result
end

local function may_retry(settings, err)
  if type(err) == "table" and FINAL[err.kind] then
    return false
  end
  return settings.when(err)
end

---@class retry.Options
---@field attempts? integer How often the function is called at most; 4 unless it says otherwise.
---@field first_seconds? number The longest pause after the first attempt; 0.5.
---@field ceiling_seconds? number The longest pause of all; 30. What an error's `retry_after` asks for is waited all the
---same.
---@field factor? number How much longer each pause is than the one before; 2.
---@field jitter? boolean Whether a pause is a random part of its longest, so that many runs do not come back at once;
---true.
---@field within_seconds? number Ends when the next attempt would begin later than this after the first; no limit.
---@field when? fun(err: any): boolean Whether an error may pass; `retry.is_retryable` unless it says otherwise. It is
---not asked about `unknown_outcome`, `budget`, `permission` and `cancelled`, which are never tried again.
---@field on_retry? fun(err: any, attempt: integer, seconds: number) Called before each pause.

--- Calls a function until it returns, with pauses that grow; returns what it returns.
---
--- Everything that the function did before it failed happens again, so its writes should be safe to repeat:
--- `refold.once`, a `key`, or a look-up first. In the end raises the last error as it came.
---@generic T
---@param fn fun(attempt: integer): T Gets the number of the attempt, from 1.
---@param opts? retry.Options
---@return T ...
function M.call(fn, opts)
  kit.expect("retry.call", "argument 1", fn, "function")
  local settings = settings_of("retry.call", opts)
  local started, slept = os.time(), 0
  for attempt = 1, settings.attempts do
    local results = table.pack(pcall(fn, attempt))
    if results[1] then
      return table.unpack(results, 2, results.n)
    end
    local err = results[2]
    if attempt == settings.attempts or not may_retry(settings, err) then
      error(err, 0)
    end
    local seconds = pause(settings, attempt, err)
    if math.max(os.time() - started, slept) + seconds > settings.within then
      error(err, 0)
    end
    if settings.on_retry then
      settings.on_retry(err, attempt, seconds)
    end
    refold.sleep(seconds)
    slept = slept + seconds
  end
end

return M

"""#),
    EmbeddedSource(name: "rules", text: ##"""
--- The platform's rules as data: `local rules = require "rules"`.
---
--- A rule is `{ variable = "amount", operator = "gte", value = 100 }`, a group `{ all = { … } }` or `{ any = { … } }`
--- of rules and groups; a list is one with `all`. The variable is a path in the record: names between dots, and places
--- in lists from 0, as on the platform: `lines.0.qty`.
---
---   eq neq                          the same, or not, in one domain: "5.50" is 5.5, "007" is not 7, "1" is not true
---   gt gte lt lte                   numbers; false when one of the two is none
---   like                            % is any text, _ a character, \% and \_ themselves; case does not count
---   contains not_contains           a text with a part, or a list with an element
---   starts_with ends_with           texts
---   included_in not_included_in     one of a list
---   is_null not_null                null and nothing else
---   exist not_exist                 false for what is absent, null or ""
local kit = require("refold_kit")
local operators = require("refold_operators")

local M = {}

--- The names of the operators.
---@type string[]
M.operators = refold.array(table.move(operators.names, 1, #operators.names, 1, {}))

local null <const> = refold.null

--- Returns the keys of a path; places in lists from 1.
local function keys_of(path)
  local keys = {}
  for key in path:gmatch("[^.]+") do
    keys[#keys + 1] = key:find("^%d+$") and math.tointeger(key) or key
  end
  return keys
end

--- Returns a function that finds what a record has at a path; nil when it has nothing there.
local function finder(path)
  local keys = keys_of(path)
  if #keys == 1 and type(keys[1]) == "string" then
    local key = keys[1]
    return function(record)
      return record[key]
    end
  end
  return function(record)
    local value = record
    for index = 1, #keys do
      local kind = type(value)
      if kind ~= "table" and (kind ~= "userdata" or value == null) then
        return nil
      end
      local key = keys[index]
      if math.type(key) == "integer" then
        local at_place = value[key + 1]
        value = at_place == nil and kind == "table" and value[tostring(key)] or at_place
      else
        value = value[key]
      end
    end
    return value
  end
end

local RULE_FIELDS <const> = { variable = true, operator = true, value = true }

--- Raises what is wrong with a rule, with its place.
local function bad_rule(path, message, hint)
  error(kit.failure({
    code = "invalid_rule",
    message = path .. ": " .. message,
    hint = hint or "a rule is { variable = …, operator = …, value = … }, a group { all = { … } } or { any = { … } }",
    path = path,
  }))
end

local function compile_rule(rule, path)
  for name in pairs(rule) do
    if not RULE_FIELDS[name] then
      bad_rule(path, "unknown field '" .. tostring(name) .. "'")
    end
  end
  if type(rule.variable) ~= "string" or not rule.variable:find("[^.]") then
    bad_rule(path, "'variable' must be a path, but is " .. kit.article(kit.kind(rule.variable)))
  end
  local operator, value = rule.operator, rule.value
  if not operators.make[operator] then
    local near = type(operator) == "string" and kit.nearest(operator, operators.names)
    local list = "use one of " .. table.concat(operators.names, " ")
    bad_rule(path, "unknown operator '" .. tostring(operator) .. "'", near and "did you mean '" .. near .. "'?" or list)
  end
  local wrong = operators.mistake(operator, value)
  if wrong then
    bad_rule(path, wrong)
  end
  return { path = path, rule = rule, find = finder(rule.variable), test = operators.make[operator](value) }
end

local compile

local function compile_group(group, kind, path)
  local members = group[kind]
  for name in pairs(group) do
    if name ~= kind then
      bad_rule(path, ("a group with '%s' has nothing else, but this one has '%s'"):format(kind, tostring(name)))
    end
  end
  if type(members) ~= "table" or (next(members) ~= nil and members[1] == nil) then
    bad_rule(path, "'" .. kind .. "' must be a list, but is " .. kit.article(kit.kind(members)))
  end
  local node = { path = path, kind = kind, members = {} }
  for index, member in ipairs(members) do
    node.members[index] = compile(member, kit.path(path .. "." .. kind, index))
  end
  return node
end

function compile(rule, path)
  if type(rule) ~= "table" then
    bad_rule(path, "must be a rule or a group, but is " .. kit.article(kit.kind(rule)))
  elseif rule.all ~= nil then
    return compile_group(rule, "all", path)
  elseif rule.any ~= nil then
    return compile_group(rule, "any", path)
  elseif rule[1] ~= nil or next(rule) == nil then
    local node = { path = path, kind = "all", members = {} }
    for index, member in ipairs(rule) do
      node.members[index] = compile(member, kit.path(path, index))
    end
    return node
  end
  return compile_rule(rule, path)
end

--- Returns whether a record is as a node says, and the rule that decided, nil for a group without rules.
local function evaluate(node, record)
  if node.test then
    return node.test(node.find(record)), node
  end
  -- The first one that is not as the others would have it decides.
  local wanted, last = node.kind == "all", nil
  for index = 1, #node.members do
    local result, decider = evaluate(node.members[index], record)
    if result ~= wanted then
      return result, decider
    end
    last = decider or last
  end
  return wanted, last
end

local compiled <const> = setmetatable({}, { __mode = "k" })

local function node_of(rule)
  local node = compiled[rule]
  if not node then
    node = compile(rule, "$")
    compiled[rule] = node
  end
  return node
end

local function expect_record(where, record)
  if type(record) ~= "table" and kit.kind(record) ~= "view" then
    kit.expect(where, "argument 1", record, "table", 3)
  end
end

--- Whether a record is as the rules say. A group `all` without rules is true, `any` without rules is false.
---
--- Rules are made into functions at their first use; do not change them afterwards.
---@param record table
---@param rule table A rule, a group, or a list of them.
---@return boolean # Raises `invalid_rule` with `path`.
function M.matches(record, rule)
  expect_record("rules.matches", record)
  kit.expect("rules.matches", "argument 2", rule, "table")
  return (evaluate(node_of(rule), record))
end

--- Makes rules into a function once; finds what is wrong with them before there is a record.
---
---@param rule table
---@return fun(record: table): boolean # Raises `invalid_rule` with `path`.
function M.compile(rule)
  kit.expect("rules.compile", "argument 1", rule, "table")
  local node = node_of(rule)
  return function(record)
    return (evaluate(node, record))
  end
end

local function shown(value)
  if type(value) == "string" then
    return '"' .. value .. '"'
  elseif type(value) == "table" then
    local parts = {}
    for index, element in ipairs(value) do
      parts[index] = shown(element)
    end
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  return value == null and "null" or value == nil and "nothing" or tostring(value)
end

--- Says whether a record is as the rules say, and which rule decided: the first that failed of `all`, the first that
--- held of `any`, else the last one that was looked at.
---
---@param record table
---@param rule table
---@return rules.Explanation
function M.explain(record, rule)
  expect_record("rules.explain", record)
  kit.expect("rules.explain", "argument 2", rule, "table")
  local result, decider = evaluate(node_of(rule), record)
  if not decider then
    return { result = result, text = result and "there are no rules" or "no rule of 'any'" }
  end
  local by = decider.rule
  local actual = decider.find(record)
  local held = decider.test(actual)
  local value = by.value ~= nil and " " .. shown(by.value) or ""
  local verb = held and "holds" or "does not hold"
  return {
    result = result, path = decider.path, variable = by.variable, operator = by.operator, value = by.value,
    actual = actual,
    text = ("%s: %s %s%s %s for %s"):format(decider.path, by.variable, by.operator, value, verb, shown(actual)),
  }
end

---@class rules.Explanation
---@field result boolean What `matches` gives.
---@field text string As in `$[2]: amount gte 100 does not hold for 99`.
---@field path? string The place of the rule that decided; nil, as all that follows, when there are no rules.
---@field variable? string
---@field operator? string
---@field value? any The value of the rule.
---@field actual? any What the record has.

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

local function new_counts()
  return { read = 0, created = 0, updated = 0, unchanged = 0, deleted = 0, skipped = 0, conflicts = 0, failed = 0 }
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
    counts = new_counts(),
    writes = { source = 0, target = 0 },
    errors = refold.array({}),
    failed_ids = {},
    transient = 0,
    seen = opts.deletes ~= "ignore" and { source = {}, target = {} } or nil,
    busy = {},
    lock = { true },
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

--- Calls a function for a record; an error fails that record alone unless it is fatal.
---
--- Records are worked on at once, and one may be interrupted anywhere by another. So each counts for itself: the
--- function gets a job of its own, and its counts are added up later.
---@return table outcome `{ counts, writes, failure? }`
local function attempt(job, side, id, fn, ...)
  local own = setmetatable({ counts = new_counts(), writes = { source = 0, target = 0 } }, { __index = job })
  local ok, err = pcall(fn, own, ...)
  if ok then
    job.transient = 0
    return own
  end
  job.transient = type(err) == "table" and err.kind == "transient" and job.transient + 1 or 0
  if is_fatal(err) or job.transient >= MOST_TRANSIENT then
    error(err, 0)
  end
  own.counts.failed = 1
  own.failure = { side = side, id = id, code = err.code, message = tostring(err.message) }
  return own
end

local function add_up(sums, counts)
  for name, count in pairs(counts) do
    sums[name] = sums[name] + count
  end
end

--- Adds what became of a record to what became of all.
local function settle(job, outcome)
  add_up(job.counts, outcome.counts)
  add_up(job.writes, outcome.writes)
  local failure = outcome.failure
  if failure then
    job.failed_ids[#job.failed_ids + 1] = failure.side .. " " .. failure.id
    job.errors[#job.errors + 1] = #job.errors < MOST_ERRORS and failure or nil
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
    local outcomes = refold.map(batch, function(record)
      return attempt(job, side, records.id_of(job[side], record), sync_records.handle, side, record)
    end, { concurrency = job.opts.concurrency or 4 })
    for _, outcome in ipairs(outcomes) do
      settle(job, outcome)
    end
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
    deletes.run(job, function(side, id, fn, ...)
      settle(job, attempt(job, side, id, fn, ...))
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
---@param attempt fun(side: string, id: string, fn: function, ...) Calls a function with the job, and notes its error.
function M.run(job, attempt)
  local list = losses(job)
  refuse_many(job, #list)
  for _, loss in ipairs(list) do
    attempt(loss.gone, loss.pair[loss.gone], carry_over, loss)
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
  if job.opts.full and not job.done[pair.source] then
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

--- Marks a key as worked on; returns the id of the record that did so before, if any.
---
--- Another record may interrupt this one anywhere but within a C function, so taking the lock is one.
local function claim(job, key, id)
  while not table.remove(job.lock) do
    refold.sleep(0)
  end
  local before = job.busy[key]
  job.busy[key] = before or id
  job.lock[1] = true
  return before
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
  local before = claim(job, key, id)
  if before then
    raise("duplicate_key", ("%s %s and %s have the same key '%s'"):format(job[side].name, before, id, key),
      "merge them, or give them different keys", { ids = { before, id } })
  end
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
local kit = require("refold_kit")
local values = require("refold_test_values")

local M = {
  show = values.show,
  differences = values.differences,
}

local MOST_DIFFERENCES <const> = 20
local keys_of <const>, quoted <const> = values.keys_of, values.quoted

-- Describing differences -------------------------------------------------------------------------

local function describe(difference)
  local actual, expected = values.show_both(difference.actual, difference.expected)
  local is_inside = difference.path ~= "$"
  if is_inside and difference.actual == nil then
    return ("%s is missing, expected %s"):format(difference.path, expected)
  elseif is_inside and difference.expected == nil then
    return ("%s is not expected, got %s"):format(difference.path, actual)
  end
  return ("%s: expected %s, got %s"):format(difference.path, expected, actual)
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

local function check_dot(t, first, name)
  if rawequal(first, t) then
    error(("t.%s is called with a dot, as in t.%s(…)"):format(name, name), 3)
  end
end

-- Assertions -------------------------------------------------------------------------------------

local function add_equality(t, state)
  function t.equal(actual, expected)
    check_dot(t, actual, "equal")
    state.count = state.count + 1
    if actual == expected then
      return
    end
    local shown_actual, shown_expected = values.show_both(actual, expected)
    local message = ("values differ\n  expected: %s\n  actual:   %s"):format(shown_expected, shown_actual)
    if type(actual) == "table" and type(expected) == "table" then
      message = message .. "\n  t.equal compares tables by identity; t.same compares what they hold"
    end
    fail(state, message)
  end

  function t.same(actual, expected)
    check_dot(t, actual, "same")
    state.count = state.count + 1
    local differences = M.differences(actual, expected)
    if #differences > 0 then
      local count = #differences == 1 and "one place" or #differences .. " places"
      fail(state, ("values differ in %s\n%s"):format(count, describe_all(differences)))
    end
  end

  function t.matches(text, pattern)
    check_dot(t, text, "matches")
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
      values.compare(actual, expected[key], values.step("$", key), differences, {})
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
    check_dot(t, fn, "raises")
    local kind = type(expected)
    if type(fn) ~= "function" then
      error("t.raises: a function is expected, got " .. (fn == nil and "nil" or "a " .. type(fn)), 2)
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

local function add_snapshot(t, state, host)
  local seen = {}

  function t.snapshot(value, name)
    check_dot(t, value, "snapshot")
    state.count = state.count + 1
    local key = name and state.name .. ": " .. name or state.name
    seen[key] = (seen[key] or 0) + 1
    if seen[key] > 1 then
      key = ("%s (%d)"):format(key, seen[key])
    end
    local plain_value = json.decode(json.encode(value))
    local found, stored, may_keep = host.snapshot(key)
    local differences = found and M.differences(plain_value, stored) or {}
    if (not found or #differences > 0) and may_keep then
      host.keep(key, plain_value)
    elseif not found then
      fail(state, ("there is no snapshot '%s'\n  'refold test --update' makes it"):format(key))
    elseif #differences > 0 then
      fail(state, ("the value differs from its snapshot\n%s\n  'refold test --update' accepts it"):format(
        describe_all(differences)))
    end
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

local function check_records(records)
  if type(records) ~= "table" or (next(records) ~= nil and #records == 0) then
    error("t.seed: a list of records is expected, got " .. values.show(records), 3)
  end
  for index, record in ipairs(records) do
    if type(record) ~= "table" then
      error(("t.seed: record %d is a %s, not a table"):format(index, type(record)), 3)
    end
  end
end

local function add_world(t, host)
  function t.run(script, input, opts)
    return host.run(script, input, check_options("t.run", opts, RUN_OPTIONS).account)
  end

  function t.seed(app, table_name, records, opts)
    check_records(records)
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
---@param host table What reaches out of the state: `run seed records fixture time advance snapshot keep`.
---@param name? string The test's, under which its snapshots are kept.
---@return table t
---@return { count: integer, failures: table[] } # How many assertions were made, and those that failed.
function M.new(host, name)
  local state = { count = 0, failures = {}, name = name or "test" }
  local t = {}
  add_equality(t, state)
  add_raises(t, state)
  add_snapshot(t, state, host)
  add_world(t, host)
  return setmetatable(t, {
    __index = function(_, field)
      local near = kit.nearest(tostring(field), keys_of(t))
      local hint = near and ("did you mean 't.%s'?"):format(near) or "it has " .. table.concat(keys_of(t), ", ")
      error(("t has no '%s'; %s"):format(tostring(field), hint), 2)
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
    error(("test '%s': a function is expected, got %s"):format(name, (fn == nil and "nil" or "a " .. type(fn))), 3)
  elseif file.lines[name] then
    error(("test '%s' is there already, at %s"):format(name, file.lines[name]), 3)
  end
  local index = #file.tests + 1
  -- Finding the place costs more than all else, and of those that are not run nobody asks for it.
  file.lines[name] = (file.wanted == 0 or file.wanted == index) and place() or "?"
  file.tests[index] = { name = name, fn = fn, case = case, place = file.lines[name] }
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
---@param host table See `M.new`; its `index` is the test that will be run, 0 when all are listed.
---@return { test: table, list: fun(): table[], run: fun(index: integer): table }
function M.open(host)
  local file = { tests = {}, lines = {}, wanted = host.index }

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
    local t, state = M.new(host, entry.name)
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
    EmbeddedSource(name: "text", text: ##"""
--- Working on texts in UTF-8: `local text = require "text"`.
---
--- Positions and lengths are counted in code points. Separators and what is searched for are plain text, never
--- patterns. Text that is not UTF-8 raises `encoding` where characters are counted. No function takes nil or null for
--- a text; `text.is_blank` tells.
local kit = require("refold_kit")
local letters = require("refold_letters")
local phones = require("refold_phone")

local M = {}

--- Blanks beyond ASCII, and the byte order mark.
local WIDE_BLANKS <const> = {}
for _, code in ipairs({ 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF }) do
  WIDE_BLANKS[utf8.char(code)] = " "
end
for code = 0x2000, 0x200B do
  WIDE_BLANKS[utf8.char(code)] = " "
end

--- One character of two or more bytes.
local WIDE <const> = "[\xC2-\xF4][\x80-\xBF]+"

local length_of <const> = kit.length

--- Returns the number of code points. Raises `encoding`.
---
---@param value string
---@return integer
function M.length(value)
  kit.expect("text.length", "argument 1", value, "string")
  return length_of(value)
end

local function trim_start(value)
  while true do
    local from = value:find("%S")
    if not from then
      return ""
    end
    local wide = value:match("^" .. WIDE, from)
    if not WIDE_BLANKS[wide] then
      return from > 1 and value:sub(from) or value
    end
    value = value:sub(from + #wide)
  end
end

local function trim_end(value)
  while true do
    -- Greedy from the end: unlike `%s*$`, no run of blanks is gone over twice.
    value = value:match("^.*%S") or ""
    if WIDE_BLANKS[value:sub(-3)] then
      value = value:sub(1, -4)
    elseif WIDE_BLANKS[value:sub(-2)] then
      value = value:sub(1, -3)
    else
      return value
    end
  end
end

--- Returns a text without blanks around it, no-break and other wide ones included.
---
---@param value string
---@return string
function M.trim(value)
  kit.expect("text.trim", "argument 1", value, "string")
  return trim_end(trim_start(value))
end

--- Returns a text without blanks before it.
---
---@param value string
---@return string
function M.trim_start(value)
  kit.expect("text.trim_start", "argument 1", value, "string")
  return trim_start(value)
end

--- Returns a text without blanks after it.
---
---@param value string
---@return string
function M.trim_end(value)
  kit.expect("text.trim_end", "argument 1", value, "string")
  return trim_end(value)
end

--- Returns a text without blanks around it, with one space for each run of blanks and line breaks in it.
---
---@param value string
---@return string
function M.squeeze(value)
  kit.expect("text.squeeze", "argument 1", value, "string")
  local plain = value:gsub(WIDE, WIDE_BLANKS):gsub("%s+", " ")
  return plain:match("^ ?(.-) ?$")
end

--- Whether a value is nil, null, or a text of nothing but blanks.
---
---@param value any
---@return boolean
function M.is_blank(value)
  return value == nil or value == refold.null or (type(value) == "string" and trim_start(value) == "")
end

local SPLIT_OPTIONS <const> = kit.declare({ "limit:integer", "trim:boolean", "skip_empty:boolean" })

--- Returns the parts of a text between separators; one empty part for an empty text.
---
---@param value string
---@param separator string Plain text, not empty.
---@param opts? { limit?: integer, trim?: boolean, skip_empty?: boolean } `limit`: how many parts at most, the last of
--- which is all that is left. `trim`: without blanks around each part. `skip_empty`: without empty parts.
---@return string[]
function M.split(value, separator, opts)
  kit.expect("text.split", "argument 1", value, "string")
  kit.expect("text.split", "argument 2", separator, "string")
  if separator == "" then
    error("text.split: the separator must not be empty", 2)
  end
  opts = kit.options("text.split", opts, SPLIT_OPTIONS)
  local limit = opts.limit or math.huge
  local parts, at, more = refold.array({}), 1, true
  while more do
    local from, to
    if #parts + 1 < limit then
      from, to = value:find(separator, at, true)
    end
    local part = value:sub(at, from and from - 1)
    part = opts.trim and trim_end(trim_start(part)) or part
    if part ~= "" or not opts.skip_empty then
      parts[#parts + 1] = part
    end
    more, at = from ~= nil, (to or 0) + 1
  end
  return parts
end

--- Returns an iterator over the lines of a text, without their ends (LF, CR LF or CR); none for an empty text.
---
---@param value string
---@return fun(): string?
function M.lines(value)
  kit.expect("text.lines", "argument 1", value, "string")
  local at = 1
  return function()
    if at > #value then
      return nil
    end
    local from = at
    local stop = value:find("[\r\n]", at)
    at = (stop or #value) + 1
    if stop and value:sub(stop, stop + 1) == "\r\n" then
      at = at + 1
    end
    return value:sub(from, stop and stop - 1)
  end
end

--- Whether a text begins with another.
---
---@param value string
---@param start string
---@return boolean
function M.starts_with(value, start)
  kit.expect("text.starts_with", "argument 1", value, "string")
  kit.expect("text.starts_with", "argument 2", start, "string")
  return value:sub(1, #start) == start
end

--- Whether a text ends with another.
---
---@param value string
---@param ending string
---@return boolean
function M.ends_with(value, ending)
  kit.expect("text.ends_with", "argument 1", value, "string")
  kit.expect("text.ends_with", "argument 2", ending, "string")
  return ending == "" or value:sub(-#ending) == ending
end

--- Whether a text has another in it.
---
---@param value string
---@param part string
---@return boolean
function M.contains(value, part)
  kit.expect("text.contains", "argument 1", value, "string")
  kit.expect("text.contains", "argument 2", part, "string")
  return value:find(part, 1, true) ~= nil
end

--- Returns a text with another one in the place of each occurrence of a part, and how many there were.
---
---@param value string
---@param part string Plain text, not empty.
---@param replacement string Plain text.
---@return string value
---@return integer count
function M.replace(value, part, replacement)
  kit.expect("text.replace", "argument 1", value, "string")
  kit.expect("text.replace", "argument 2", part, "string")
  kit.expect("text.replace", "argument 3", replacement, "string")
  if part == "" then
    error("text.replace: the part to replace must not be empty", 2)
  end
  local result, count = value:gsub(M.escape_pattern(part), (replacement:gsub("%%", "%%%%")))
  return result, count
end

--- Returns a text as a Lua pattern that matches exactly that text.
---
---@param value string
---@return string
function M.escape_pattern(value)
  kit.expect("text.escape_pattern", "argument 1", value, "string")
  return (value:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"))
end

local function padding(where, value, width, fill)
  kit.expect(where, "argument 1", value, "string", 3)
  kit.expect_whole(where, "argument 2", width, 0, 3)
  fill = fill == nil and " " or fill
  kit.expect(where, "argument 3", fill, "string", 3)
  if length_of(fill) ~= 1 then
    error(where .. ": argument 3 must be one character, but is '" .. fill .. "'", 3)
  end
  return fill:rep(width - length_of(value))
end

--- Returns a text with characters before it, so that it has a width; a longer one stays as it is.
---
---@param value string
---@param width integer Code points.
---@param fill? string One character; a space unless it says otherwise.
---@return string
function M.pad_start(value, width, fill)
  local pad = padding("text.pad_start", value, width, fill)
  return pad .. value
end

--- Returns a text with characters after it, so that it has a width; a longer one stays as it is.
---
---@param value string
---@param width integer Code points.
---@param fill? string One character; a space unless it says otherwise.
---@return string
function M.pad_end(value, width, fill)
  local pad = padding("text.pad_end", value, width, fill)
  return value .. pad
end

--- Returns a text in upper case: Latin, Greek and Cyrillic letters; others stay. `ß` becomes `SS`.
---
---@param value string
---@return string
function M.upper(value)
  kit.expect("text.upper", "argument 1", value, "string")
  return letters.upper(value)
end

--- Returns a text in lower case: Latin, Greek and Cyrillic letters; others stay.
---
---@param value string
---@return string
function M.lower(value)
  kit.expect("text.lower", "argument 1", value, "string")
  return letters.lower(value)
end

--- Returns a text whose words begin with an upper case letter and go on in lower case; a word is what stands between
--- blanks, hyphens and apostrophes: `JEAN-LUC o'neill` becomes `Jean-Luc O'Neill`.
---
---@param value string
---@return string
function M.title(value)
  kit.expect("text.title", "argument 1", value, "string")
  local title = letters.lower(value):gsub("[^%s%-'’]+", function(word)
    local first = word:match("^" .. utf8.charpattern)
    return letters.upper(first) .. word:sub(#first + 1)
  end)
  return title
end

--- Returns a text with the plain forms of Latin letters: `Łódź` becomes `Lodz`, `ß` becomes `ss`. Others stay.
---
---@param value string
---@return string
function M.plain(value)
  kit.expect("text.plain", "argument 1", value, "string")
  return letters.plain(value)
end

for name, fn in pairs(require("refold_text_forms")) do
  M[name] = fn
end

local PHONE_OPTIONS <const> = kit.declare({ "country:string" })

--- Returns a telephone number in E.164, as in `+442079460000`, and its extension; or nil and why it is none.
---
--- Checks the form and the length, not whether the number exists. `country` matters for numbers that do not begin
--- with `+` or `00`: its calling code goes before them, in the place of the digits that are dialled within it only.
---@param value string
---@param opts? { country?: string } `country`: two letters, as in "DE".
---@return string? number
---@return string? extension_or_reason
function M.phone(value, opts)
  kit.expect("text.phone", "argument 1", value, "string")
  local country = kit.options("text.phone", opts, PHONE_OPTIONS).country
  if country and not phones.knows(country) then
    local known = table.concat(phones.countries, " ")
    error(("text.phone: unknown country '%s' (use one of %s)"):format(country, known), 2)
  end
  return phones.number(value, country)
end

return M

"""##),
    EmbeddedSource(name: "time", text: ##"""
--- Times, dates and durations: `local time = require "time"`.
---
--- An instant is a number: seconds since 1970-01-01 00:00 UTC, an integer unless there is a fraction. Where a function
--- takes an instant it takes the text of one as well, in ISO 8601 or in the form of RFC 1123; such a text without an
--- offset is in the zone of the call. A zone is "UTC" (the default), an offset ("+05:30", or seconds), or one of
--- `time.zones`, which have the present rules of the EU, the USA, Australia and New Zealand and the zones without
--- summer time; there is no table of all zones and all years, and a time before its zone's rule raises
--- `zone_unknown`. Leap seconds do not count, as in POSIX: 23:59:60 UTC is the first second of the next day.
local calendar = require("refold_calendar")
local kit = require("refold_kit")
local texts = require("refold_time_text")

local M = {}

--- The names of the zones, sorted.
---@type string[]
M.zones = refold.array(table.move(calendar.zones, 1, #calendar.zones, 1, {}))

local UTC <const> = calendar.zone("UTC")
local ZONE_OPTIONS <const> = kit.declare({ "zone:string|integer" })
--- Beyond it floats have no seconds; it is 285 million years.
local LARGEST <const> = 2 ^ 53
local EDGES <const> = { compatible = true, earlier = true, later = true, error = true }

local function zone_of(where, name, level)
  if name == nil then
    return UTC
  end
  local zone = calendar.zone(name)
  if not zone then
    local near = kit.nearest(tostring(name), M.zones)
    local hint = near and "did you mean '" .. near .. "'?" or "use one of time.zones, or an offset such as '+01:00'"
    error(("%s: unknown zone '%s' (%s)"):format(where, tostring(name), hint), (level or 2) + 1)
  end
  return zone
end

--- Returns the instant at which a clock on the wall shows a time.
local function resolve(zone, wall, edge, shown)
  local first, second = calendar.instants(zone, wall)
  if first and not second then
    return first
  elseif edge == "error" then
    error(kit.failure({
      code = first and "ambiguous_time" or "nonexistent_time",
      message = ("%s %s in %s"):format(shown, first and "comes twice" or "does not exist", zone.name),
      hint = 'add the offset, or pass { edge = "earlier" } or { edge = "later" }',
    }))
  elseif first then
    return edge == "later" and second or first
  end
  -- In the gap, the offset before it leads behind it, and the other way round.
  return wall - (edge == "earlier" and zone.offset + 3600 or zone.offset)
end

--- Returns the instant of parts, or nil and why there is none.
local function instant_of(parts, zone, edge, shown)
  local wall, reason = texts.wall(parts)
  if not wall then
    return nil, reason
  end
  local seconds = parts.offset and wall - parts.offset or resolve(zone, wall, edge, shown)
  if parts.second == 60 and seconds % 86400 ~= 0 then
    return nil, "there is a 60th second at 23:59 UTC only"
  end
  if parts.fraction and parts.fraction > 0 then
    return seconds + parts.fraction
  end
  return seconds
end

local function not_a_time(text, reason)
  return kit.failure({
    code = "not_a_time",
    message = ("'%s' is no time: %s"):format(#text > 60 and text:sub(1, 60) .. "…" or text, reason),
    hint = "write it as 2026-01-20T10:00:00Z, or pass { format = \"DD.MM.YYYY\" } for another form",
  })
end

local function read(text, format)
  if format then
    return texts.read(text, format)
  elseif text:find("^%d%d%d%d") then
    return texts.read_iso(text)
  end
  local parts, reason = texts.read_rfc1123(text)
  if not parts and not text:find("^%a%a%a, ") then
    reason = "neither ISO 8601 nor RFC 1123"
  end
  return parts, reason
end

local function parse(text, zone, format, edge)
  local parts, reason = read(text, format)
  local seconds
  if parts then
    seconds, reason = instant_of(parts, zone, edge or "compatible", text)
  end
  if not seconds then
    error(not_a_time(text, reason))
  end
  return seconds, parts.offset
end

--- Returns the instant of a number or a text.
local function instant(where, name, value, zone, level)
  if type(value) == "string" then
    return (parse(value, zone or UTC))
  elseif type(value) ~= "number" or value ~= value or value > LARGEST or value < -LARGEST then
    local is = kit.kind(value) == "number" and tostring(value) or kit.article(kit.kind(value))
    error(("%s: %s must be seconds or the text of a time, but is %s"):format(where, name, is), (level or 2) + 1)
  end
  return math.tointeger(value) or value
end

local PARSE_OPTIONS <const> = kit.declare({ "zone:string|integer", "format:string", "edge:string" })

local function check_format(where, format)
  local _, unknown = texts.compile(format)
  if unknown then
    local message = "%s: the format has '%s', which is no part (use %s, and [text] for letters)"
    error(message:format(where, unknown, texts.token_names), 3)
  end
end

--- Returns the instant of a text in ISO 8601 or the form of RFC 1123, or in a format of one's own.
---
--- `edge` says what a time in the zone means that its clocks show twice or never: "compatible", the first of two, and
--- as far behind a gap as it lies in it; "earlier"; "later"; or "error", which raises `ambiguous_time` or
--- `nonexistent_time`.
---@param text string
---@param opts? { zone?: string|integer, format?: string, edge?: "compatible"|"earlier"|"later"|"error" } `zone`: of a
--- text without an offset; "UTC" unless it says otherwise. `format`: made of YYYY MM M MMM DD D HH H hh h A mm ss SSS Z
--- and other characters; letters stand in [brackets].
---@return number seconds Raises `not_a_time` with the reason.
---@return integer? offset Seconds east of UTC, when the text says one.
function M.parse(text, opts)
  kit.expect("time.parse", "argument 1", text, "string")
  opts = kit.options("time.parse", opts, PARSE_OPTIONS)
  if opts.format then
    check_format("time.parse", opts.format)
  end
  if opts.edge and not EDGES[opts.edge] then
    local message = "time.parse: 'edge' must be 'compatible', 'earlier', 'later' or 'error', but is '%s'"
    error(message:format(opts.edge), 2)
  end
  local seconds, offset = parse(text, zone_of("time.parse", opts.zone), opts.format, opts.edge)
  return seconds, offset
end

local function parts_of(seconds, zone)
  local offset = calendar.offset(zone, seconds)
  local whole = seconds // 1 | 0
  local days, clock = (whole + offset) // 86400, (whole + offset) % 86400
  local year, month, day = calendar.date(days)
  return {
    year = year, month = month, day = day, hour = clock // 3600, minute = clock % 3600 // 60, second = clock % 60,
    fraction = seconds - whole, weekday = calendar.weekday(days), offset = offset,
    yearday = days - calendar.days(year, 1, 1) + 1,
  }
end

--- What calendar and clock of a zone show.
---@class time.Parts
---@field year integer
---@field month integer
---@field day integer
---@field hour integer
---@field minute integer
---@field second integer
---@field fraction number Of the second, from 0 to below 1.
---@field weekday integer 1 is Monday, 7 is Sunday.
---@field yearday integer From 1.
---@field offset integer Seconds east of UTC.

--- Returns what calendar and clock of a zone show at an instant.
---
---@param moment number|string
---@param opts? { zone?: string|integer }
---@return time.Parts
function M.parts(moment, opts)
  local zone = zone_of("time.parts", kit.options("time.parts", opts, ZONE_OPTIONS).zone)
  return parts_of(instant("time.parts", "argument 1", moment, zone), zone)
end

local FORMAT_OPTIONS <const> = kit.declare({ "zone:string|integer", "format:string", "digits:integer" })

local function iso_text(parts, digits, fraction)
  local text = ("%04d-%02d-%02dT%02d:%02d:%02d"):format(
    parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second)
  if digits > 0 then
    text = text .. (".%0" .. digits .. "d"):format(fraction)
  end
  return text .. (parts.offset == 0 and "Z" or texts.offset_text(parts.offset))
end

--- Returns an instant as text: `2026-01-20T10:00:00Z`.
---
---@param moment number|string
---@param opts? { zone?: string|integer, format?: string, digits?: integer } `format`: "iso" (the default), "date" for
--- `2026-01-20`, "rfc1123", which is always in GMT, or one as of `parse`. `digits`: behind the second, 0 to 6; 3 when
--- there is a fraction, else 0.
---@return string
function M.format(moment, opts)
  opts = kit.options("time.format", opts, FORMAT_OPTIONS)
  local format, digits = opts.format or "iso", opts.digits
  local zone = zone_of("time.format", opts.zone)
  local seconds = instant("time.format", "argument 1", moment, zone)
  local named = format == "iso" or format == "date" or format == "rfc1123"
  if not named then
    check_format("time.format", format)
  end
  if digits and (digits < 0 or digits > 6) then
    error("time.format: 'digits' must be from 0 to 6, but is " .. digits, 2)
  end
  digits = math.tointeger(digits) or (math.type(seconds) == "float" and 3 or 0)
  if not named then
    digits = 3
  end
  local scale, whole = 10 ^ digits, seconds // 1 | 0
  local fraction = math.floor((seconds - whole) * scale + 0.5)
  if fraction >= scale then
    whole, fraction = whole + 1, 0
  end
  local parts = parts_of(whole, format == "rfc1123" and UTC or zone)
  if parts.year < 0 or parts.year > 9999 then
    error(kit.failure({
      code = "not_a_time",
      message = "the year " .. parts.year .. " has no text: years go from 0 to 9999",
      hint = "instants are seconds; divide milliseconds by 1000, or use time.from_ms",
    }))
  end
  if format == "iso" then
    return iso_text(parts, digits, fraction)
  elseif format == "date" then
    return ("%04d-%02d-%02d"):format(parts.year, parts.month, parts.day)
  elseif format == "rfc1123" then
    return texts.write_rfc1123(parts)
  end
  parts.milliseconds = fraction
  return texts.write(parts, format)
end

for name, fn in pairs(require("refold_time_steps")({
  instant = instant, parts_of = parts_of, resolve = resolve, zone_of = zone_of,
})) do
  M[name] = fn
end

return M

"""##),
    EmbeddedSource(name: "validate", text: ##"""
--- Checking values before they are written: `local validate = require "validate"`. Returns all problems, with paths.
---
--- A schema is a table of fields: `{ email = { format = "email" }, name = "string", note = "string?" }`. A field is
--- its type (`string number integer boolean array object table any`, or `text`, a string that is not blank), with `?`
--- when it may be absent or null, or a table:
---
---   type       as above; what the other rules imply unless it is given
---   optional   true is the same as `?`
---   format     date, datetime, digits, email, phone, url or uuid
---   min, max   of a number; for texts with the format date or datetime, an ISO 8601 text
---   length     of a string in code points, or of a list in elements: a number, or { least, most }, either may be nil
---   enum       a list of the values that are allowed
---   pattern    a Lua pattern that a string must match; anchor it with ^ and $
---   fields     a schema of an object's fields
---   items      a field that each element of a list must be
---   check      function(value) that returns true, or false and a message
---   message    a message instead of those of this field's own rules
---
--- Schemas are made into functions at their first use; do not change them afterwards.
local kit = require("refold_kit")
local compiler = require("refold_schema")

local M = {}

local OPTIONS <const> = kit.declare({ "unknown:string" })

local function unknown_of(where, opts)
  local unknown = kit.options(where, opts, OPTIONS, 3).unknown or "ignore"
  if unknown ~= "ignore" and unknown ~= "report" then
    error(("%s: 'unknown' must be 'ignore' or 'report', but is '%s'"):format(where, unknown), 3)
  end
  return unknown
end

--- The functions of schemas; those that report unknown fields are others.
local compiled <const> = {
  ignore = setmetatable({}, { __mode = "k" }),
  report = setmetatable({}, { __mode = "k" }),
}

local function checker_of(where, schema, unknown)
  local known = compiled[unknown][schema]
  if known then
    return known
  end
  kit.expect(where, "the schema", schema, "table", 3)
  local checker, problem = compiler.fields(schema, unknown)
  if not checker then
    error(where .. ": " .. problem, 3)
  end
  compiled[unknown][schema] = checker
  return checker
end

local function run(checker, value)
  local problems = checker(value)
  if not problems then
    return true, refold.array({})
  end
  for _, problem in ipairs(problems) do
    problem.path = "$" .. problem.path
  end
  return false, setmetatable(problems, kit.array_mark)
end

---@class validate.Problem
---@field path string As in `$.lines[3].qty`.
---@field code "required"|"type"|"format"|"range"|"length"|"enum"|"pattern"|"unknown"|"check"
---@field message string As in `must be at least 1, but is 0`.

--- Checks a value against a schema of its fields.
---
---@param value any A table, or a view of JSON.
---@param schema table
---@param opts? { unknown?: "ignore"|"report" } `unknown`: whether fields that are not in the schema are problems.
---@return boolean ok
---@return validate.Problem[] problems In the order of the fields' names; an empty list when all is well.
function M.check(value, schema, opts)
  local checker = checker_of("validate.check", schema, opts and unknown_of("validate.check", opts) or "ignore")
  return run(checker, value)
end

--- Returns the value when it is as the schema says, else raises `invalid` with `problems`.
---
---@generic T
---@param value T
---@param schema table
---@param opts? { unknown?: "ignore"|"report" } As of `check`.
---@return T
function M.assert(value, schema, opts)
  local checker = checker_of("validate.assert", schema, opts and unknown_of("validate.assert", opts) or "ignore")
  local ok, problems = run(checker, value)
  if not ok then
    local count = #problems == 1 and "1 problem: " or #problems .. " problems: "
    error(kit.failure({
      code = "invalid",
      message = count .. M.text(problems, "; "),
      hint = "mend the value, or leave it out and say so",
      problems = problems,
    }))
  end
  return value
end

--- Makes a schema into a function once, for the many values of a loop.
---
---@param schema table
---@param opts? { unknown?: "ignore"|"report" } As of `check`.
---@return fun(value: any): boolean, validate.Problem[]
function M.compile(schema, opts)
  local checker = checker_of("validate.compile", schema, unknown_of("validate.compile", opts))
  return function(value)
    return run(checker, value)
  end
end

--- Checks one value that is no object of fields: `validate.value("x", { enum = { "a", "b" } })`.
---
---@param value any
---@param field string|table As a field of a schema.
---@return boolean ok
---@return validate.Problem[] problems
function M.value(value, field)
  local checker, problem = compiler.field(field, "the field", "ignore")
  if not checker then
    error("validate.value: " .. problem, 2)
  end
  return run(checker, value)
end

--- Returns problems as text, one a line: `$.email: is required`.
---
---@param problems validate.Problem[]
---@param separator? string A line break unless it says otherwise.
---@return string
function M.text(problems, separator)
  kit.expect_list("validate.text", "argument 1", problems)
  local lines = {}
  for index, problem in ipairs(problems) do
    lines[index] = problem.path .. ": " .. problem.message
  end
  return table.concat(lines, separator or "\n")
end

return M

"""##),
  ]
}
