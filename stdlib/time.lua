--- Times, dates and durations: `local time = require "time"`.
---
--- An instant is a number: seconds since 1970-01-01 00:00 UTC, an integer unless there is a fraction. Where a function
--- takes an instant it takes the text of one as well, in ISO 8601 or in the form of RFC 1123; such a text without an
--- offset is in the zone of the call. A zone is "UTC" (the default), an offset ("+05:30", or seconds), or one of
--- `time.zones`, which have the present rules of the EU, the USA, Australia and New Zealand and the zones without
--- summer time; there is no table of all zones and all years, and a time before its zone's rule raises
--- `zone_unknown`. Leap seconds do not count, as in POSIX: 23:59:60 UTC is the first second of the next day.
local calendar = require("refold_calendar")
local kit = require("refold_kit")
local texts = require("refold_time_text")

local M = {}

--- The names of the zones, sorted.
---@type string[]
M.zones = refold.array(table.move(calendar.zones, 1, #calendar.zones, 1, {}))

local UTC <const> = calendar.zone("UTC")
local ZONE_OPTIONS <const> = kit.declare({ "zone:string|integer" })
--- Beyond it floats have no seconds; it is 285 million years.
local LARGEST <const> = 2 ^ 53
local EDGES <const> = { compatible = true, earlier = true, later = true, error = true }

local function zone_of(where, name, level)
  if name == nil then
    return UTC
  end
  local zone = calendar.zone(name)
  if not zone then
    local near = kit.nearest(tostring(name), M.zones)
    local hint = near and "did you mean '" .. near .. "'?" or "use one of time.zones, or an offset such as '+01:00'"
    error(("%s: unknown zone '%s' (%s)"):format(where, tostring(name), hint), (level or 2) + 1)
  end
  return zone
end

--- Returns the instant at which a clock on the wall shows a time.
local function resolve(zone, wall, edge, shown)
  local first, second = calendar.instants(zone, wall)
  if first and not second then
    return first
  elseif edge == "error" then
    error(kit.failure({
      code = first and "ambiguous_time" or "nonexistent_time",
      message = ("%s %s in %s"):format(shown, first and "comes twice" or "does not exist", zone.name),
      hint = 'add the offset, or pass { edge = "earlier" } or { edge = "later" }',
    }))
  elseif first then
    return edge == "later" and second or first
  end
  -- In the gap, the offset before it leads behind it, and the other way round.
  return wall - (edge == "earlier" and zone.offset + 3600 or zone.offset)
end

--- Returns the instant of parts, or nil and why there is none.
local function instant_of(parts, zone, edge, shown)
  local wall, reason = texts.wall(parts)
  if not wall then
    return nil, reason
  end
  local seconds = parts.offset and wall - parts.offset or resolve(zone, wall, edge, shown)
  if parts.second == 60 and seconds % 86400 ~= 0 then
    return nil, "there is a 60th second at 23:59 UTC only"
  end
  if parts.fraction and parts.fraction > 0 then
    return seconds + parts.fraction
  end
  return seconds
end

local function not_a_time(text, reason)
  return kit.failure({
    code = "not_a_time",
    message = ("'%s' is no time: %s"):format(#text > 60 and text:sub(1, 60) .. "…" or text, reason),
    hint = "write it as 2026-01-20T10:00:00Z, or pass { format = \"DD.MM.YYYY\" } for another form",
  })
end

local function read(text, format)
  if format then
    return texts.read(text, format)
  elseif text:find("^%d%d%d%d") then
    return texts.read_iso(text)
  end
  local parts, reason = texts.read_rfc1123(text)
  if not parts and not text:find("^%a%a%a, ") then
    reason = "neither ISO 8601 nor RFC 1123"
  end
  return parts, reason
end

local function parse(text, zone, format, edge)
  local parts, reason = read(text, format)
  local seconds
  if parts then
    seconds, reason = instant_of(parts, zone, edge or "compatible", text)
  end
  if not seconds then
    error(not_a_time(text, reason))
  end
  return seconds, parts.offset
end

--- Returns the instant of a number or a text.
local function instant(where, name, value, zone, level)
  if type(value) == "string" then
    return (parse(value, zone or UTC))
  elseif type(value) ~= "number" or value ~= value or value > LARGEST or value < -LARGEST then
    local is = kit.kind(value) == "number" and tostring(value) or kit.article(kit.kind(value))
    error(("%s: %s must be seconds or the text of a time, but is %s"):format(where, name, is), (level or 2) + 1)
  end
  return math.tointeger(value) or value
end

local PARSE_OPTIONS <const> = kit.declare({ "zone:string|integer", "format:string", "edge:string" })

local function check_format(where, format)
  local _, unknown = texts.compile(format)
  if unknown then
    local message = "%s: the format has '%s', which is no part (use %s, and [text] for letters)"
    error(message:format(where, unknown, texts.token_names), 3)
  end
end

--- Returns the instant of a text in ISO 8601 or the form of RFC 1123, or in a format of one's own.
---
--- `edge` says what a time in the zone means that its clocks show twice or never: "compatible", the first of two, and
--- as far behind a gap as it lies in it; "earlier"; "later"; or "error", which raises `ambiguous_time` or
--- `nonexistent_time`.
---@param text string
---@param opts? { zone?: string|integer, format?: string, edge?: "compatible"|"earlier"|"later"|"error" } `zone`: of a
--- text without an offset; "UTC" unless it says otherwise. `format`: made of YYYY MM M MMM DD D HH H hh h A mm ss SSS Z
--- and other characters; letters stand in [brackets].
---@return number seconds Raises `not_a_time` with the reason.
---@return integer? offset Seconds east of UTC, when the text says one.
function M.parse(text, opts)
  kit.expect("time.parse", "argument 1", text, "string")
  opts = kit.options("time.parse", opts, PARSE_OPTIONS)
  if opts.format then
    check_format("time.parse", opts.format)
  end
  if opts.edge and not EDGES[opts.edge] then
    local message = "time.parse: 'edge' must be 'compatible', 'earlier', 'later' or 'error', but is '%s'"
    error(message:format(opts.edge), 2)
  end
  local seconds, offset = parse(text, zone_of("time.parse", opts.zone), opts.format, opts.edge)
  return seconds, offset
end

local function parts_of(seconds, zone)
  local offset = calendar.offset(zone, seconds)
  local whole = seconds // 1 | 0
  local days, clock = (whole + offset) // 86400, (whole + offset) % 86400
  local year, month, day = calendar.date(days)
  return {
    year = year, month = month, day = day, hour = clock // 3600, minute = clock % 3600 // 60, second = clock % 60,
    fraction = seconds - whole, weekday = calendar.weekday(days), offset = offset,
    yearday = days - calendar.days(year, 1, 1) + 1,
  }
end

--- What calendar and clock of a zone show.
---@class time.Parts
---@field year integer
---@field month integer
---@field day integer
---@field hour integer
---@field minute integer
---@field second integer
---@field fraction number Of the second, from 0 to below 1.
---@field weekday integer 1 is Monday, 7 is Sunday.
---@field yearday integer From 1.
---@field offset integer Seconds east of UTC.

--- Returns what calendar and clock of a zone show at an instant.
---
---@param moment number|string
---@param opts? { zone?: string|integer }
---@return time.Parts
function M.parts(moment, opts)
  local zone = zone_of("time.parts", kit.options("time.parts", opts, ZONE_OPTIONS).zone)
  return parts_of(instant("time.parts", "argument 1", moment, zone), zone)
end

local FORMAT_OPTIONS <const> = kit.declare({ "zone:string|integer", "format:string", "digits:integer" })

local function iso_text(parts, digits, fraction)
  local text = ("%04d-%02d-%02dT%02d:%02d:%02d"):format(
    parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second)
  if digits > 0 then
    text = text .. (".%0" .. digits .. "d"):format(fraction)
  end
  return text .. (parts.offset == 0 and "Z" or texts.offset_text(parts.offset))
end

--- Returns an instant as text: `2026-01-20T10:00:00Z`.
---
---@param moment number|string
---@param opts? { zone?: string|integer, format?: string, digits?: integer } `format`: "iso" (the default), "date" for
--- `2026-01-20`, "rfc1123", which is always in GMT, or one as of `parse`. `digits`: behind the second, 0 to 6; 3 when
--- there is a fraction, else 0.
---@return string
function M.format(moment, opts)
  opts = kit.options("time.format", opts, FORMAT_OPTIONS)
  local format, digits = opts.format or "iso", opts.digits
  local zone = zone_of("time.format", opts.zone)
  local seconds = instant("time.format", "argument 1", moment, zone)
  local named = format == "iso" or format == "date" or format == "rfc1123"
  if not named then
    check_format("time.format", format)
  end
  if digits and (digits < 0 or digits > 6) then
    error("time.format: 'digits' must be from 0 to 6, but is " .. digits, 2)
  end
  digits = math.tointeger(digits) or (math.type(seconds) == "float" and 3 or 0)
  if not named then
    digits = 3
  end
  local scale, whole = 10 ^ digits, seconds // 1 | 0
  local fraction = math.floor((seconds - whole) * scale + 0.5)
  if fraction >= scale then
    whole, fraction = whole + 1, 0
  end
  local parts = parts_of(whole, format == "rfc1123" and UTC or zone)
  if parts.year < 0 or parts.year > 9999 then
    error(kit.failure({
      code = "not_a_time",
      message = "the year " .. parts.year .. " has no text: years go from 0 to 9999",
      hint = "instants are seconds; divide milliseconds by 1000, or use time.from_ms",
    }))
  end
  if format == "iso" then
    return iso_text(parts, digits, fraction)
  elseif format == "date" then
    return ("%04d-%02d-%02d"):format(parts.year, parts.month, parts.day)
  elseif format == "rfc1123" then
    return texts.write_rfc1123(parts)
  end
  parts.milliseconds = fraction
  return texts.write(parts, format)
end

for name, fn in pairs(require("refold_time_steps")({
  instant = instant, parts_of = parts_of, resolve = resolve, zone_of = zone_of,
})) do
  M[name] = fn
end

return M
