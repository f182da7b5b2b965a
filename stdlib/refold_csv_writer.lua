--- How `csv` writes.
local json = require("json")
local kit = require("refold_kit")

local M = {}

local find <const> = string.find

--- Returns the text of a value in a field.
local function field_text(value, settings, row, column)
  local kind = type(value)
  if kind == "string" then
    if settings.escape and find(value, "^[=+@\t\r-]") and not tonumber(value) then
      value = "'" .. value
    end
  elseif value == nil or value == refold.null then
    value = ""
  elseif kind == "boolean" then
    value = tostring(value)
  elseif kind == "number" and value == value and value ~= math.huge and value ~= -math.huge then
    value = json.encode(value)
  else
    local is = kind == "number" and tostring(value) or kit.article(kit.kind(value))
    error(kit.failure({
      code = "value",
      message = ("row %d, column '%s': %s has no text in CSV"):format(row, column, is),
      hint = "make it a text first, with json.encode or one of its fields",
    }))
  end
  if settings.all or find(value, settings.special) then
    return '"' .. value:gsub('"', '""') .. '"'
  end
  return value
end

local function record(values, count, settings, row, columns)
  local fields = {}
  for index = 1, count do
    fields[index] = field_text(values[index], settings, row, columns and columns[index] or index)
  end
  -- A lone empty field would read back as an empty line.
  if count == 1 and fields[1] == "" then
    return '""'
  end
  return table.concat(fields, settings.separator)
end

--- Returns the columns of rows that have names: all that occur, sorted.
local function columns_of(rows)
  local seen, columns = {}, {}
  for _, row in ipairs(rows) do
    for name in pairs(row) do
      if not seen[name] then
        seen[name] = true
        columns[#columns + 1] = name
      end
    end
  end
  table.sort(columns, kit.before)
  return columns
end

local function check_names(row, number, known, columns)
  for name in pairs(row) do
    if not known[name] then
      error(kit.failure({
        code = "unknown_column",
        message = ("row %d has a field '%s', which is no column"):format(number, tostring(name)),
        hint = kit.suggest(name, columns) .. ", or leave 'columns' out for all of them",
      }))
    end
  end
end

local function named_rows(out, rows, columns, settings)
  local known = {}
  for _, name in ipairs(columns) do
    known[name] = true
  end
  if settings.header then
    out[1] = record(columns, #columns, settings, 0)
  end
  for number, row in ipairs(rows) do
    check_names(row, number, known, columns)
    local values = {}
    for index, name in ipairs(columns) do
      values[index] = row[name]
    end
    out[#out + 1] = record(values, #columns, settings, number, columns)
  end
end

--- Returns rows as CSV.
---
---@param rows table[]
---@param settings table What `csv` makes of its options.
---@return string
function M.encode(rows, settings)
  local out = {}
  local lists = rows[1] ~= nil and rows[1][1] ~= nil
  if lists then
    if settings.columns and settings.header then
      out[1] = record(settings.columns, #settings.columns, settings, 0)
    end
    for number, row in ipairs(rows) do
      out[#out + 1] = record(row, #row, settings, number)
    end
  else
    named_rows(out, rows, settings.columns or columns_of(rows), settings)
  end
  if #out == 0 or (#out == 1 and out[1] == "") then
    return ""
  end
  out[#out + 1] = ""
  return (settings.bom and "\xEF\xBB\xBF" or "") .. table.concat(out, settings.newline)
end

return M
