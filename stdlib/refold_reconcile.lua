--- Finds out what became of a write whose outcome nobody knows, with the waits that search indexes need.
---
--- It is no part of what scripts are promised. The host calls `decide` when a resumed run comes to such a write.
local look_up = require("refold_look_up")

local M = {}

--- The longest pause between two look-ups, in seconds.
local LONGEST_PAUSE <const> = 15

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
---@param find? fun(params: table, began: number): any How the script looks it up.
---@param clock { left: (fun(): number), remaining: (fun(): number), waits: fun(why: string, seconds: number) } `left`:
--- the seconds until an absent record counts as absent. `remaining`: those that the run has left. `waits`: is told once.
---@return "found"|"absent"|"unknown" verdict
---@return any what What the action would have answered, or why nobody knows or nothing is there.
---@return string? id Of the record that was found, if it is known.
function M.decide(write, find, clock)
  local finder = finder_for(write, find)
  if not finder then
    return "unknown", nil
  end
  local pause, is_told = 1, false
  while true do
    local left = clock.left()
    local verdict = look(finder, write)
    if verdict.found ~= nil then
      return "found", verdict.found, verdict.id
    elseif verdict.unknown then
      return "unknown", verdict.unknown
    elseif left <= 0 then
      return "absent", verdict.absent
    elseif clock.remaining() <= left then
      return "unknown", verdict.absent .. ", but the run's time ends before that counts"
    end
    if not is_told then
      is_told = true
      clock.waits(verdict.absent, left)
    end
    refold.sleep(math.min(pause, left))
    pause = math.min(pause * 2, LONGEST_PAUSE)
  end
end

return M
