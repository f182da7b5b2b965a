// Generated from stdlib/ by tools/embed-stdlib. Edit the Lua files, then run it again.
// swift-format-ignore-file

extension Stdlib {
  /// The modules that `require` finds. Sorted by name.
  public static let modules: [EmbeddedSource] = [
    EmbeddedSource(name: "list", text: ##"""
--- Working on lists: `local list = require "list"`.
---
--- A *source* is a list (a table with the keys 1 to n, or a view of a JSON array) or an iterator (a function that
--- gives the next value each time, and nil after the last). Sources are never changed. Lists that come out are marked
--- as JSON arrays, so that an empty one is written as `[]`.
---
--- A *selector* is a function `fn(element, index)`, or the name of a field. `refold.null` in a field counts as absent.
--- What a function raises goes to the caller as it is.
local kit = require("refold_kit")

local M = {}

--- Returns a list with what a function makes of each element; nil becomes `refold.null`, so that no hole comes about.
---
---@param source any[]|fun(): any
---@param fn (fun(element: any, index: integer): any)|string
---@return any[]
function M.map(source, fn)
  kit.expect_list("list.map", "argument 1", source)
  fn = kit.selector("list.map", fn)
  local result = refold.array({})
  for index, element in kit.each(source) do
    local value = fn(element, index)
    result[index] = value == nil and refold.null or value
  end
  return result
end

--- Returns a list with what a function makes of each element, without those for which it gives nil.
---
---@param source any[]|fun(): any
---@param fn (fun(element: any, index: integer): any)|string
---@return any[]
function M.filter_map(source, fn)
  kit.expect_list("list.filter_map", "argument 1", source)
  fn = kit.selector("list.filter_map", fn)
  local result, count = refold.array({}), 0
  for index, element in kit.each(source) do
    local value = fn(element, index)
    if value ~= nil then
      count = count + 1
      result[count] = value
    end
  end
  return result
end

--- Returns a list of the elements for which a selector gives neither nil nor false, in their order.
---
---@param source any[]|fun(): any
---@param keeps (fun(element: any, index: integer): any)|string
---@return any[]
function M.filter(source, keeps)
  kit.expect_list("list.filter", "argument 1", source)
  keeps = kit.selector("list.filter", keeps)
  local result, count = refold.array({}), 0
  for index, element in kit.each(source) do
    if keeps(element, index) then
      count = count + 1
      result[count] = element
    end
  end
  return result
end

--- Returns two lists: the elements for which a selector gives neither nil nor false, and the others.
---
---@param source any[]|fun(): any
---@param belongs (fun(element: any, index: integer): any)|string
---@return any[] first
---@return any[] others
function M.partition(source, belongs)
  kit.expect_list("list.partition", "argument 1", source)
  belongs = kit.selector("list.partition", belongs)
  local first, others = refold.array({}), refold.array({})
  for index, element in kit.each(source) do
    local target = belongs(element, index) and first or others
    target[#target + 1] = element
  end
  return first, others
end

--- Returns what a function makes of all elements, one after the other.
---
---@generic T
---@param source any[]|fun(): any
---@param initial T
---@param fn fun(result: T, element: any, index: integer): T
---@return T
function M.reduce(source, initial, fn)
  kit.expect_list("list.reduce", "argument 1", source)
  kit.expect("list.reduce", "argument 3", fn, "function")
  local result = initial
  for index, element in kit.each(source) do
    result = fn(result, element, index)
  end
  return result
end

--- Returns the first element for which a function gives neither nil nor false, with its index; takes no more from an
--- iterator than it needs.
---
---@param source any[]|fun(): any
---@param is fun(element: any, index: integer): any
---@return any? element
---@return integer? index
function M.find(source, is)
  kit.expect_list("list.find", "argument 1", source)
  kit.expect("list.find", "argument 2", is, "function")
  for index, element in kit.each(source) do
    if is(element, index) then
      return element, index
    end
  end
end

--- Returns the index of the first element that equals a value, or nil.
---
---@param source any[]|fun(): any
---@param value any
---@return integer?
function M.index_of(source, value)
  kit.expect_list("list.index_of", "argument 1", source)
  for index, element in kit.each(source) do
    if element == value then
      return index
    end
  end
end

--- Whether a selector gives neither nil nor false for at least one element; false for an empty source.
---
---@param source any[]|fun(): any
---@param is (fun(element: any, index: integer): any)|string
---@return boolean
function M.any(source, is)
  kit.expect_list("list.any", "argument 1", source)
  is = kit.selector("list.any", is)
  for index, element in kit.each(source) do
    if is(element, index) then
      return true
    end
  end
  return false
end

--- Whether a selector gives neither nil nor false for every element; true for an empty source.
---
---@param source any[]|fun(): any
---@param is (fun(element: any, index: integer): any)|string
---@return boolean
function M.all(source, is)
  kit.expect_list("list.all", "argument 1", source)
  is = kit.selector("list.all", is)
  for index, element in kit.each(source) do
    if not is(element, index) then
      return false
    end
  end
  return true
end

--- Returns how many elements there are, or how many a selector takes.
---
---@param source any[]|fun(): any
---@param is? (fun(element: any, index: integer): any)|string
---@return integer
function M.count(source, is)
  kit.expect_list("list.count", "argument 1", source)
  is = is ~= nil and kit.selector("list.count", is)
  local count = 0
  for index, element in kit.each(source) do
    if not is or is(element, index) then
      count = count + 1
    end
  end
  return count
end

--- Groups elements by what a selector gives; the order within a group is that of the source.
---
---@param source any[]|fun(): any
---@param key (fun(element: any, index: integer): any)|string
---@return table<any, any[]> groups
---@return any[] keys The keys of the groups in the order of their first elements.
---@return any[] rest The elements that have no key.
function M.group_by(source, key)
  kit.expect_list("list.group_by", "argument 1", source)
  local of = kit.selector("list.group_by", key)
  local groups, keys, rest = {}, refold.array({}), refold.array({})
  for index, element in kit.each(source) do
    local value = of(element, index)
    local group = rest
    if value ~= nil and value ~= refold.null then
      group = groups[value]
      if not group then
        group = refold.array({})
        groups[value] = group
        keys[#keys + 1] = value
      end
    end
    group[#group + 1] = element
  end
  return groups, keys, rest
end

local INDEX_OPTIONS <const> = kit.declare({ "duplicates:string" })

local function duplicate_key(key, first, second)
  return kit.failure({
    code = "duplicate_key",
    message = ("elements %d and %d have the same key '%s'"):format(first, second, tostring(key)),
    hint = "pass { duplicates = \"first\" } or { duplicates = \"last\" }, or use list.group_by",
  })
end

--- Makes a table that finds elements by what a selector gives.
---
---@param source any[]|fun(): any
---@param key (fun(element: any, index: integer): any)|string
---@param opts? { duplicates?: "error"|"first"|"last" } `duplicates`: which of several elements with one key counts;
--- "error" unless it says otherwise, which raises `duplicate_key`.
---@return table<any, any> by_key
---@return any[] rest The elements that have no key.
function M.index_by(source, key, opts)
  kit.expect_list("list.index_by", "argument 1", source)
  local duplicates = kit.options("list.index_by", opts, INDEX_OPTIONS).duplicates or "error"
  if duplicates ~= "error" and duplicates ~= "first" and duplicates ~= "last" then
    error("list.index_by: 'duplicates' must be 'error', 'first' or 'last', but is '" .. duplicates .. "'", 2)
  end
  local of = kit.selector("list.index_by", key)
  local by_key, seen, rest = {}, {}, refold.array({})
  for index, element in kit.each(source) do
    local value = of(element, index)
    if value == nil or value == refold.null then
      rest[#rest + 1] = element
    elseif not seen[value] or duplicates == "last" then
      seen[value] = index
      by_key[value] = element
    elseif duplicates == "error" then
      error(duplicate_key(value, seen[value], index))
    end
  end
  return by_key, rest
end

--- Returns a list without the elements whose key came before. Elements that have no key are all kept.
---
---@param source any[]|fun(): any
---@param key? (fun(element: any, index: integer): any)|string The element itself unless it says otherwise.
---@return any[]
function M.unique(source, key)
  kit.expect_list("list.unique", "argument 1", source)
  local of = kit.selector("list.unique", key or kit.itself)
  local seen, result = {}, refold.array({})
  for index, element in kit.each(source) do
    local value = of(element, index)
    if value == nil or not seen[value] then
      result[#result + 1] = element
      if value ~= nil then
        seen[value] = true
      end
    end
  end
  return result
end

for name, fn in pairs(require("refold_list_shape")) do
  M[name] = fn
end

return M

"""##),
    EmbeddedSource(name: "refold_kit", text: ##"""
--- What the modules of the standard library share: arguments, options, and failures that print well.
---
--- It is no part of what scripts are promised; its name starts with `refold_` so that no project's module has it.
local M = {}

local INFINITE <const> = math.huge

--- The metatable of tables that are marked as JSON arrays.
M.array_mark = getmetatable(refold.array({}))

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
    return function(element)
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

"""##),
    EmbeddedSource(name: "refold_list_shape", text: ##"""
--- The part of `list` that orders, cuts and joins lists, and sums them up.
local kit = require("refold_kit")

local M = {}

--- Returns a list of all elements: what an iterator gives, or a copy of a list.
---
---@param source any[]|fun(): any
---@return any[]
function M.collect(source)
  kit.expect_list("list.collect", "argument 1", source)
  local result = refold.array({})
  for index, element in kit.each(source) do
    result[index] = element
  end
  return result
end

--- Returns an iterator over lists of up to `size` elements; holds one of them at a time.
---
---@param source any[]|fun(): any
---@param size integer 1 or more.
---@return fun(): any[]?
function M.batches(source, size)
  kit.expect_list("list.batches", "argument 1", source)
  kit.expect_whole("list.batches", "argument 2", size, 1)
  local next_element, state, at = kit.each(source)
  local ended = false
  return function()
    local batch, count = refold.array({}), 0
    while not ended and count < size do
      local element
      at, element = next_element(state, at)
      if at == nil then
        ended = true
      else
        count = count + 1
        batch[count] = element
      end
    end
    return count > 0 and batch or nil
  end
end

--- Returns a list of lists of `size` elements; the last may be shorter.
---
---@param source any[]|fun(): any
---@param size integer 1 or more.
---@return any[][]
function M.chunk(source, size)
  kit.expect_list("list.chunk", "argument 1", source)
  kit.expect_whole("list.chunk", "argument 2", size, 1)
  return M.collect(M.batches(source, size))
end

--- Returns a list of the first `count` elements; takes no more from an iterator.
---
---@param source any[]|fun(): any
---@param count integer 0 or more.
---@return any[]
function M.take(source, count)
  kit.expect_list("list.take", "argument 1", source)
  kit.expect_whole("list.take", "argument 2", count, 0)
  local result = refold.array({})
  if count > 0 then
    for index, element in kit.each(source) do
      result[index] = element
      if index == count then
        break
      end
    end
  end
  return result
end

--- Returns a list without the first `count` elements.
---
---@param source any[]|fun(): any
---@param count integer 0 or more.
---@return any[]
function M.drop(source, count)
  kit.expect_list("list.drop", "argument 1", source)
  kit.expect_whole("list.drop", "argument 2", count, 0)
  local result = refold.array({})
  for index, element in kit.each(source) do
    if index > count then
      result[index - count] = element
    end
  end
  return result
end

--- Returns the elements from the last to the first.
---
---@param source any[]|fun(): any
---@return any[]
function M.reverse(source)
  kit.expect_list("list.reverse", "argument 1", source)
  local result = M.collect(source)
  local low, high = 1, #result
  while low < high do
    result[low], result[high] = result[high], result[low]
    low, high = low + 1, high - 1
  end
  return result
end

--- Returns the elements of several sources, one source after the other.
---
---@param ... any[]|fun(): any
---@return any[]
function M.concat(...)
  local result, count = refold.array({}), 0
  for number = 1, select("#", ...) do
    local source = select(number, ...)
    kit.expect_list("list.concat", "argument " .. number, source)
    for _, element in kit.each(source) do
      count = count + 1
      result[count] = element
    end
  end
  return result
end

--- Whether a value is a list for `flatten`: marked as an array, or with the keys 1 to n, n at least 1.
local function is_list(value)
  if type(value) ~= "table" then
    return false
  end
  return getmetatable(value) == kit.array_mark or value[1] ~= nil
end

local function flatten_into(result, source, depth)
  for _, element in kit.each(source) do
    if depth > 0 and is_list(element) then
      flatten_into(result, element, depth - 1)
    else
      result[#result + 1] = element
    end
  end
end

--- Puts the elements of lists that are elements in their place; objects stay as they are.
---
---@param source any[]|fun(): any
---@param depth? integer How many levels of lists are opened; 1 unless it says otherwise.
---@return any[]
function M.flatten(source, depth)
  kit.expect_list("list.flatten", "argument 1", source)
  kit.expect_whole("list.flatten", "argument 2", depth or 1, 0)
  local result = refold.array({})
  flatten_into(result, source, depth or 1)
  return result
end

local ZIP_OPTIONS <const> = kit.declare({ "shortest:boolean" })

--- Returns a list of pairs `{ first[i], second[i] }`.
---
---@param first any[]|fun(): any
---@param second any[]|fun(): any
---@param opts? { shortest?: boolean } `shortest`: end with the shorter one; else different lengths raise
--- `different_lengths`.
---@return any[][]
function M.zip(first, second, opts)
  kit.expect_list("list.zip", "argument 1", first)
  kit.expect_list("list.zip", "argument 2", second)
  local shortest = kit.options("list.zip", opts, ZIP_OPTIONS).shortest
  local ones, others = M.collect(first), M.collect(second)
  if #ones ~= #others and not shortest then
    error(kit.failure({
      code = "different_lengths",
      message = ("the lists to zip have %d and %d elements"):format(#ones, #others),
      hint = "make them equally long, or pass { shortest = true }",
    }))
  end
  local result = refold.array({})
  for index = 1, math.min(#ones, #others) do
    result[index] = refold.array({ ones[index], others[index] })
  end
  return result
end

--- Returns the numbers from one to another, both included when a step hits the last.
---
---@param from number
---@param to number
---@param step? number 1 unless it says otherwise; not 0.
---@return number[]
function M.range(from, to, step)
  step = step == nil and 1 or step
  kit.expect("list.range", "argument 1", from, "number")
  kit.expect("list.range", "argument 2", to, "number")
  kit.expect("list.range", "argument 3", step, "number")
  if step == 0 then
    error("list.range: the step must not be 0", 2)
  end
  local result, count = refold.array({}), 0
  for number = from, to, step do
    count = count + 1
    result[count] = number
  end
  return result
end

--- Returns the keys of a table, sorted: numbers first, then texts.
---
---@param source table<string|number, any>
---@return (string|number)[]
function M.keys(source)
  if type(source) ~= "table" then
    kit.expect("list.keys", "argument 1", source, "table")
  end
  local result = refold.array({})
  for key in pairs(source) do
    result[#result + 1] = key
  end
  table.sort(result, kit.before)
  return result
end

local SORT_OPTIONS <const> = kit.declare({ "descending:boolean" })

--- Gives each element its keys: `{ position, element, key, key… }`, so that selectors are called once an element.
local function with_keys(source, selectors)
  local rows = {}
  for index, element in kit.each(source) do
    local row = { position = index, element = element }
    for number, of in ipairs(selectors) do
      row[number] = of(element, index)
    end
    rows[index] = row
  end
  return rows
end

--- Returns the elements in the order of a key, or of several: the next one counts where the one before is the same.
---
--- Numbers come before texts, texts in the order of their bytes, and elements without a key last, in both directions.
--- Elements with equal keys keep the order of the source.
---@param source any[]|fun(): any
---@param key (fun(element: any, index: integer): any)|string|((fun(element: any, index: integer): any)|string)[]
---@param opts? { descending?: boolean }
---@return any[]
function M.sort_by(source, key, opts)
  kit.expect_list("list.sort_by", "argument 1", source)
  local descending = kit.options("list.sort_by", opts, SORT_OPTIONS).descending
  local selectors = {}
  for number, part in ipairs(type(key) == "table" and key or { key == nil and kit.itself or key }) do
    selectors[number] = kit.selector("list.sort_by", part)
  end
  local rows = with_keys(source, selectors)
  table.sort(rows, function(one, other)
    for number = 1, #selectors do
      local a, b = one[number], other[number]
      if a ~= b then
        local absent_a, absent_b = kit.is_absent(a), kit.is_absent(b)
        if absent_a ~= absent_b then
          return absent_b
        elseif not absent_a then
          if descending then
            a, b = b, a
          end
          return kit.before(a, b)
        end
      end
    end
    return one.position < other.position
  end)
  local result = refold.array({})
  for index, row in ipairs(rows) do
    result[index] = row.element
  end
  return result
end

--- Returns the sum of numbers; 0 for an empty source. Integers stay integers.
---
---@param source any[]|fun(): any
---@param number? (fun(element: any, index: integer): number?)|string Elements for which it gives nil do not count.
---@return number # Raises `not_a_number` with the index.
function M.sum(source, number)
  kit.expect_list("list.sum", "argument 1", source)
  local of = kit.selector("list.sum", number == nil and kit.itself or number)
  local sum = 0
  for index, element in kit.each(source) do
    local value = of(element, index)
    if type(value) == "number" then
      sum = sum + value
    elseif value ~= nil then
      local shown = type(value) == "string" and " ('" .. value:sub(1, 40) .. "')" or ""
      error(kit.failure({
        code = "not_a_number",
        message = ("element %d of a sum is %s%s, not a number"):format(index, kit.article(kit.kind(value)), shown),
        hint = "pass a function that gives the number, as in function(element) return tonumber(element.amount) end",
      }))
    end
  end
  return sum
end

local function extreme(source, of, wins)
  local best, best_key
  for index, element in kit.each(source) do
    local key = of(element, index)
    if not kit.is_absent(key) and (best_key == nil or wins(key, best_key)) then
      best, best_key = element, key
    end
  end
  return best, best_key
end

--- Returns the first element with the smallest key, and the key; nil when no element has one.
---
---@param source any[]|fun(): any
---@param key? (fun(element: any, index: integer): number|string?)|string The element itself unless it says otherwise.
---@return any? element
---@return number|string? key
function M.min(source, key)
  kit.expect_list("list.min", "argument 1", source)
  local of = kit.selector("list.min", key == nil and kit.itself or key)
  return extreme(source, of, kit.before)
end

--- Returns the first element with the largest key, and the key; nil when no element has one.
---
---@param source any[]|fun(): any
---@param key? (fun(element: any, index: integer): number|string?)|string The element itself unless it says otherwise.
---@return any? element
---@return number|string? key
function M.max(source, key)
  kit.expect_list("list.max", "argument 1", source)
  local of = kit.selector("list.max", key == nil and kit.itself or key)
  return extreme(source, of, function(one, other)
    return kit.before(other, one)
  end)
end

return M

"""##),
  ]
}
