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
