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
