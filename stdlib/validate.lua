--- Checking values before they are written: `local validate = require "validate"`. Returns all problems, with paths.
---
--- A schema is a table of fields: `{ email = { format = "email" }, name = "string", note = "string?" }`. A field is
--- its type (`string number integer boolean array object table any`, or `text`, a string that is not blank), with `?`
--- when it may be absent or null, or a table:
---
---   type       as above; what the other rules imply unless it is given
---   optional   true is the same as `?`
---   format     date, datetime, digits, email, phone, url or uuid
---   min, max   of a number; for texts with the format date or datetime, an ISO 8601 text
---   length     of a string in code points, or of a list in elements: a number, or { least, most }, either may be nil
---   enum       a list of the values that are allowed
---   pattern    a Lua pattern that a string must match; anchor it with ^ and $
---   fields     a schema of an object's fields
---   items      a field that each element of a list must be
---   check      function(value) that returns true, or false and a message
---   message    a message instead of those of this field's own rules
---
--- Schemas are made into functions at their first use; do not change them afterwards.
local kit = require("refold_kit")
local compiler = require("refold_schema")

local M = {}

local OPTIONS <const> = kit.declare({ "unknown:string" })

local function unknown_of(where, opts)
  local unknown = kit.options(where, opts, OPTIONS, 3).unknown or "ignore"
  if unknown ~= "ignore" and unknown ~= "report" then
    error(("%s: 'unknown' must be 'ignore' or 'report', but is '%s'"):format(where, unknown), 3)
  end
  return unknown
end

--- The functions of schemas; those that report unknown fields are others.
local compiled <const> = {
  ignore = setmetatable({}, { __mode = "k" }),
  report = setmetatable({}, { __mode = "k" }),
}

local function checker_of(where, schema, unknown)
  local known = compiled[unknown][schema]
  if known then
    return known
  end
  kit.expect(where, "the schema", schema, "table", 3)
  local checker, problem = compiler.fields(schema, unknown)
  if not checker then
    error(where .. ": " .. problem, 3)
  end
  compiled[unknown][schema] = checker
  return checker
end

local function run(checker, value)
  local problems = checker(value)
  if not problems then
    return true, refold.array({})
  end
  for _, problem in ipairs(problems) do
    problem.path = "$" .. problem.path
  end
  return false, setmetatable(problems, kit.array_mark)
end

---@class validate.Problem
---@field path string As in `$.lines[3].qty`.
---@field code "required"|"type"|"format"|"range"|"length"|"enum"|"pattern"|"unknown"|"check"
---@field message string As in `must be at least 1, but is 0`.

--- Checks a value against a schema of its fields.
---
---@param value any A table, or a view of JSON.
---@param schema table
---@param opts? { unknown?: "ignore"|"report" } `unknown`: whether fields that are not in the schema are problems.
---@return boolean ok
---@return validate.Problem[] problems In the order of the fields' names; an empty list when all is well.
function M.check(value, schema, opts)
  local checker = checker_of("validate.check", schema, opts and unknown_of("validate.check", opts) or "ignore")
  return run(checker, value)
end

--- Returns the value when it is as the schema says, else raises `invalid` with `problems`.
---
---@generic T
---@param value T
---@param schema table
---@param opts? { unknown?: "ignore"|"report" } As of `check`.
---@return T
function M.assert(value, schema, opts)
  local checker = checker_of("validate.assert", schema, opts and unknown_of("validate.assert", opts) or "ignore")
  local ok, problems = run(checker, value)
  if not ok then
    local count = #problems == 1 and "1 problem: " or #problems .. " problems: "
    error(kit.failure({
      code = "invalid",
      message = count .. M.text(problems, "; "),
      hint = "mend the value, or leave it out and say so",
      problems = problems,
    }))
  end
  return value
end

--- Makes a schema into a function once, for the many values of a loop.
---
---@param schema table
---@param opts? { unknown?: "ignore"|"report" } As of `check`.
---@return fun(value: any): boolean, validate.Problem[]
function M.compile(schema, opts)
  local checker = checker_of("validate.compile", schema, unknown_of("validate.compile", opts))
  return function(value)
    return run(checker, value)
  end
end

--- Checks one value that is no object of fields: `validate.value("x", { enum = { "a", "b" } })`.
---
---@param value any
---@param field string|table As a field of a schema.
---@return boolean ok
---@return validate.Problem[] problems
function M.value(value, field)
  local checker, problem = compiler.field(field, "the field", "ignore")
  if not checker then
    error("validate.value: " .. problem, 2)
  end
  return run(checker, value)
end

--- Returns problems as text, one a line: `$.email: is required`.
---
---@param problems validate.Problem[]
---@param separator? string A line break unless it says otherwise.
---@return string
function M.text(problems, separator)
  kit.expect_list("validate.text", "argument 1", problems)
  local lines = {}
  for index, problem in ipairs(problems) do
    lines[index] = problem.path .. ": " .. problem.message
  end
  return table.concat(lines, separator or "\n")
end

return M
