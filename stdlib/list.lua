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
