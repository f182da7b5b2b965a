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
