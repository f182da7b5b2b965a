--- Reads and checks what a mapping says: data in, the sides of each field out. For `mapping`.
local convert = require("mapping_convert")
local dates = require("refold_dates")
local kit = require("refold_kit")
local paths = require("refold_paths")

local M = {}

local SPEC <const> = kit.declare({ "fields:table", "ignore:table", "description:string" })

local FIELD <const> = kit.declare({
  "from:string|table", "to:string|table", "as:string", "from_as:string", "format:string", "from_format:string",
  "values:table", "values_back:table", "unknown:string", "otherwise:any", "default:any", "default_back:any",
  "constant:any", "required:boolean|string", "direction:string", "clear:boolean", "trim:boolean", "case:string",
  "most:integer", "join:string", "split:string", "separator:string", "country:string", "decimal:string",
  "description:string",
})

local CHOICES <const> = {
  as = convert.TYPES,
  from_as = convert.TYPES,
  direction = { "both", "forward", "backward" },
  unknown = { "error", "keep", "drop" },
  case = { "lower", "upper" },
  required = { "forward", "backward", "both" },
  decimal = { ".", "," },
}

local IS_TIME <const> = { date = true, datetime = true, epoch = true, epoch_ms = true }

local function fail(field, message, hint)
  error(kit.failure({
    code = "bad_mapping",
    message = field and ("mapping: field '%s': %s"):format(field, message) or "mapping: " .. message,
    hint = hint,
    field = field,
  }), 0)
end

local function check_data(field, value)
  if type(value) == "function" or type(value) == "thread" then
    fail(field, "holds a function", "a mapping is data; do what needs code in the script")
  elseif type(value) == "table" then
    for _, element in pairs(value) do
      check_data(field, element)
    end
  end
end

local function check_names(name, def)
  for key, value in pairs(def) do
    if not FIELD.types[key] then
      fail(name, ("unknown key '%s'"):format(tostring(key)), kit.suggest(key, FIELD.names))
    elseif not (FIELD.types[key][kit.kind(value)] or FIELD.types[key].any) then
      fail(name, ("'%s' must be %s, but is %s"):format(
        key, kit.article(FIELD.shown[key]), kit.article(kit.kind(value))))
    end
    local choices = type(value) == "string" and CHOICES[key]
    local is_known = not choices
    for _, choice in ipairs(choices or {}) do
      is_known = is_known or choice == value
    end
    if not is_known then
      fail(name, ("'%s' is '%s'"):format(key, value), kit.suggest(value, choices))
    end
  end
end

local function path_list(name, key, value)
  local list = type(value) == "table" and value or { value }
  for _, path in ipairs(list) do
    local _, problem = paths.parse(path)
    if problem then
      fail(name, ("'%s': %s"):format(key, problem))
    end
  end
  if #list == 0 then
    fail(name, ("'%s' names no path"):format(key))
  end
  return list
end

local function check_formats(name, def)
  for _, key in ipairs({ "format", "from_format" }) do
    local kind = def[key == "format" and "as" or "from_as"]
    if def[key] then
      local _, problem = dates.format(def[key])
      if problem then
        fail(name, ("'%s': %s"):format(key, problem))
      elseif key == "format" and not IS_TIME[kind or ""] then
        fail(name, "'format' is for dates", "say as = 'date' or as = 'datetime'")
      end
    end
  end
end

local function check_paths(name, def)
  if #def.to > 1 and not def.split then
    fail(name, "'to' has several paths, but there is no 'split'", "split = ' ' says where the text is divided")
  elseif def.split == "" or def.join == "" or def.separator == "" then
    fail(name, "a separator is empty text", "name the text between the parts: join = ' '")
  elseif def.constant ~= nil and def.direction == "both" then
    fail(name, "a constant goes one way", "say direction = 'forward' or 'backward'")
  end
end

--- Returns the table the other way round; of equal values none may be lost without a word.
local function inverse(name, values)
  local back = {}
  for from, to in pairs(values) do
    if back[to] ~= nil then
      fail(name, ("'values' gives '%s' for two values"):format(tostring(to)),
        "say which one comes back: values_back = { … }, or direction = 'forward'")
    end
    back[to] = from
  end
  return back
end

--- Returns what a definition says, complete: a text is the path of the target.
local function complete(name, given)
  if type(given) == "string" then
    given = { to = given }
  elseif type(given) ~= "table" then
    fail(name, "must be a path or a table, but is " .. kit.article(kit.kind(given)))
  end
  check_names(name, given)
  check_data(name, given)
  local def = {}
  for key, value in pairs(given) do
    def[key] = value
  end
  def.from = path_list(name, "from", def.from or name)
  def.to = path_list(name, "to", def.to or name)
  def.direction = def.direction or (def.constant ~= nil and "forward" or "both")
  if not def.from_as and (IS_TIME[def.as or ""] or def.as == "list" or def.as == "phone") then
    def.from_as = ({ list = "text", phone = "phone", date = "date" })[def.as] or "datetime"
  end
  check_formats(name, def)
  check_paths(name, def)
  return def
end

local function is_required(def, direction)
  return def.required == "both" or def.required == direction or (def.required == true and direction == "forward")
end

local function forward_of(name, def)
  return {
    name = name, from = def.from, to = def.to, as = def.as, from_as = def.from_as, format = def.format,
    from_format = def.from_format, values = def.values, unknown = def.unknown, otherwise = def.otherwise,
    default = def.default, constant = def.constant, required = is_required(def, "forward"), clear = def.clear,
    trim = def.trim, case = def.case, most = def.most, join = def.join, split = def.split, separator = def.separator,
    country = def.country, decimal = def.decimal,
  }
end

local function backward_of(name, def)
  return {
    name = name, from = def.to, to = def.from, as = def.from_as, from_as = def.as, format = def.from_format,
    from_format = def.format, values = def.values_back or (def.values and inverse(name, def.values)),
    unknown = def.unknown, default = def.default_back, constant = def.constant,
    required = is_required(def, "backward"), clear = def.clear, trim = def.trim, case = def.case, join = def.split,
    split = def.join, separator = def.separator, country = def.country,
  }
end

local function is_at_or_below(keys, above)
  for index, key in ipairs(above) do
    if keys[index] ~= key then
      return false
    end
  end
  return true
end

--- Refuses two fields that would write the same place, or one inside of the other.
local function check_overlap(sides)
  local written = {}
  for _, side in ipairs(sides) do
    -- The first of several alternatives is the one that is written.
    for index = 1, side.split and #side.to or 1 do
      local keys = paths.keys(side.to[index])
      for _, other in ipairs(written) do
        if is_at_or_below(keys, other.keys) or is_at_or_below(other.keys, keys) then
          fail(side.name, ("writes '%s', and so does '%s'"):format(side.to[index], other.name),
            "give one of them a direction: direction = 'forward'")
        end
      end
      written[#written + 1] = { keys = keys, name = side.name }
    end
  end
end

--- Reads a mapping. Raises `bad_mapping`.
---
---@param spec table
---@return { names: string[], forward: table[], backward: table[], ignore: table<string, boolean> }
function M.read(spec)
  if type(spec.fields) ~= "table" or next(spec.fields) == nil then
    fail(nil, "'fields' is missing or empty", "fields = { firstname = 'FirstName' } says what becomes of what")
  end
  local names = {}
  for name in pairs(spec.fields) do
    if type(name) ~= "string" then
      fail(tostring(name), "a field has a name, not a number", "write fields = { name = 'Target' }")
    end
    names[#names + 1] = name
  end
  table.sort(names)
  local read = { names = names, forward = {}, backward = {}, ignore = {}, defs = {} }
  for _, name in ipairs(names) do
    local def = complete(name, spec.fields[name])
    read.defs[name] = def
    if def.direction ~= "backward" then
      read.forward[#read.forward + 1] = forward_of(name, def)
    end
    if def.direction ~= "forward" then
      read.backward[#read.backward + 1] = backward_of(name, def)
    end
  end
  for _, path in ipairs(spec.ignore or {}) do
    read.ignore[path] = true
  end
  check_overlap(read.forward)
  check_overlap(read.backward)
  return read
end

--- The options of `mapping.compile`, to check them at the caller's line.
M.SPEC = SPEC

return M
