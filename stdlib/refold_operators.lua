--- The operators of `rules`: each makes a function of a rule's value, which takes what the record holds.
---
--- Two values are compared inside one domain: numbers with numbers (a text that is written as a number is one), then
--- booleans with booleans (the texts "true" and "false" are such beside a boolean), then texts with texts. Values of
--- different domains are never equal.
local decimal = require("refold_decimal")
local kit = require("refold_kit")
local letters = require("refold_letters")

local M = {}

local null <const> = refold.null
local number_of <const>, compare <const> = decimal.of, decimal.compare

local BOOLEANS <const> = { ["true"] = true, ["false"] = false }

--- Whether two values are the same in one domain.
local function equal(one, other)
  if one == nil or other == nil then
    return false
  elseif type(one) == "boolean" or type(other) == "boolean" then
    local a, b = one, other
    if type(a) == "string" then
      a = BOOLEANS[a]
    end
    if type(b) == "string" then
      b = BOOLEANS[b]
    end
    return type(a) == "boolean" and a == b
  end
  local a, b = number_of(one), number_of(other)
  if a and b then
    return compare(a, b) == 0
  elseif a or b then
    return false
  end
  return one == other
end
M.equal = equal

--- Returns the text of a value for the operators of texts; nil for null, tables and nothing.
local function text_of(value)
  local kind = type(value)
  if kind == "string" then
    return value
  elseif kind == "number" then
    return math.tointeger(value) and tostring(math.tointeger(value)) or ("%.14g"):format(value)
  elseif kind == "boolean" then
    return tostring(value)
  end
end

local function is_list(value)
  return type(value) == "table"
end

--- Returns a function that negates another.
local function negated(fn)
  return function(value)
    return not fn(value)
  end
end

local make <const> = {}

function make.eq(wanted)
  return function(value)
    return equal(value, wanted)
  end
end

--- Makes one of the operators that order numbers; they are false beside anything else.
local function ordering(decides)
  return function(bound)
    local limit = number_of(bound)
    return function(value)
      local number = number_of(value)
      if not number or not limit then
        return false
      end
      return decides(compare(number, limit))
    end
  end
end

make.gt = ordering(function(order)
  return order > 0
end)
make.gte = ordering(function(order)
  return order >= 0
end)
make.lt = ordering(function(order)
  return order < 0
end)
make.lte = ordering(function(order)
  return order <= 0
end)

--- Turns a piece of a LIKE pattern into a Lua pattern: `_` is one character, a backslash takes the next one as it is.
local function like_piece(piece)
  local out, at = {}, 1
  while at <= #piece do
    local char = piece:match("^\\?" .. utf8.charpattern, at)
    at = at + #char
    if char == "_" then
      out[#out + 1] = utf8.charpattern
    else
      local literal = #char > 1 and char:byte() == 92 and char:sub(2) or char
      out[#out + 1] = literal:gsub("%p", "%%%0")
    end
  end
  return table.concat(out)
end

--- Cuts a LIKE pattern at each `%` that has no backslash before it.
local function like_pieces(pattern)
  local pieces, piece, at = {}, "", 1
  while at <= #pattern do
    local char = pattern:sub(at, at)
    if char == "\\" then
      piece = piece .. pattern:sub(at, at + 1)
      at = at + 2
    else
      if char == "%" then
        pieces[#pieces + 1] = piece
        piece = ""
      else
        piece = piece .. char
      end
      at = at + 1
    end
  end
  pieces[#pieces + 1] = piece
  return pieces
end

function make.like(pattern)
  local pieces = like_pieces(letters.lower(text_of(pattern) or ""))
  local count = #pieces
  for index, piece in ipairs(pieces) do
    pieces[index] = (index == 1 and "^" or "") .. like_piece(piece) .. (index == count and "$" or "")
  end
  return function(value)
    local text = text_of(value)
    if not text then
      return false
    end
    text = letters.lower(text)
    -- Each piece is found as early as can be, so no text takes long.
    local at = 1
    for index = 1, count do
      local _, last = text:find(pieces[index], at)
      if not last then
        return false
      end
      at = last + 1
    end
    return true
  end
end

function make.contains(part)
  local wanted = text_of(part)
  return function(value)
    if is_list(value) then
      for _, element in ipairs(value) do
        if equal(element, part) then
          return true
        end
      end
      return false
    end
    local text = text_of(value)
    return text ~= nil and wanted ~= nil and text:find(wanted, 1, true) ~= nil
  end
end

function make.included_in(list)
  return function(value)
    for _, element in ipairs(list) do
      if equal(value, element) then
        return true
      end
    end
    return false
  end
end

function make.is_null()
  return function(value)
    return value == null
  end
end

function make.exist()
  return function(value)
    return value ~= nil and value ~= null and value ~= ""
  end
end

function make.starts_with(start)
  local wanted = text_of(start)
  return function(value)
    local text = text_of(value)
    return text ~= nil and wanted ~= nil and text:sub(1, #wanted) == wanted
  end
end

function make.ends_with(ending)
  local wanted = text_of(ending)
  return function(value)
    local text = text_of(value)
    return text ~= nil and wanted ~= nil and (wanted == "" or text:sub(-#wanted) == wanted)
  end
end

for name, opposite in pairs({
  neq = "eq", not_contains = "contains", not_included_in = "included_in", not_null = "is_null", not_exist = "exist",
}) do
  make[name] = function(value)
    return negated(make[opposite](value))
  end
end

M.make = make

--- The names of the operators, in the order of the documents.
M.names = {
  "eq", "neq", "gt", "gte", "lt", "lte", "like", "contains", "not_contains", "included_in", "not_included_in",
  "is_null", "not_null", "exist", "not_exist", "starts_with", "ends_with",
}

local WITHOUT_VALUE <const> = { is_null = true, not_null = true, exist = true, not_exist = true }
local LISTS <const> = { included_in = true, not_included_in = true }

--- Returns what is wrong with the value of a rule, or nil.
---
---@param operator string
---@param value any
---@return string?
function M.mistake(operator, value)
  if WITHOUT_VALUE[operator] then
    return nil
  elseif value == nil then
    return "'" .. operator .. "' needs a value"
  elseif LISTS[operator] then
    return not is_list(value) and "'" .. operator .. "' needs a list, but has " .. kit.article(kit.kind(value)) or nil
  elseif is_list(value) then
    return "'" .. operator .. "' takes one value, but has a table"
  end
end

return M
