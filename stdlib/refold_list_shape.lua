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

--- Whether all rows have one key of the same kind, which Lua itself can compare.
local function is_plain(rows, kind)
  for index = 1, #rows do
    local key = rows[index][1]
    if type(key) ~= kind or key ~= key then
      return false
    end
  end
  return true
end

--- Returns the function by which rows are sorted; it tells any two apart, so that the order of equal ones is kept.
local function comparison(rows, count, descending)
  if count == 1 and not descending and (is_plain(rows, "number") or is_plain(rows, "string")) then
    return function(one, other)
      local a, b = one[1], other[1]
      if a == b then
        return one.position < other.position
      end
      return a < b
    end
  end
  return function(one, other)
    for number = 1, count do
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
  end
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
  table.sort(rows, comparison(rows, #selectors, descending))
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
