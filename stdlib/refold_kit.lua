--- What the modules of the standard library share: arguments, options, and failures that print well.
---
--- It is no part of what scripts are promised; its name starts with `refold_` so that no project's module has it.
local M = {}

local INFINITE <const> = math.huge

--- The metatable of tables that are marked as JSON arrays.
M.array_mark = getmetatable(refold.array({}))
--- The metatable of tables that are marked as JSON objects.
M.object_mark = getmetatable(refold.object({}))

--- The metatable of failures: `tostring` gives the message, and the hint below it.
local Failure = { __name = "failure" }

function Failure.__tostring(failure)
  local hint = failure.hint and "\n  fix: " .. failure.hint or ""
  return tostring(failure.message) .. hint
end

--- Returns a failure to raise with `error`.
---
---@param fields { code: string, message: string, hint?: string, [string]: any }
---@return table failure The same table.
function M.failure(fields)
  return setmetatable(fields, Failure)
end

--- Returns the number of code points of a text; raises `encoding`.
---
---@param value string
---@return integer
function M.length(value)
  local length, bad = utf8.len(value)
  if not length then
    error(M.failure({
      code = "encoding",
      message = ("text is not UTF-8: byte %d is wrong"):format(bad),
      hint = "decode the text before it gets here",
    }))
  end
  return length
end

--- Names the kind of a value as messages call it: `null`, `integer`, `view`, or the name of its type.
---
---@param value any
---@return string
function M.kind(value)
  local kind = type(value)
  if kind == "number" then
    return math.type(value) == "integer" and "integer" or "number"
  elseif kind == "userdata" then
    return value == refold.null and "null" or "view"
  end
  return kind
end

--- Whether a value stands for what an app will answer, in a plan.
---
---@param value any
---@return boolean
function M.is_planned(value)
  return getmetatable(value) == "value known after apply"
end

--- Puts quotes around names and joins them: `'a', 'b' or 'c'`.
---
---@param names string[]
---@param word? string What stands before the last; "or" unless it says otherwise.
---@return string
function M.alternatives(names, word)
  local quoted = {}
  for index, name in ipairs(names) do
    quoted[index] = "'" .. name .. "'"
  end
  if #quoted < 2 then
    return quoted[1] or ""
  end
  local last = table.remove(quoted)
  return table.concat(quoted, ", ") .. " " .. (word or "or") .. " " .. last
end

--- Whether a list has a value.
---
---@param list any[]
---@param value any
---@return boolean
function M.contains(list, value)
  for _, element in ipairs(list) do
    if element == value then
      return true
    end
  end
  return false
end

--- Returns the number of edits (insert, delete, replace, swap of neighbours) between two texts, counted in bytes.
local function distance(one, other)
  local before, previous = {}, {}
  for column = 0, #other do
    previous[column] = column
  end
  for row = 1, #one do
    local current = { [0] = row }
    for column = 1, #other do
      local same = one:byte(row) == other:byte(column)
      local cost = math.min(previous[column - 1] + (same and 0 or 1), previous[column] + 1, current[column - 1] + 1)
      if row > 1 and column > 1 and one:sub(row - 1, row):reverse() == other:sub(column - 1, column) then
        cost = math.min(cost, before[column - 2] + 1)
      end
      current[column] = cost
    end
    before, previous = previous, current
  end
  return previous[#other]
end

--- Returns the name that somebody probably meant, or nil. The rule is that of the host: one edit in up to five
--- characters, two in up to eight, three beyond; of equally near ones the first in alphabetical order.
---
---@param name string
---@param names string[]
---@return string?
function M.nearest(name, names)
  if #name == 0 or #name > 200 then
    return nil
  end
  local limit = #name <= 5 and 1 or #name <= 8 and 2 or 3
  local best, best_distance = nil, INFINITE
  for _, candidate in ipairs(names) do
    if math.abs(#candidate - #name) <= limit then
      local edits = distance(name:lower(), candidate:lower())
      if edits <= limit and edits < math.max(#name, #candidate) then
        if edits < best_distance or (edits == best_distance and candidate < best) then
          best, best_distance = candidate, edits
        end
      end
    end
  end
  return best
end

--- Says what to use instead of an unknown name: the nearest of many names, or all of a few.
---
---@param name any
---@param names string[]
---@return string # `use 'limit' or 'cursor'`, or `did you mean 'limit'?`
function M.suggest(name, names)
  if #names > 6 then
    local near = M.nearest(tostring(name), names)
    if near then
      return "did you mean '" .. near .. "'?"
    end
  end
  return "use " .. M.alternatives(names)
end

--- Declares the options of a function, once: `kit.declare({ "limit:integer", "key:string|function" })`.
---
---@param texts string[] Names with their types: string, number, integer, boolean, function, table or any.
---@return { names: string[], types: table<string, table<string, boolean>>, shown: table<string, string> }
function M.declare(texts)
  local declared = { names = {}, types = {}, shown = {} }
  for index, text in ipairs(texts) do
    local name, types = text:match("^([%w_]+):(.+)$")
    local set, list = {}, {}
    for kind in types:gmatch("[^|]+") do
      set[kind] = true
      list[#list + 1] = kind
    end
    declared.names[index] = name
    declared.types[name] = set
    declared.shown[name] = table.concat(list, " or ")
  end
  return declared
end

local NONE <const> = {}

local function fits(value, types)
  local kind = M.kind(value)
  return types[kind] or types.any or (kind == "integer" and types.number)
    or (kind == "number" and types.integer and value % 1 == 0)
end

--- Returns the options of a call, an empty table when it has none; raises text at the line of whoever called the
--- function that calls this.
---
---@param where string The function, as in `list.chunk`.
---@param opts? table
---@param declared table What `declare` gave.
---@param level? integer How many functions lie between the caller and this one; 2 unless it says otherwise.
---@return table
function M.options(where, opts, declared, level)
  if opts == nil then
    return NONE
  end
  level = (level or 2) + 1
  if type(opts) ~= "table" then
    error(where .. ": the options must be a table, but are " .. M.article(M.kind(opts)), level)
  end
  for name, value in pairs(opts) do
    local types = declared.types[name]
    if not types then
      error(("%s: unknown option '%s' (%s)"):format(where, tostring(name), M.suggest(name, declared.names)), level)
    end
    if not fits(value, types) then
      local wanted, kind = declared.shown[name], M.article(M.kind(value))
      error(("%s: option '%s' must be %s, but is %s"):format(where, name, M.article(wanted), kind), level)
    end
  end
  return opts
end

--- Returns a kind with its article: `a string`, `an integer`, `nil`.
function M.article(kind)
  if kind == "nil" or kind == "null" or kind == "any" then
    return kind
  end
  return (kind:find("^[aeiou]") and "an " or "a ") .. kind
end

--- Raises text at the line of the caller's caller unless an argument has the type.
---
---@param where string
---@param name string What the argument is called.
---@param value any
---@param kind "string"|"number"|"integer"|"boolean"|"function"|"table"
---@param level? integer As of `options`.
function M.expect(where, name, value, kind, level)
  local is = M.kind(value)
  if is ~= kind and not (kind == "number" and is == "integer") then
    error(("%s: %s must be %s, but is %s"):format(where, name, M.article(kind), M.article(is)), (level or 2) + 1)
  end
end

--- Raises text at the line of the caller's caller unless an argument is a whole number, and not too small.
---
---@param where string
---@param name string
---@param value any
---@param least integer
---@param level? integer As of `options`.
function M.expect_whole(where, name, value, least, level)
  if math.type(value) ~= "integer" or value < least then
    local is = math.type(value) == "integer" and tostring(value) or M.article(M.kind(value))
    error(("%s: %s must be an integer of at least %d, but is %s"):format(where, name, least, is), (level or 2) + 1)
  end
end

--- Whether a key orders nothing: nil, null or NaN.
function M.is_absent(key)
  return key == nil or key == refold.null or key ~= key
end

local RANKS <const> = { number = 1, string = 2, boolean = 3 }

--- Whether a key comes before another: numbers, then texts by their bytes, then false and true, then the rest.
function M.before(one, other)
  local rank, other_rank = RANKS[type(one)] or 4, RANKS[type(other)] or 4
  if rank ~= other_rank then
    return rank < other_rank
  elseif rank <= 2 then
    return one < other
  elseif rank == 3 then
    return not one and other
  end
  return tostring(one) < tostring(other)
end

--- Raises text at the line of the caller's caller unless an argument is a list or an iterator.
---
--- A list is a table without other keys than 1 to n, or a view of an array; an iterator is a function that gives
--- the next value each time, and nil after the last.
---@param where string
---@param name string
---@param value any
---@param level? integer As of `options`.
function M.expect_list(where, name, value, level)
  local kind = M.kind(value)
  if kind == "function" or kind == "view" or (kind == "table" and (#value > 0 or next(value) == nil)) then
    return
  end
  local is = kind == "table" and "a table with names" or M.article(kind)
  error(("%s: %s must be a list or an iterator, but is %s"):format(where, name, is), (level or 2) + 1)
end

--- Goes over a list or an iterator: `for index, value in kit.each(source)`.
---
---@param source table|function
---@return function, any, any
function M.each(source)
  if type(source) ~= "function" then
    return ipairs(source)
  end
  local index = 0
  return function()
    local value = source()
    if value ~= nil then
      index = index + 1
      return index, value
    end
  end
end

--- Returns the element itself: the selector of those who want none.
function M.itself(element)
  return element
end

--- Returns the function of a selector: a function is one, and a text is the name of a field, where null is absent.
---
---@param where string
---@param selector function|string
---@param level? integer As of `options`.
---@return fun(element: any, index: integer): any
function M.selector(where, selector, level)
  if type(selector) == "function" then
    return selector
  elseif type(selector) == "string" then
    return function(element, index)
      local kind = type(element)
      if kind ~= "table" and (kind ~= "userdata" or element == refold.null) then
        error(M.failure({
          code = "no_field",
          message = ("element %d is %s, which has no field '%s'"):format(index, M.article(M.kind(element)), selector),
          hint = "pass a function instead of the name, or leave such elements out first",
        }))
      end
      local value = element[selector]
      if value ~= refold.null then
        return value
      end
    end
  end
  local is = M.article(M.kind(selector))
  error(where .. ": the selector must be a function or the name of a field, but is " .. is, (level or 2) + 1)
end

--- Returns a path with a key added: `$.lines[3].qty`, `$["first name"]`.
---
---@param path string
---@param key any
---@return string
function M.path(path, key)
  if type(key) == "string" then
    if key:find("^[%a_][%w_]*$") then
      return path .. "." .. key
    end
    return path .. '["' .. key:gsub('[\\"]', "\\%0"):gsub("%c", function(char)
      return ("\\x%02x"):format(char:byte())
    end) .. '"]'
  end
  return path .. "[" .. tostring(key) .. "]"
end

return M
