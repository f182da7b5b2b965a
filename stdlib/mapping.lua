--- Turning the records of one app into those of another, and back: `local mapping = require "mapping"`.
---
--- A mapping is data: a table of fields, each with where it comes from and goes to, its type, and what happens when it
--- is empty. A customer's file can hold one, or what is different from the base. Compiled once, it is fast.
local code = require("mapping_code")
local kit = require("refold_kit")
local paths = require("refold_paths")
local spec_reader = require("mapping_spec")

local M = {}

---@class mapping.Field
---@field from? string|string[] The path in the source; the field's name unless it says otherwise. Of several, the
--- first that is not empty counts, or all with `join`.
---@field to? string|string[] The path in the target; the field's name unless it says otherwise. Several need `split`.
---@field as? "text"|"integer"|"number"|"boolean"|"date"|"datetime"|"epoch"|"epoch_ms"|"phone"|"list" The type in the
--- target; without it a value passes as it is. Times are in UTC; `epoch` is in seconds, `epoch_ms` in thousandths.
---@field from_as? string The type in the source: how a date is read, and what `backward` makes.
---@field format? string How the target writes a date: `DD/MM/YYYY HH:mm`.
---@field from_format? string How the source does.
---@field values? table<any, any> What becomes of each value.
---@field values_back? table<any, any> The same backward, when `values` gives one value twice.
---@field unknown? "error"|"keep"|"drop" What becomes of a value that is not in `values`; an error unless it says so.
---@field otherwise? any What every other value becomes, forward.
---@field default? any What an empty field becomes, forward.
---@field default_back? any The same backward.
---@field constant? any What the target gets in any case.
---@field required? boolean|"forward"|"backward"|"both" Whether an empty field is an error; `true` is forward.
---@field clear? boolean Whether an empty field empties the target (as null). Otherwise the target is left alone.
---@field direction? "both"|"forward"|"backward"
---@field trim? boolean Whether blanks around text go.
---@field case? "lower"|"upper"
---@field most? integer The most characters that the target takes; the rest is cut off.
---@field join? string What stands between the values of several paths in `from`.
---@field split? string Where text is divided for several paths in `to`; the last takes the rest.
---@field separator? string What stands between the elements of a list in text; `;` unless it says otherwise.
---@field country? string The calling code of phone numbers without one: `+44`.
---@field decimal? "."|"," What divides the whole from the rest in numbers; `.` unless it says otherwise.
---@field description? string For people.

---@class mapping.Spec
---@field fields table<string, string|mapping.Field> By a name for each field; a text is short for `{ to = text }`.
---@field ignore? string[] Paths of the source that nobody misses: they are not reported as unmapped.
---@field description? string

---@class mapping.Mapping
---@field forward fun(record: table): table Makes a target record of a source record. Raises `mapping_failed` with
--- `problems`, a list of `{ field, path, value, problem }`: all of the record.
---@field backward fun(record: table): table Makes a source record of a target record. Raises the same.
---@field report fun(record: table): mapping.Report Says what of a source record is not mapped, and what it lacks.
---@field fields { name: string, from: string[], to: string[], direction: string }[] Sorted by name.

---@class mapping.Report
---@field unmapped string[] Paths that hold something and that no field reads, sorted.
---@field missing string[] Names of the fields for which the record holds nothing, sorted.
---@field problems table[] What `forward` would raise: `{ field, path, value, problem }`.

local function is_empty(value)
  return value == nil or value == refold.null or value == ""
end

local function is_object(value)
  return type(value) == "table" and #value == 0 and next(value) ~= nil
end

--- Adds the paths of all values within a record to a list.
local function collect(record, prefix, found)
  for key, value in pairs(record) do
    local path = prefix .. tostring(key):gsub("[\\.]", "\\%0")
    if is_object(value) then
      collect(value, path .. ".", found)
    elseif not is_empty(value) then
      found[#found + 1] = path
    end
  end
  return found
end

--- Whether a path is one of these, or lies within one of them, or holds one of them.
local function is_covered(path, known)
  for other in pairs(known) do
    if path == other or path:sub(1, #other + 1) == other .. "." or other:sub(1, #path + 1) == path .. "." then
      return true
    end
  end
  return false
end

local function report(read, forward, record)
  kit.expect("report", "the record", record, "table", 2)
  local known, missing, unmapped = {}, refold.array({}), refold.array({})
  for path in pairs(read.ignore) do
    known[path] = true
  end
  for _, side in ipairs(read.forward) do
    local has_value = side.constant ~= nil
    for _, path in ipairs(side.from) do
      known[path] = true
      has_value = has_value or not is_empty(paths.get(record, path))
    end
    if not has_value then
      missing[#missing + 1] = side.name
    end
  end
  for _, path in ipairs(collect(record, "", {})) do
    if not is_covered(path, known) then
      unmapped[#unmapped + 1] = path
    end
  end
  table.sort(unmapped)
  local ok, err = pcall(forward, record)
  if not ok and type(err) ~= "table" then
    error(err, 0)
  end
  return { unmapped = unmapped, missing = missing, problems = ok and refold.array({}) or err.problems }
end

local function described(read)
  local list = refold.array({})
  for index, name in ipairs(read.names) do
    local def = read.defs[name]
    list[index] = { name = name, from = def.from, to = def.to, direction = def.direction }
  end
  return list
end

--- Compiles a mapping. Costs about a tenth of a millisecond: do it once, not for each record.
---
--- ```lua
--- local contacts = mapping.compile({ fields = { email = { to = "Email", case = "lower" }, firstname = "FirstName" } })
--- contacts.forward({ email = "ADA@example.com" })  -- { Email = "ada@example.com" }
--- contacts.backward({ FirstName = "Ada" })         -- { firstname = "Ada" }
--- ```
---@param spec mapping.Spec
---@return mapping.Mapping # Raises `bad_mapping`, and names the field.
function M.compile(spec)
  kit.expect("mapping.compile", "spec", spec, "table")
  kit.options("mapping.compile", spec, spec_reader.SPEC)
  local read = spec_reader.read(spec)
  local forward = code.compile("forward", read.forward)
  return {
    forward = forward,
    backward = code.compile("backward", read.backward),
    report = function(record)
      return report(read, forward, record)
    end,
    fields = described(read),
  }
end

local function as_table(field)
  return type(field) == "string" and { to = field } or field
end

local function merged(base, change)
  local result = {}
  for key, value in pairs(as_table(base) or {}) do
    result[key] = value
  end
  for key, value in pairs(as_table(change)) do
    result[key] = value
  end
  return result
end

--- Returns a mapping with a customer's changes laid over it; neither is changed.
---
--- A field of the changes replaces what it names of the base's field, and `false` takes the field out. Paths in
--- `ignore` are added.
---@param base mapping.Spec
---@param changes? { fields?: table<string, string|mapping.Field|false>, ignore?: string[] }
---@return mapping.Spec
function M.overlay(base, changes)
  kit.expect("mapping.overlay", "base", base, "table")
  local result = { fields = {}, ignore = {}, description = base.description }
  for name, field in pairs(base.fields or {}) do
    result.fields[name] = field
  end
  changes = kit.options("mapping.overlay", changes, spec_reader.SPEC)
  for name, change in pairs(changes.fields or {}) do
    if change == false then
      result.fields[name] = nil
    else
      result.fields[name] = merged(result.fields[name], change)
    end
  end
  for _, list in ipairs({ base.ignore or {}, changes.ignore or {} }) do
    table.move(list, 1, #list, #result.ignore + 1, result.ignore)
  end
  return result
end

return M
