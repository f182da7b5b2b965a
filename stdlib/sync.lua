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
