--- Writes the Lua function of one direction of a mapping, and compiles it. For `mapping`.
---
--- Every text that comes from the mapping is written with `%q`; all other values reach the function through tables.
local convert = require("mapping_convert")
local kit = require("refold_kit")
local paths = require("refold_paths")

local M = {}

--- A Lua function has 200 local variables at most; some are needed for other things.
local MOST_TABLES <const> = 180

--- What the generated function gets, beside its own tables C (functions) and K (values).
local HEADER <const> = [[
local null, type, lower, upper, trim, add, fail, misuse, EMPTY, C, K = ...
return function(record)
if type(record) ~= 'table' and (type(record) ~= 'userdata' or record == null) then misuse(record) end
]]

---@class mapping.Writer
---@field lines string[]
---@field functions function[] C of the generated code.
---@field values any[] K of the generated code.
---@field parents table<string, string> The variables of the tables that are read, by their paths.
---@field outputs table<string, string> The variables of the tables that are written, by their paths.
---@field tables integer

local function emit(writer, text, ...)
  writer.lines[#writer.lines + 1] = select("#", ...) > 0 and text:format(...) or text
end

local function quoted(key)
  return ("%q"):format(key)
end

local function path_text(keys, count)
  local parts = {}
  for index = 1, count do
    parts[index] = quoted(keys[index])
  end
  return table.concat(parts, ".")
end

local function function_of(writer, fn)
  writer.functions[#writer.functions + 1] = fn
  return ("C[%d]"):format(#writer.functions)
end

local function value_of(writer, value)
  writer.values[#writer.values + 1] = value
  return ("K[%d]"):format(#writer.values)
end

local function new_table(writer, prefix)
  writer.tables = writer.tables + 1
  if writer.tables > MOST_TABLES then
    error(kit.failure({
      code = "bad_mapping",
      message = ("mapping: more than %d different tables within the records are used"):format(MOST_TABLES),
      hint = "divide it into several mappings",
    }), 0)
  end
  return prefix .. writer.tables
end

-- Reading ----------------------------------------------------------------------------------------

--- Returns the variable of the table that holds the last key; what is no table is an empty one.
local function parent_of(writer, keys, count)
  if count == 0 then
    return "record"
  end
  local path = path_text(keys, count)
  local variable = writer.parents[path]
  if not variable then
    local above = parent_of(writer, keys, count - 1)
    variable = new_table(writer, "p")
    writer.parents[path] = variable
    emit(writer, "local %s = %s[%s]", variable, above, quoted(keys[count]))
    emit(writer, "if %s == null or (type(%s) ~= 'table' and type(%s) ~= 'userdata') then %s = EMPTY end",
      variable, variable, variable, variable)
  end
  return variable
end

local function reading(writer, path)
  local keys = paths.keys(path)
  return ("%s[%s]"):format(parent_of(writer, keys, #keys - 1), quoted(keys[#keys]))
end

local function joiner(separator)
  return function(...)
    local parts = {}
    for index = 1, select("#", ...) do
      local part = select(index, ...)
      if part ~= nil and part ~= refold.null and part ~= "" then
        parts[#parts + 1] = tostring(part)
      end
    end
    return table.concat(parts, separator)
  end
end

local IS_EMPTY <const> = "v == nil or v == null or v == ''"

local function emit_read(writer, side, sources)
  if #sources > 1 and side.join then
    emit(writer, "local v = %s(%s)", function_of(writer, joiner(side.join)), table.concat(sources, ", "))
  else
    emit(writer, "local v = %s", sources[1])
    for index = 2, #sources do
      emit(writer, "if %s then v = %s end", IS_EMPTY, sources[index])
    end
  end
  if side.trim then
    emit(writer, "if type(v) == 'string' and v ~= '' then v = trim(v) end")
  end
end

-- Writing ----------------------------------------------------------------------------------------

--- Returns the variable of the table that is written, and emits what makes it.
local function output_of(writer, keys, count)
  if count == 0 then
    return "out"
  end
  local variable = writer.outputs[path_text(keys, count)]
  local above = output_of(writer, keys, count - 1)
  emit(writer, "if %s == nil then %s = {} %s[%s] = %s end", variable, variable, above, quoted(keys[count]), variable)
  return variable
end

local function emit_write(writer, path, value)
  local keys = paths.keys(path)
  emit(writer, "%s[%s] = %s", output_of(writer, keys, #keys - 1), quoted(keys[#keys]), value)
end

--- Declares the tables that are written; the outer one has room for its fields from the start.
local function emit_outputs(writer, sides)
  local room, seen = {}, {}
  for _, side in ipairs(sides) do
    for index = 1, side.split and #side.to or 1 do
      local keys = paths.keys(side.to[index])
      for count = 1, #keys - 1 do
        local path = path_text(keys, count)
        if not writer.outputs[path] then
          writer.outputs[path] = new_table(writer, "q")
          emit(writer, "local %s", writer.outputs[path])
        end
      end
      local first = quoted(keys[1])
      if not seen[first] then
        seen[first] = true
        room[#room + 1] = ("[%s] = nil"):format(first)
      end
    end
  end
  emit(writer, "local out = { %s }", table.concat(room, ", "))
end

-- One field --------------------------------------------------------------------------------------

local function copied(value)
  if type(value) ~= "table" then
    return value
  end
  local copy = setmetatable({}, getmetatable(value))
  for key, element in pairs(value) do
    copy[key] = copied(element)
  end
  return copy
end

--- Returns the code of a value of the mapping; a table is made anew each time, so that no record shares it.
local function given(writer, value)
  if type(value) == "table" then
    return function_of(writer, function()
      return copied(value)
    end) .. "()"
  end
  return value_of(writer, value)
end

local function emit_empty(writer, side)
  if side.default ~= nil then
    emit_write(writer, side.to[1], given(writer, side.default))
  elseif side.required then
    emit(writer, "bad = add(bad, %s, nil, 'is missing')", value_of(writer, side))
  elseif side.clear then
    for index = 1, side.split and #side.to or 1 do
      emit_write(writer, side.to[index], "null")
    end
  end
end

local function emit_call(writer, side, fn, guard)
  emit(writer, "%sv, why = %s(v)%s", guard and "if " .. guard .. " then " or "", function_of(writer, fn),
    guard and " end" or "")
  emit(writer, "if why then bad, v = add(bad, %s, given, why), nil end", value_of(writer, side))
end

local function emit_conversions(writer, side)
  local of_type, after = convert.of_type(side), convert.after_type(side)
  if of_type or #after > 0 or side.split then
    emit(writer, "local given, why = v, nil")
  end
  if of_type then
    emit_call(writer, side, of_type, side.as == "text" and "type(v) ~= 'string'" or nil)
  end
  if side.case then
    emit(writer, "if type(v) == 'string' then v = %s(v) end", side.case)
  end
  for _, fn in ipairs(after) do
    emit_call(writer, side, fn, "v ~= nil")
  end
end

local function emit_stores(writer, side)
  if side.split and #side.to > 1 then
    emit_call(writer, side, convert.splitter(side.split, #side.to), "v ~= nil")
    emit(writer, "if v ~= nil then")
    for index, path in ipairs(side.to) do
      emit(writer, "if v[%d] ~= nil then", index)
      emit_write(writer, path, ("v[%d]"):format(index))
      emit(writer, side.clear and "else" or "end")
      if side.clear then
        emit_write(writer, path, "null")
        emit(writer, "end")
      end
    end
    emit(writer, "end")
  else
    emit(writer, "if v ~= nil then")
    emit_write(writer, side.to[1], "v")
    emit(writer, "end")
  end
end

local function emit_side(writer, side, sources)
  emit(writer, "do")
  if side.constant ~= nil then
    emit_write(writer, side.to[1], given(writer, side.constant))
  else
    emit_read(writer, side, sources)
    emit(writer, "if %s then", IS_EMPTY)
    emit_empty(writer, side)
    emit(writer, "else")
    emit_conversions(writer, side)
    emit_stores(writer, side)
    emit(writer, "end")
  end
  emit(writer, "end")
end

-- Problems of a record ---------------------------------------------------------------------------

local function add(bad, side, value, problem)
  bad = bad or {}
  bad[#bad + 1] = { field = side.name, path = side.from[1], value = value, problem = problem }
  return bad
end

local function shown(entry)
  if entry.value == nil then
    return entry.path .. " " .. entry.problem
  end
  local text = type(entry.value) == "table" and "a table" or "'" .. tostring(entry.value):sub(1, 40) .. "'"
  return ("%s: %s %s"):format(entry.path, text, entry.problem)
end

local function fail(bad)
  local texts = {}
  for index, entry in ipairs(bad) do
    texts[index] = shown(entry)
  end
  error(kit.failure({
    code = "mapping_failed",
    message = "mapping: " .. table.concat(texts, "; "),
    hint = "mend the record, or give the field a default",
    problems = refold.array(bad),
  }), 0)
end

--- Returns the function of one direction: it takes a record and returns a new one.
---
---@param name string What messages call it.
---@param sides table[] What `mapping_spec.read` gave.
---@return fun(record: table): table # Raises `mapping_failed` with all problems of the record.
---@return string source The code of the function, for the curious.
function M.compile(name, sides)
  local writer = { lines = {}, functions = {}, values = {}, parents = {}, outputs = {}, tables = 0 }
  emit(writer, "local bad")
  local sources = {}
  for index, side in ipairs(sides) do
    sources[index] = {}
    for place, path in ipairs(side.constant == nil and side.from or {}) do
      sources[index][place] = reading(writer, path)
    end
  end
  emit_outputs(writer, sides)
  for index, side in ipairs(sides) do
    emit_side(writer, side, sources[index])
  end
  emit(writer, "if bad then fail(bad) end\nreturn out\nend")
  local source = HEADER .. table.concat(writer.lines, "\n")
  local make = assert(load(source, "=mapping", "t"))
  local function misuse(record)
    error(("%s: the record must be a table, but is %s"):format(name, kit.article(kit.kind(record))), 3)
  end
  local fn = make(refold.null, type, string.lower, string.upper, convert.trim, add, fail, misuse, {},
    writer.functions, writer.values)
  return fn, source
end

return M
