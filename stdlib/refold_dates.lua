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
