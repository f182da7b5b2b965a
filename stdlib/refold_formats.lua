--- The formats of texts for `validate`: functions that return whether a text has one.
local forms = require("refold_text_forms")
local phones = require("refold_phone")
local times = require("refold_time_text")

local M = {}

--- What messages call each format, with its article.
M.shown = {
  date = "a date such as 2026-01-20",
  datetime = "a time such as 2026-01-20T10:00:00Z",
  digits = "made of digits",
  email = "an e-mail address",
  phone = "a telephone number such as +442079460000",
  url = "a URL that begins with http:// or https://",
  uuid = "a UUID",
}

local checks <const> = {}

function checks.date(text)
  local parts = #text == 10 and times.read_iso(text)
  return parts and parts.hour == nil and times.wall(parts) ~= nil
end

function checks.datetime(text)
  local parts = times.read_iso(text)
  return parts and parts.hour ~= nil and times.wall(parts) ~= nil
end

function checks.digits(text)
  return not text:find("%D") and text ~= ""
end

function checks.email(text)
  -- The address alone: no name around it, no blanks, no scheme.
  return forms.email(text) ~= nil and not text:find("[%s<>]") and not text:lower():find("^mailto:")
end

function checks.phone(text)
  return text:find("^%+%d+$") ~= nil and phones.number(text) ~= nil
end

function checks.url(text)
  local host, rest = text:match("^[hH][tT][tT][pP][sS]?://([^/?#]+)(.*)$")
  if not host or text:find("[%s%c\"<>\\^`{|}]") then
    return false
  end
  host = host:gsub("^.*@", "")
  local name, port = host:match("^(.-):(%d+)$")
  if port and (#port > 5 or tonumber(port) > 65535) then
    return false
  end
  name = name or host
  return rest ~= nil and (name:find("^%[[%x:.]+%]$") ~= nil
    or (name:find("^[%w\x80-\xFF]") ~= nil and not name:find("[^%w\x80-\xFF.-]") and not name:find("..", 1, true)))
end

function checks.uuid(text)
  return #text == 36 and text:find("^%x+%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x+$") == 1 and text:sub(9, 9) == "-"
end

M.checks = checks

--- The names of the formats, sorted.
M.names = {}
for name in pairs(checks) do
  M.names[#M.names + 1] = name
end
table.sort(M.names)

return M
