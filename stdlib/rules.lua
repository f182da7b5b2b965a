--- The platform's rules as data: `local rules = require "rules"`.
---
--- A rule is `{ variable = "amount", operator = "gte", value = 100 }`, a group `{ all = { … } }` or `{ any = { … } }`
--- of rules and groups; a list is one with `all`. The variable is a path in the record: names between dots, and places
--- in lists from 0, as on the platform: `lines.0.qty`.
---
---   eq neq                          the same, or not, in one domain: "5.50" is 5.5, "007" is not 7, "1" is not true
---   gt gte lt lte                   numbers; false when one of the two is none
---   like                            % is any text, _ a character, \% and \_ themselves; case does not count
---   contains not_contains           a text with a part, or a list with an element
---   starts_with ends_with           texts
---   included_in not_included_in     one of a list
---   is_null not_null                null and nothing else
---   exist not_exist                 false for what is absent, null or ""
local kit = require("refold_kit")
local operators = require("refold_operators")

local M = {}

--- The names of the operators.
---@type string[]
M.operators = refold.array(table.move(operators.names, 1, #operators.names, 1, {}))

local null <const> = refold.null

--- Returns the keys of a path; places in lists from 1.
local function keys_of(path)
  local keys = {}
  for key in path:gmatch("[^.]+") do
    keys[#keys + 1] = key:find("^%d+$") and math.tointeger(key) or key
  end
  return keys
end

--- Returns a function that finds what a record has at a path; nil when it has nothing there.
local function finder(path)
  local keys = keys_of(path)
  if #keys == 1 and type(keys[1]) == "string" then
    local key = keys[1]
    return function(record)
      return record[key]
    end
  end
  return function(record)
    local value = record
    for index = 1, #keys do
      local kind = type(value)
      if kind ~= "table" and (kind ~= "userdata" or value == null) then
        return nil
      end
      local key = keys[index]
      if math.type(key) == "integer" then
        local at_place = value[key + 1]
        value = at_place == nil and kind == "table" and value[tostring(key)] or at_place
      else
        value = value[key]
      end
    end
    return value
  end
end

local RULE_FIELDS <const> = { variable = true, operator = true, value = true }

--- Raises what is wrong with a rule, with its place.
local function bad_rule(path, message, hint)
  error(kit.failure({
    code = "invalid_rule",
    message = path .. ": " .. message,
    hint = hint or "a rule is { variable = …, operator = …, value = … }, a group { all = { … } } or { any = { … } }",
    path = path,
  }))
end

local function compile_rule(rule, path)
  for name in pairs(rule) do
    if not RULE_FIELDS[name] then
      bad_rule(path, "unknown field '" .. tostring(name) .. "'")
    end
  end
  if type(rule.variable) ~= "string" or not rule.variable:find("[^.]") then
    bad_rule(path, "'variable' must be a path, but is " .. kit.article(kit.kind(rule.variable)))
  end
  local operator, value = rule.operator, rule.value
  if not operators.make[operator] then
    local near = type(operator) == "string" and kit.nearest(operator, operators.names)
    local list = "use one of " .. table.concat(operators.names, " ")
    bad_rule(path, "unknown operator '" .. tostring(operator) .. "'", near and "did you mean '" .. near .. "'?" or list)
  end
  local wrong = operators.mistake(operator, value)
  if wrong then
    bad_rule(path, wrong)
  end
  return { path = path, rule = rule, find = finder(rule.variable), test = operators.make[operator](value) }
end

local compile

local function compile_group(group, kind, path)
  local members = group[kind]
  for name in pairs(group) do
    if name ~= kind then
      bad_rule(path, ("a group with '%s' has nothing else, but this one has '%s'"):format(kind, tostring(name)))
    end
  end
  if type(members) ~= "table" or (next(members) ~= nil and members[1] == nil) then
    bad_rule(path, "'" .. kind .. "' must be a list, but is " .. kit.article(kit.kind(members)))
  end
  local node = { path = path, kind = kind, members = {} }
  for index, member in ipairs(members) do
    node.members[index] = compile(member, kit.path(path .. "." .. kind, index))
  end
  return node
end

function compile(rule, path)
  if type(rule) ~= "table" then
    bad_rule(path, "must be a rule or a group, but is " .. kit.article(kit.kind(rule)))
  elseif rule.all ~= nil then
    return compile_group(rule, "all", path)
  elseif rule.any ~= nil then
    return compile_group(rule, "any", path)
  elseif rule[1] ~= nil or next(rule) == nil then
    local node = { path = path, kind = "all", members = {} }
    for index, member in ipairs(rule) do
      node.members[index] = compile(member, kit.path(path, index))
    end
    return node
  end
  return compile_rule(rule, path)
end

--- Returns whether a record is as a node says, and the rule that decided, nil for a group without rules.
local function evaluate(node, record)
  if node.test then
    return node.test(node.find(record)), node
  end
  -- The first one that is not as the others would have it decides.
  local wanted, last = node.kind == "all", nil
  for index = 1, #node.members do
    local result, decider = evaluate(node.members[index], record)
    if result ~= wanted then
      return result, decider
    end
    last = decider or last
  end
  return wanted, last
end

local compiled <const> = setmetatable({}, { __mode = "k" })

local function node_of(rule)
  local node = compiled[rule]
  if not node then
    node = compile(rule, "$")
    compiled[rule] = node
  end
  return node
end

local function expect_record(where, record)
  if type(record) ~= "table" and kit.kind(record) ~= "view" then
    kit.expect(where, "argument 1", record, "table", 3)
  end
end

--- Whether a record is as the rules say. A group `all` without rules is true, `any` without rules is false.
---
--- Rules are made into functions at their first use; do not change them afterwards.
---@param record table
---@param rule table A rule, a group, or a list of them.
---@return boolean # Raises `invalid_rule` with `path`.
function M.matches(record, rule)
  expect_record("rules.matches", record)
  kit.expect("rules.matches", "argument 2", rule, "table")
  return (evaluate(node_of(rule), record))
end

--- Makes rules into a function once; finds what is wrong with them before there is a record.
---
---@param rule table
---@return fun(record: table): boolean # Raises `invalid_rule` with `path`.
function M.compile(rule)
  kit.expect("rules.compile", "argument 1", rule, "table")
  local node = node_of(rule)
  return function(record)
    return (evaluate(node, record))
  end
end

local function shown(value)
  if type(value) == "string" then
    return '"' .. value .. '"'
  elseif type(value) == "table" then
    local parts = {}
    for index, element in ipairs(value) do
      parts[index] = shown(element)
    end
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  return value == null and "null" or value == nil and "nothing" or tostring(value)
end

--- Says whether a record is as the rules say, and which rule decided: the first that failed of `all`, the first that
--- held of `any`, else the last one that was looked at.
---
---@param record table
---@param rule table
---@return rules.Explanation
function M.explain(record, rule)
  expect_record("rules.explain", record)
  kit.expect("rules.explain", "argument 2", rule, "table")
  local result, decider = evaluate(node_of(rule), record)
  if not decider then
    return { result = result, text = result and "there are no rules" or "no rule of 'any'" }
  end
  local by = decider.rule
  local actual = decider.find(record)
  local held = decider.test(actual)
  local value = by.value ~= nil and " " .. shown(by.value) or ""
  local verb = held and "holds" or "does not hold"
  return {
    result = result, path = decider.path, variable = by.variable, operator = by.operator, value = by.value,
    actual = actual,
    text = ("%s: %s %s%s %s for %s"):format(decider.path, by.variable, by.operator, value, verb, shown(actual)),
  }
end

---@class rules.Explanation
---@field result boolean What `matches` gives.
---@field text string As in `$[2]: amount gte 100 does not hold for 99`.
---@field path? string The place of the rule that decided; nil, as all that follows, when there are no rules.
---@field variable? string
---@field operator? string
---@field value? any The value of the rule.
---@field actual? any What the record has.

return M
