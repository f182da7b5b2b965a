// Generated from stdlib/ by tools/embed-stdlib. Edit the Lua files, then run it again.
// swift-format-ignore-file

extension Stdlib {
  /// The modules that `require` finds. Sorted by name.
  public static let modules: [EmbeddedSource] = [
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
---@field compare? table<string, string> How fields are compared: see `ensure.record`.
---@field get? { action: string, id: string } `id`: the parameter that takes the id.
---@field find? { action: string, params: table, records: string } How to look a record up. In texts of `params`
--- `{key}` is the field of the natural key and `{value}` its value, quoted by `{value:soql}` and `{value:quoted}`.
---@field create? { action: string, record: string?, known: string[]?, more: string? } `record`: the path of the new
--- record, or of its id, in the answer. Fields beyond `known` go into the parameter `more`.
---@field update? { action: string, id: string, known: string[]?, more: string? }
---@field delete? { action: string, id: string }
---@field list? { action: string, params: table? } Lists all records, page by page.
---@field changes? { action: string, params: table } Lists the records that changed at or after `{since}`.

local FIELDS <const> = {
  "name", "app", "key", "id", "fields", "modified", "compare", "get", "find", "create", "update", "delete", "list",
  "changes",
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
    local problem = kind[part] ~= nil and check_part(where, part, kind[part])
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
---@param level? integer Whose line an error names, as in `error`; 2 unless it says otherwise.
---@return kinds.Kind
function M.get(kind, where, level)
  where, level = where or "kinds.get", level or 2
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
  return M.get(copy, "kinds.with", 2)
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
    list = { action = "get_" .. plural, params = { order_by = "LastModifiedDate" } },
    changes = {
      action = "get_" .. plural,
      params = { where = "LastModifiedDate >= {since}", order_by = "LastModifiedDate" },
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
  return batches("pages.batches", app, action, params, opts)
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
    name = name:gsub("%z(%d+)%z", function(byte)
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
  ]
}
