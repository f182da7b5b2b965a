--- Comparing field values that apps keep as text, and may mean as numbers.
local search = {}

local function comparable(left, right)
  local left_number, right_number = tonumber(left), tonumber(right)
  if left_number and right_number then
    return left_number, right_number
  end
  return tostring(left):lower(), tostring(right):lower()
end

local function contains_token(text, token)
  local pattern = token:lower():gsub("[^%w*]", "%%%0"):gsub("%*", ".*")
  return (" " .. tostring(text):lower() .. " "):find("%f[%w]" .. pattern .. "%f[%W]") ~= nil
end

--- Whether two values are the same, as numbers when both are, else as text without case.
function search.equal(left, right)
  left, right = comparable(left, right)
  return left == right
end

--- Whether the first value is the smaller one, as numbers when both are, else as text without case.
function search.less(left, right)
  left, right = comparable(left, right)
  return left < right
end

--- The operators of HubSpot's search: `function(actual, wanted)`; `actual` is nil when the field is empty.
search.operators = {
  EQ = function(actual, wanted)
    return actual ~= nil and tostring(actual):lower() == wanted:lower()
  end,
  NEQ = function(actual, wanted)
    return actual ~= nil and tostring(actual):lower() ~= wanted:lower()
  end,
  LT = function(actual, wanted)
    return actual ~= nil and search.less(actual, wanted)
  end,
  LTE = function(actual, wanted)
    return actual ~= nil and not search.less(wanted, actual)
  end,
  GT = function(actual, wanted)
    return actual ~= nil and search.less(wanted, actual)
  end,
  GTE = function(actual, wanted)
    return actual ~= nil and not search.less(actual, wanted)
  end,
  CONTAINS_TOKEN = function(actual, wanted)
    return actual ~= nil and contains_token(actual, wanted)
  end,
  NOT_CONTAINS_TOKEN = function(actual, wanted)
    return actual ~= nil and not contains_token(actual, wanted)
  end,
  HAS_PROPERTY = function(actual)
    return actual ~= nil
  end,
  NOT_HAS_PROPERTY = function(actual)
    return actual == nil
  end,
  IN = function(actual, wanted)
    for item in wanted:gmatch("[^;,]+") do
      if actual ~= nil and tostring(actual):lower() == item:match("^%s*(.-)%s*$"):lower() then
        return true
      end
    end
    return false
  end,
  NOT_IN = function(actual, wanted)
    return actual ~= nil and not search.operators.IN(actual, wanted)
  end,
}

return search
