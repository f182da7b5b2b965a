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
