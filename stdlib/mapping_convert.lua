--- The conversions of `mapping`: each is a function that takes a value that is neither nil, null nor empty text, and
--- returns what it becomes, or nil and what is wrong with it.
local dates = require("refold_dates")

local M = {}

local find <const>, gsub <const>, match <const> = string.find, string.gsub, string.match
local lower <const>, byte <const> = string.lower, string.byte

--- Returns text without blanks around it.
function M.trim(text)
  -- Most text has none: two bytes tell.
  if byte(text, 1) > 32 and byte(text, -1) > 32 then
    return text
  end
  local from = find(text, "%S")
  return from and match(text, "^.*%S", from) or ""
end

-- Text and numbers -------------------------------------------------------------------------------

--- Writes a number without an exponent where it can be, and whole ones without a point.
local function number_text(value)
  local whole = math.tointeger(value)
  if whole then
    return ("%d"):format(whole)
  elseif value ~= value or value == math.huge or value == -math.huge then
    return nil, "is no finite number"
  end
  local text = ("%.15g"):format(value)
  return tonumber(text) == value and text or ("%.17g"):format(value)
end

local function to_text(side)
  local separator = side.separator or ";"
  return function(value)
    local kind = type(value)
    if kind == "string" then
      return value
    elseif kind == "number" then
      return number_text(value)
    elseif kind == "boolean" then
      return tostring(value)
    end
    local parts = {}
    for index = 1, #value do
      parts[index] = tostring(value[index])
    end
    if #parts == 0 and next(value) ~= nil then
      return nil, "is an object, not a text"
    end
    return table.concat(parts, separator)
  end
end

local function decimal_text(value, decimal)
  if decimal == "," then
    value = value:gsub("[%s.']", ""):gsub(",", ".")
  else
    value = value:gsub("[%s,']", "")
  end
  return value
end

local function to_number(side)
  local is_plain = side.decimal ~= ","
  return function(value)
    if type(value) == "number" then
      return value == value and value or nil, "is no number"
    elseif type(value) == "string" then
      if is_plain and find(value, "^%-?%d+%.?%d*$") then
        return tonumber(value)
      end
      local text = decimal_text(value, side.decimal)
      local number = find(text, "^[+-]?%d*%.?%d*$") and tonumber(text)
        or find(text, "^[+-]?%d+%.?%d*[eE][+-]?%d+$") and tonumber(text)
      if number then
        return number
      end
    end
    return nil, "is no number"
  end
end

local function to_integer(side)
  local number_of = to_number(side)
  return function(value)
    local number = number_of(value)
    local whole = number and math.tointeger(number)
    if whole then
      return whole
    end
    return nil, "is no whole number"
  end
end

local BOOLEANS <const> = {
  [true] = true, [1] = true, ["true"] = true, yes = true, y = true, on = true, ["1"] = true,
  [false] = false, [0] = false, ["false"] = false, no = false, n = false, off = false, ["0"] = false,
}

local function to_boolean()
  return function(value)
    local found = BOOLEANS[value]
    if found == nil then
      found = BOOLEANS[lower(tostring(value))]
    end
    if found == nil then
      return nil, "is neither true nor false"
    end
    return found
  end
end

-- Dates ------------------------------------------------------------------------------------------

--- Returns a function that reads a time as the source has it: seconds, thousandths.
local function time_reader(side)
  local divisor = side.from_as == "epoch_ms" and 1000 or 1
  local is_epoch = side.from_as == "epoch" or side.from_as == "epoch_ms"
  local own = side.from_format and dates.format(side.from_format).read
  return function(value)
    if own then
      return own(value)
    elseif type(value) == "number" or (is_epoch and find(tostring(value), "^%-?%d+$")) then
      local number = math.tointeger(tonumber(value)) or math.floor(value)
      return number // divisor, divisor == 1000 and number % 1000 or 0
    end
    return dates.read(value)
  end
end

local WRITERS <const> = {
  date = dates.date,
  datetime = dates.datetime,
  epoch = function(seconds)
    return seconds
  end,
  epoch_ms = function(seconds, thousandths)
    return seconds * 1000 + thousandths
  end,
}

--- Most times come as ISO text and become a date.
local function to_date(side)
  local read, plain_day = time_reader(side), dates.plain_day
  return function(value)
    local day = type(value) == "string" and plain_day(value)
    if day then
      return day
    end
    local seconds = read(value)
    if not seconds then
      return nil, "is no date"
    end
    return dates.date(seconds)
  end
end

local function to_time(side)
  if side.as == "date" and not side.format and not side.from_format then
    return to_date(side)
  end
  local read = time_reader(side)
  local write = side.format and dates.format(side.format).write or WRITERS[side.as]
  return function(value)
    local seconds, thousandths = read(value)
    if not seconds then
      local wanted = side.from_format and " as " .. side.from_format or ""
      return nil, "is no date" .. wanted
    end
    return write(seconds, thousandths)
  end
end

-- Phones and lists -------------------------------------------------------------------------------

--- Reads a phone number that is not plainly `+` and digits; returns it as E.164 writes it.
local function read_phone(text, country)
  if find(text, "%a") then
    return nil, "is no phone number"
  end
  local digits = text:gsub("%(0%)", ""):gsub("[^%d+]", "")
  if find(digits, "^00") then
    return "+" .. digits:sub(3)
  elseif find(digits, "^%+") then
    return digits
  elseif not country then
    return nil, "is a phone number without a country ('country' names it)"
  end
  return "+" .. country .. digits:gsub("^0", "")
end

--- Phone numbers as E.164 writes them: `+442079460101`. A national number needs the country.
local function to_phone(side)
  local country = side.country and side.country:match("%d+")
  return function(value)
    if type(value) == "string" and find(value, "^%+[1-9][%d ]+$") then
      local digits = gsub(value, " ", "")
      if #digits >= 8 and #digits <= 16 then
        return digits
      end
      return nil, "is no phone number"
    end
    local text, problem = read_phone(tostring(value), country)
    if text and find(text, "^%+[1-9]%d%d%d%d%d%d+$") and #text <= 16 then
      return text
    end
    return nil, problem or "is no phone number"
  end
end

--- Splits text at a separator; blanks around the parts go, and so do empty parts.
local function parts_of(text, separator, most)
  local parts, at = refold.array({}), 1
  while true do
    local from, to = find(text, separator, at, true)
    if not from or (most and #parts == most - 1) then
      break
    end
    local part = text:sub(at, from - 1):match("^%s*(.-)%s*$")
    if part ~= "" then
      parts[#parts + 1] = part
    end
    at = to + 1
  end
  local part = text:sub(at):match("^%s*(.-)%s*$")
  if part ~= "" then
    parts[#parts + 1] = part
  end
  return parts
end

local function to_list(side)
  local separator = side.separator or ";"
  return function(value)
    if type(value) == "string" then
      return parts_of(value, separator)
    elseif type(value) == "table" or type(value) == "userdata" then
      return value
    end
    return refold.array({ value })
  end
end

--- Returns a function that splits text into so many parts; the last takes the rest.
function M.splitter(separator, count)
  return function(value)
    if type(value) ~= "string" then
      return nil, "is no text to split"
    end
    return parts_of(value, separator, count)
  end
end

-- Values -----------------------------------------------------------------------------------------

--- Returns a function that replaces values by a table; numbers and booleans are also found by their text.
local function replace(side)
  local values, unknown, otherwise = side.values, side.unknown, side.otherwise
  return function(value)
    local found = values[value]
    if found == nil then
      found = values[tostring(value)]
    end
    if found ~= nil then
      return found
    elseif otherwise ~= nil then
      return otherwise
    elseif unknown == "keep" then
      return value
    elseif unknown == "drop" then
      return nil
    end
    return nil, "is none of the values"
  end
end

--- Returns the first characters of text, whole ones in UTF-8.
local function shorten(side)
  local most = side.most
  return function(value)
    if type(value) ~= "string" or #value <= most then
      return value
    end
    local after = utf8.offset(value, most + 1)
    return after and value:sub(1, after - 1) or value
  end
end

local MAKERS <const> = {
  text = to_text, number = to_number, integer = to_integer, boolean = to_boolean, date = to_time, datetime = to_time,
  epoch = to_time, epoch_ms = to_time, phone = to_phone, list = to_list,
}

--- The names of the types that `as` and `from_as` take, sorted.
M.TYPES = { "boolean", "date", "datetime", "epoch", "epoch_ms", "integer", "list", "number", "phone", "text" }

--- Returns the conversion to the type of a side; nil when it has none.
function M.of_type(side)
  return side.as and MAKERS[side.as](side)
end

--- Returns the conversions that come after the type: replaced values, shortened text.
function M.after_type(side)
  local list = {}
  if side.values then
    list[#list + 1] = replace(side)
  end
  if side.most then
    list[#list + 1] = shorten(side)
  end
  return list
end

return M
