--- Working on texts in UTF-8: `local text = require "text"`.
---
--- Positions and lengths are counted in code points. Separators and what is searched for are plain text, never
--- patterns. Text that is not UTF-8 raises `encoding` where characters are counted. No function takes nil or null for
--- a text; `text.is_blank` tells.
local kit = require("refold_kit")
local letters = require("refold_letters")
local phones = require("refold_phone")

local M = {}

--- Blanks beyond ASCII, and the byte order mark.
local WIDE_BLANKS <const> = {}
for _, code in ipairs({ 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF }) do
  WIDE_BLANKS[utf8.char(code)] = " "
end
for code = 0x2000, 0x200B do
  WIDE_BLANKS[utf8.char(code)] = " "
end

--- One character of two or more bytes.
local WIDE <const> = "[\xC2-\xF4][\x80-\xBF]+"

local length_of <const> = kit.length

--- Returns the number of code points. Raises `encoding`.
---
---@param value string
---@return integer
function M.length(value)
  kit.expect("text.length", "argument 1", value, "string")
  return length_of(value)
end

local function trim_start(value)
  while true do
    local from = value:find("%S")
    if not from then
      return ""
    end
    local wide = value:match("^" .. WIDE, from)
    if not WIDE_BLANKS[wide] then
      return from > 1 and value:sub(from) or value
    end
    value = value:sub(from + #wide)
  end
end

local function trim_end(value)
  while true do
    -- Greedy from the end: unlike `%s*$`, no run of blanks is gone over twice.
    value = value:match("^.*%S") or ""
    if WIDE_BLANKS[value:sub(-3)] then
      value = value:sub(1, -4)
    elseif WIDE_BLANKS[value:sub(-2)] then
      value = value:sub(1, -3)
    else
      return value
    end
  end
end

--- Returns a text without blanks around it, no-break and other wide ones included.
---
---@param value string
---@return string
function M.trim(value)
  kit.expect("text.trim", "argument 1", value, "string")
  return trim_end(trim_start(value))
end

--- Returns a text without blanks before it.
---
---@param value string
---@return string
function M.trim_start(value)
  kit.expect("text.trim_start", "argument 1", value, "string")
  return trim_start(value)
end

--- Returns a text without blanks after it.
---
---@param value string
---@return string
function M.trim_end(value)
  kit.expect("text.trim_end", "argument 1", value, "string")
  return trim_end(value)
end

--- Returns a text without blanks around it, with one space for each run of blanks and line breaks in it.
---
---@param value string
---@return string
function M.squeeze(value)
  kit.expect("text.squeeze", "argument 1", value, "string")
  local plain = value:gsub(WIDE, WIDE_BLANKS):gsub("%s+", " ")
  return plain:match("^ ?(.-) ?$")
end

--- Whether a value is nil, null, or a text of nothing but blanks.
---
---@param value any
---@return boolean
function M.is_blank(value)
  return value == nil or value == refold.null or (type(value) == "string" and trim_start(value) == "")
end

local SPLIT_OPTIONS <const> = kit.declare({ "limit:integer", "trim:boolean", "skip_empty:boolean" })

--- Returns the parts of a text between separators; one empty part for an empty text.
---
---@param value string
---@param separator string Plain text, not empty.
---@param opts? { limit?: integer, trim?: boolean, skip_empty?: boolean } `limit`: how many parts at most, the last of
--- which is all that is left. `trim`: without blanks around each part. `skip_empty`: without empty parts.
---@return string[]
function M.split(value, separator, opts)
  kit.expect("text.split", "argument 1", value, "string")
  kit.expect("text.split", "argument 2", separator, "string")
  if separator == "" then
    error("text.split: the separator must not be empty", 2)
  end
  opts = kit.options("text.split", opts, SPLIT_OPTIONS)
  local limit = opts.limit or math.huge
  local parts, at, more = refold.array({}), 1, true
  while more do
    local from, to
    if #parts + 1 < limit then
      from, to = value:find(separator, at, true)
    end
    local part = value:sub(at, from and from - 1)
    part = opts.trim and trim_end(trim_start(part)) or part
    if part ~= "" or not opts.skip_empty then
      parts[#parts + 1] = part
    end
    more, at = from ~= nil, (to or 0) + 1
  end
  return parts
end

--- Returns an iterator over the lines of a text, without their ends (LF, CR LF or CR); none for an empty text.
---
---@param value string
---@return fun(): string?
function M.lines(value)
  kit.expect("text.lines", "argument 1", value, "string")
  local at = 1
  return function()
    if at > #value then
      return nil
    end
    local from = at
    local stop = value:find("[\r\n]", at)
    at = (stop or #value) + 1
    if stop and value:sub(stop, stop + 1) == "\r\n" then
      at = at + 1
    end
    return value:sub(from, stop and stop - 1)
  end
end

--- Whether a text begins with another.
---
---@param value string
---@param start string
---@return boolean
function M.starts_with(value, start)
  kit.expect("text.starts_with", "argument 1", value, "string")
  kit.expect("text.starts_with", "argument 2", start, "string")
  return value:sub(1, #start) == start
end

--- Whether a text ends with another.
---
---@param value string
---@param ending string
---@return boolean
function M.ends_with(value, ending)
  kit.expect("text.ends_with", "argument 1", value, "string")
  kit.expect("text.ends_with", "argument 2", ending, "string")
  return ending == "" or value:sub(-#ending) == ending
end

--- Whether a text has another in it.
---
---@param value string
---@param part string
---@return boolean
function M.contains(value, part)
  kit.expect("text.contains", "argument 1", value, "string")
  kit.expect("text.contains", "argument 2", part, "string")
  return value:find(part, 1, true) ~= nil
end

--- Returns a text with another one in the place of each occurrence of a part, and how many there were.
---
---@param value string
---@param part string Plain text, not empty.
---@param replacement string Plain text.
---@return string value
---@return integer count
function M.replace(value, part, replacement)
  kit.expect("text.replace", "argument 1", value, "string")
  kit.expect("text.replace", "argument 2", part, "string")
  kit.expect("text.replace", "argument 3", replacement, "string")
  if part == "" then
    error("text.replace: the part to replace must not be empty", 2)
  end
  local result, count = value:gsub(M.escape_pattern(part), (replacement:gsub("%%", "%%%%")))
  return result, count
end

--- Returns a text as a Lua pattern that matches exactly that text.
---
---@param value string
---@return string
function M.escape_pattern(value)
  kit.expect("text.escape_pattern", "argument 1", value, "string")
  return (value:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"))
end

local function padding(where, value, width, fill)
  kit.expect(where, "argument 1", value, "string", 3)
  kit.expect_whole(where, "argument 2", width, 0, 3)
  fill = fill == nil and " " or fill
  kit.expect(where, "argument 3", fill, "string", 3)
  if length_of(fill) ~= 1 then
    error(where .. ": argument 3 must be one character, but is '" .. fill .. "'", 3)
  end
  return fill:rep(width - length_of(value))
end

--- Returns a text with characters before it, so that it has a width; a longer one stays as it is.
---
---@param value string
---@param width integer Code points.
---@param fill? string One character; a space unless it says otherwise.
---@return string
function M.pad_start(value, width, fill)
  local pad = padding("text.pad_start", value, width, fill)
  return pad .. value
end

--- Returns a text with characters after it, so that it has a width; a longer one stays as it is.
---
---@param value string
---@param width integer Code points.
---@param fill? string One character; a space unless it says otherwise.
---@return string
function M.pad_end(value, width, fill)
  local pad = padding("text.pad_end", value, width, fill)
  return value .. pad
end

--- Returns a text in upper case: Latin, Greek and Cyrillic letters; others stay. `ß` becomes `SS`.
---
---@param value string
---@return string
function M.upper(value)
  kit.expect("text.upper", "argument 1", value, "string")
  return letters.upper(value)
end

--- Returns a text in lower case: Latin, Greek and Cyrillic letters; others stay.
---
---@param value string
---@return string
function M.lower(value)
  kit.expect("text.lower", "argument 1", value, "string")
  return letters.lower(value)
end

--- Returns a text whose words begin with an upper case letter and go on in lower case; a word is what stands between
--- blanks, hyphens and apostrophes: `JEAN-LUC o'neill` becomes `Jean-Luc O'Neill`.
---
---@param value string
---@return string
function M.title(value)
  kit.expect("text.title", "argument 1", value, "string")
  local title = letters.lower(value):gsub("[^%s%-'’]+", function(word)
    local first = word:match("^" .. utf8.charpattern)
    return letters.upper(first) .. word:sub(#first + 1)
  end)
  return title
end

--- Returns a text with the plain forms of Latin letters: `Łódź` becomes `Lodz`, `ß` becomes `ss`. Others stay.
---
---@param value string
---@return string
function M.plain(value)
  kit.expect("text.plain", "argument 1", value, "string")
  return letters.plain(value)
end

for name, fn in pairs(require("refold_text_forms")) do
  M[name] = fn
end

local PHONE_OPTIONS <const> = kit.declare({ "country:string" })

--- Returns a telephone number in E.164, as in `+442079460000`, and its extension; or nil and why it is none.
---
--- Checks the form and the length, not whether the number exists. `country` matters for numbers that do not begin
--- with `+` or `00`: its calling code goes before them, in the place of the digits that are dialled within it only.
---@param value string
---@param opts? { country?: string } `country`: two letters, as in "DE".
---@return string? number
---@return string? extension_or_reason
function M.phone(value, opts)
  kit.expect("text.phone", "argument 1", value, "string")
  local country = kit.options("text.phone", opts, PHONE_OPTIONS).country
  if country and not phones.knows(country) then
    local known = table.concat(phones.countries, " ")
    error(("text.phone: unknown country '%s' (use one of %s)"):format(country, known), 2)
  end
  return phones.number(value, country)
end

return M
