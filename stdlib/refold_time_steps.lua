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
