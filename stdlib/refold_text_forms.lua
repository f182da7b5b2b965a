--- The part of `text` that makes texts of a certain form: slugs, templates, addresses.
local kit = require("refold_kit")
local letters = require("refold_letters")

local M = {}

local TRUNCATE_OPTIONS <const> = kit.declare({ "suffix:string" })

--- Returns a text cut to a length, with a suffix where something was cut.
---
---@param value string
---@param length integer Code points, those of the suffix included.
---@param opts? { suffix?: string } `suffix`: "…" unless it says otherwise.
---@return string # Raises `encoding`.
function M.truncate(value, length, opts)
  kit.expect("text.truncate", "argument 1", value, "string")
  kit.expect_whole("text.truncate", "argument 2", length, 0)
  local suffix = kit.options("text.truncate", opts, TRUNCATE_OPTIONS).suffix or "…"
  -- A text has at least as many bytes as code points.
  if #value <= length then
    return value
  end
  if kit.length(value) <= length then
    return value
  end
  local kept = length - kit.length(suffix)
  if kept < 0 then
    error(("text.truncate: a suffix of %d does not fit into %d"):format(length - kept, length), 2)
  end
  return value:sub(1, utf8.offset(value, kept + 1) - 1) .. suffix
end

local SLUG_OPTIONS <const> = kit.declare({ "separator:string", "length:integer" })

--- Returns a text as lower case ASCII letters and digits with separators between words: `Łódź & Co.` gives `lodz-co`.
---
--- Letters of other scripts than Latin are left out, so the slug of a text without any is empty.
---@param value string
---@param opts? { separator?: string, length?: integer } `separator`: "-" unless it says otherwise. `length`: the most
--- characters; words are cut.
---@return string
function M.slug(value, opts)
  kit.expect("text.slug", "argument 1", value, "string")
  opts = kit.options("text.slug", opts, SLUG_OPTIONS)
  local separator = opts.separator or "-"
  local words, plain = {}, letters.plain(value):lower():gsub("['’]", "")
  for word in plain:gmatch("[%w]+") do
    words[#words + 1] = word
  end
  local slug = table.concat(words, separator)
  if opts.length and #slug > opts.length then
    slug = slug:sub(1, opts.length)
    if separator ~= "" and slug:sub(-#separator) == separator then
      slug = slug:sub(1, -#separator - 1)
    end
  end
  return slug
end

--- Returns the ASCII digits of a text.
---
---@param value string
---@return string
function M.digits(value)
  kit.expect("text.digits", "argument 1", value, "string")
  return (value:gsub("%D", ""))
end

local TEMPLATE_OPTIONS <const> = kit.declare({ "missing:string" })
local MISSING <const> = { error = true, keep = true, empty = true }

local function value_at(values, path)
  local value = values
  for key in path:gmatch("[^.]+") do
    local kind = type(value)
    if kind ~= "table" and (kind ~= "userdata" or value == refold.null) then
      return nil
    end
    local found = value[key]
    if found == nil and key:find("^%d+$") then
      found = value[math.tointeger(key)]
    end
    value = found
  end
  if value ~= refold.null then
    return value
  end
end

--- Returns the failure of a template whose value is absent, or no text.
local function template_failure(path, value, values)
  if value ~= nil then
    return kit.failure({
      code = "not_text",
      message = ("'{%s}' is %s, which has no text"):format(path, kit.article(kit.kind(value))),
      hint = "name a field in it, as in {" .. path .. ".name}",
    })
  end
  local names = {}
  for name in pairs(values) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  local near = kit.nearest(path, names)
  return kit.failure({
    code = "missing_value",
    message = "the template has no value for '{" .. path .. "}'",
    hint = (near and "did you mean '{" .. near .. "}'? Else " or "")
      .. 'pass the value, or { missing = "empty" } or { missing = "keep" }',
  })
end

--- Returns a template with values in the place of `{name}` and `{order.id}`; `{{` and `}}` stand for braces.
---
--- Numbers and booleans are written as Lua writes them. A value that is nil or null is missing.
---@param template string
---@param values table<string, any>
---@param opts? { missing?: "error"|"keep"|"empty" } `missing`: what becomes of the place of a missing value; "error"
--- unless it says otherwise, which raises `missing_value`.
---@return string # Raises `not_text` for a table.
function M.template(template, values, opts)
  kit.expect("text.template", "argument 1", template, "string")
  if kit.kind(values) ~= "view" then
    kit.expect("text.template", "argument 2", values, "table")
  end
  local missing = kit.options("text.template", opts, TEMPLATE_OPTIONS).missing or "error"
  if not MISSING[missing] then
    error("text.template: 'missing' must be 'error', 'keep' or 'empty', but is '" .. missing .. "'", 2)
  end
  -- Braces that stand for themselves are set aside as bytes that no UTF-8 has.
  local result = template:gsub("{{", "\xFE"):gsub("}}", "\xFF"):gsub("{([^{}]*)}", function(path)
    local value = value_at(values, path)
    local kind = type(value)
    if kind == "string" or kind == "number" or kind == "boolean" then
      return tostring(value)
    elseif value == nil and missing ~= "error" then
      return missing == "empty" and "" or nil
    end
    error(template_failure(path, value, values))
  end)
  return (result:gsub("[\xFE\xFF]", { ["\xFE"] = "{", ["\xFF"] = "}" }))
end

--- Why an address is none, or nil.
local function email_problem(name, domain)
  if not name then
    return "has no '@', or several"
  elseif name == "" or #name > 64 then
    return name == "" and "has nothing before the '@'" or "has more than 64 bytes before the '@'"
  elseif name:find("[%s%c\"(),:;<>%[\\%]]") or name:find("^%.") or name:find("%.$") or name:find("..", 1, true) then
    return "has a character or a dot before the '@' that must not be there"
  elseif #domain > 253 or not domain:find("%.") then
    return "has no domain with a dot behind the '@'"
  end
  for label in (domain .. "."):gmatch("([^.]*)%.") do
    if label == "" or #label > 63 or label:find("[^%w\x80-\xFF-]") or label:find("^-") or label:find("-$") then
      return "has a domain that cannot be one"
    end
  end
end

--- Returns an e-mail address as it is compared: in lower case, without blanks, `mailto:` and the name of its owner
--- (`Ada <ada@example.com>`); or nil and why it is none.
---
--- Checks the form, not whether the address exists. Quoted names and addresses without a domain are refused.
---@param value string
---@return string? address
---@return string? reason
function M.email(value)
  kit.expect("text.email", "argument 1", value, "string")
  local address = value:match("^[^<>]*<([^<>]*)>%s*$") or value
  address = letters.lower(address:match("^%s*(.-)%s*$")):gsub("^mailto:", "")
  local name, domain = address:match("^([^@]*)@([^@]*)$")
  local problem = email_problem(name, domain)
  if problem then
    return nil, problem
  end
  return address
end

return M
