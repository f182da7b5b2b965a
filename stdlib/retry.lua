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
