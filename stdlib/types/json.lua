---@meta json

--- Reading and writing JSON exactly: `local json = require "json"`.
local json = {}

--- JSON's null inside of tables. It is true in conditions; compare with it: `value == json.null`.
---@type lightuserdata
json.null = nil

--- Why text is not JSON, or why a value has no JSON; `tostring(err)` is the message.
---@class json.Error
---@field code "syntax"|"encoding"|"depth"|"number"|"value"|"size"
---@field message string The place and the reason.
---@field script? string `file:line` of the call.
---@field line? integer The line of the text, from 1.
---@field column? integer The character in the line, from 1.
---@field byte_offset? integer The offset in the text, from 0.
---@field path? string The place in the value: `$.lines[3].qty`.

--- Decodes a JSON text (RFC 8259, nothing beyond it).
---
--- Objects and arrays become tables, arrays marked so that `[]` stays one; `null` becomes `json.null`. Integers of 64
--- bits stay integers, other numbers become floats. Of equal keys the last wins. Raises `json.Error`.
---@param text string
---@param opts? { big?: "string"|"float", depth?: integer, lazy?: boolean } `big`: what becomes of an integer beyond
--- 64 bits; "string" keeps its digits. `depth`: how deep arrays and objects may lie, 1 to 10000, default 1000. `lazy`:
--- arrays and objects become `json.View`s.
---@return any
function json.decode(text, opts) end

--- Encodes a value as JSON.
---
--- A table is an array when it is marked as one, or when its keys are exactly 1 to n, n at least 1; an empty table
--- without a mark is `{}`. Mixed, sparse and cyclic tables, NaN, infinity, functions, and text that is not UTF-8 raise
--- `json.Error`.
---@param value any
---@param opts? { pretty?: boolean, sort_keys?: boolean, depth?: integer } `pretty`: line breaks and two blanks a level.
---@return string
function json.encode(value, opts) end

--- A read-only view of an array or object that makes Lua values of what is touched: `view.field`, `view[1]`, `#view`,
--- `pairs` and `ipairs` work, and arrays and objects in it are views again. The whole text was checked before. `next`
--- and the functions of `table` that write need a plain table: `json.copy(view)`, or `view()`. Pays off for a few
--- fields of a large text.
---@class json.View: userdata
---@field [string|integer] any
---@operator len: integer
---@operator call: table

--- Makes a plain table of all that a view shows.
---@param view json.View
---@return table
function json.copy(view) end

--- Iterates a text with one JSON document a line, without holding more than one of them; blank lines are passed over.
---
--- ```lua
--- for record in json.lines('{"id":1}\n{"id":2}\n') do print(record.id) end  -- 1, 2
--- ```
---@param text string
---@param opts? { big?: "string"|"float", depth?: integer } As of `decode`.
---@return fun(): any # The next value; nil after the last. Raises `json.Error` with the line of the whole text.
function json.lines(text, opts) end

--- Marks a table as an array, so that it is written as `[…]` even when it is empty; makes one when it is left out.
---@generic T: table
---@param table? T
---@return T
function json.array(table) end

--- Marks a table as an object, so that it is written as `{…}` even when it is empty; makes one when it is left out.
---@generic T: table
---@param table? T
---@return T
function json.object(table) end

return json
