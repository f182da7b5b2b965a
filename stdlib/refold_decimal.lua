--- Numbers as `rules` compares them: exactly, whether they are numbers or texts of any length.
local M = {}

local math_type <const> = math.type

--- Largest count of digits that a float holds exactly.
local EXACT <const> = 15

--- Whether a text is a number as people and systems write one: no leading zeros, no blanks, no exponent.
---
---@param text string
---@return boolean
function M.is_number(text)
  local digits, fraction = text:match("^%-?(%d+)(.*)$")
  if not digits or (#digits > 1 and digits:byte() == 48) then
    return false
  end
  return fraction == "" or fraction:find("^%.%d+$") ~= nil
end

--- Returns a number for comparing: a Lua number where that is exact, else its text; nil when a value is no number.
---
---@param value any
---@return number|string|nil
function M.of(value)
  local kind = math_type(value)
  if kind == "integer" then
    return value
  elseif kind == "float" then
    return value == value and value or nil
  elseif type(value) ~= "string" or not M.is_number(value) then
    return nil
  elseif #value <= EXACT then
    return tonumber(value)
  end
  return math.tointeger(value) or value
end

--- Returns the shortest decimal text that reads back as a float, without an exponent.
local function float_text(number)
  if math.tointeger(number) then
    return tostring(math.tointeger(number))
  end
  for precision = 15, 17 do
    local text = ("%%.%dg"):format(precision):format(number)
    if tonumber(text) == number then
      local sign, digits, exponent = text:match("^(%-?)([%d.]+)e([+-]%d+)$")
      if not exponent then
        return text
      elseif number > 1 or number < -1 then
        return ("%.0f"):format(number)
      end
      return sign .. "0." .. ("0"):rep(-math.tointeger(exponent) - 1) .. digits:gsub("%.", "")
    end
  end
end

--- Takes a number apart: its sign, the digits before the point and those behind it without zeros at the end.
local function parts_of(number)
  local text = number
  if math_type(number) == "integer" then
    text = tostring(number)
  elseif math_type(number) == "float" then
    text = float_text(number)
  end
  local sign, whole, fraction = text:match("^(%-?)(%d+)%.?(%d*)$")
  fraction = fraction:gsub("0+$", "")
  local negative = sign == "-" and (whole:find("[1-9]") or fraction ~= "") and true or false
  return negative, whole, fraction
end

--- Compares two numbers of `of`: below 0 when the first is smaller, 0 when they are the same, else above 0.
---
---@param one number|string
---@param other number|string
---@return integer
function M.compare(one, other)
  if type(one) == "number" and type(other) == "number" then
    return one < other and -1 or one > other and 1 or 0
  end
  for index, number in ipairs({ one, other }) do
    if number == math.huge or number == -math.huge then
      return (number > 0) == (index == 1) and 1 or -1
    end
  end
  local negative, whole, fraction = parts_of(one)
  local other_negative, other_whole, other_fraction = parts_of(other)
  if negative ~= other_negative then
    return negative and -1 or 1
  end
  local order = 0
  if #whole ~= #other_whole then
    order = #whole < #other_whole and -1 or 1
  elseif whole ~= other_whole then
    order = whole < other_whole and -1 or 1
  elseif fraction ~= other_fraction then
    order = fraction < other_fraction and -1 or 1
  end
  return negative and -order or order
end

return M
