--- Reading and writing CSV as RFC 4180 has it: `local csv = require "csv"`.
---
--- Records end with LF or CR LF; fields in quotes hold separators, line breaks and doubled quotes. A byte order mark is
--- passed over, and so are empty lines. A quote within a field that does not begin with one is a character like others.
--- All values are texts.
local kit = require("refold_kit")
local reader = require("refold_csv_reader")
local writer = require("refold_csv_writer")

local M = {}

local ROWS_OPTIONS <const> = kit.declare({
  "separator:string", "header:boolean|table", "ragged:string", "empty:string", "trim:boolean", "encoding:string",
  "on_error:function", "max_record_bytes:integer",
})

--- The values that an option takes; the first one is the default.
local CHOICES <const> = {
  ragged = { "error", "pad" },
  empty = { "text", "absent", "null" },
  encoding = { "utf-8", "windows-1252" },
}

local function choose(where, opts, name)
  local value = opts[name]
  if value == nil then
    return CHOICES[name][1]
  end
  for _, choice in ipairs(CHOICES[name]) do
    if value == choice then
      return value
    end
  end
  local choices = kit.alternatives(CHOICES[name])
  error(("%s: '%s' must be %s, but is '%s'"):format(where, name, choices, value), 4)
end

local function check_separator(where, separator)
  if #separator ~= 1 or separator:find( '["\r\n]') then
    error(("%s: the separator must be one byte, and no quote or line break, but is '%s'"):format(where, separator), 4)
  end
  return separator
end

local function settings_of(where, source, opts)
  if type(source) ~= "string" and type(source) ~= "function" then
    local is = kit.article(kit.kind(source))
    error(where .. ": argument 1 must be a string or an iterator of strings, but is " .. is, 3)
  end
  opts = kit.options(where, opts, ROWS_OPTIONS, 3)
  if opts.max_record_bytes then
    kit.expect_whole(where, "'max_record_bytes'", opts.max_record_bytes, 1, 3)
  end
  for index, name in ipairs(type(opts.header) == "table" and opts.header or {}) do
    kit.expect(where, "name " .. index .. " of 'header'", name, "string", 3)
  end
  return {
    separator = check_separator(where, opts.separator or ","),
    header = opts.header == nil and true or opts.header,
    ragged = choose(where, opts, "ragged"),
    empty = choose(where, opts, "empty"),
    encoding = choose(where, opts, "encoding"),
    trim = opts.trim,
    on_error = opts.on_error,
    max_record_bytes = opts.max_record_bytes or 1048576,
  }
end

--- Returns an iterator over the rows of a text, or of the pieces of one that an iterator gives. Holds a piece and a
--- record at a time, so the size of a file does not matter.
---
---@param source string|fun(): string?
---@param opts? csv.Options
---@return fun(): table?, integer? # The next row and the line that it begins at, from 1; nil after the last. A row is
--- `{ [column] = text }`, or a list of texts when there is no header. Raises `quote`, `ragged_row`, `encoding`,
--- `duplicate_column`, `record_size`, each with `line`.
function M.rows(source, opts)
  local settings = settings_of("csv.rows", source, opts)
  return (reader.rows(source, settings))
end

--- Returns a list of all rows of a text, and the names of its columns in their order (nil without a header).
---
---@param source string|fun(): string?
---@param opts? csv.Options
---@return table[] rows
---@return string[]? columns
function M.parse(source, opts)
  local settings = settings_of("csv.parse", source, opts)
  local rows, count = refold.array({}), 0
  local next_row, columns = reader.rows(source, settings)
  for row in next_row do
    count = count + 1
    rows[count] = row
  end
  return rows, columns()
end

---@class csv.Options
---@field separator? string One byte; "," unless it says otherwise.
---@field header? boolean|string[] true (the default): the first record names the columns. false: there are no names.
---A list: these are the names, and the first record is a row. A column without a name is `column_N`.
---@field ragged? "error"|"pad" What becomes of a record that has more or fewer fields than there are columns. "error"
---(the default) raises `ragged_row`; "pad" adds empty fields, and drops empty ones that are too many.
---@field empty? "text"|"absent"|"null" What an empty field is: "" (the default), nil, or `refold.null`.
---@field trim? boolean Without blanks around names and fields.
---@field encoding? "utf-8"|"windows-1252" How the source is encoded; rows are UTF-8. Bytes that are not raise.
---@field on_error? fun(failure: table) Gets the failure of a bad row, which is left out, instead of raising it. A quote
---that is never closed and a record that is too large end the reading all the same.
---@field max_record_bytes? integer The most bytes of a record; 1 MiB unless it says otherwise. A quote that is never
---closed would else take in the rest of the file.

local ENCODE_OPTIONS <const> = kit.declare({
  "separator:string", "columns:table", "header:boolean", "newline:string", "quote:string", "bom:boolean",
  "formulas:string",
})

local function encode_settings(where, opts)
  opts = kit.options(where, opts, ENCODE_OPTIONS, 3)
  local quote, formulas = opts.quote or "needed", opts.formulas or "keep"
  local newline = opts.newline or "\r\n"
  if quote ~= "needed" and quote ~= "all" then
    error(("%s: 'quote' must be 'needed' or 'all', but is '%s'"):format(where, quote), 3)
  elseif formulas ~= "keep" and formulas ~= "escape" then
    error(("%s: 'formulas' must be 'keep' or 'escape', but is '%s'"):format(where, formulas), 3)
  elseif newline ~= "\n" and newline ~= "\r\n" then
    error(where .. ": 'newline' must be LF or CR LF", 3)
  end
  local separator = check_separator(where, opts.separator or ",")
  return {
    separator = separator, columns = opts.columns, header = opts.header ~= false, newline = newline, bom = opts.bom,
    all = quote == "all", escape = formulas == "escape",
    special = '["\r\n' .. separator:gsub("[%]%^%-%%]", "%%%0") .. "]",
  }
end

---@class csv.EncodeOptions
---@field separator? string One byte; "," unless it says otherwise.
---@field columns? string[] The columns in their order; all names of all rows, sorted, unless it says otherwise.
---@field header? boolean Whether the names of the columns are the first record; true unless it says otherwise.
---@field newline? "\r\n"|"\n"
---@field quote? "needed"|"all" Which fields stand in quotes.
---@field bom? boolean Begins with a byte order mark, for programs that else take the text for another encoding.
---@field formulas? "keep"|"escape" "escape" puts an apostrophe before texts that begin with = + - @ and are no numbers,
---which spreadsheets would run.

--- Returns rows as CSV, each record ended by a line break.
---
--- Rows are all `{ [column] = value }`, or all lists. nil and null become empty fields, numbers and booleans their
--- text.
---@param rows table[]|fun(): table?
---@param opts? csv.EncodeOptions
---@return string # Raises `value` for what has no text, and `unknown_column` for a field that is not among `columns`.
function M.encode(rows, opts)
  kit.expect_list("csv.encode", "argument 1", rows)
  local settings = encode_settings("csv.encode", opts)
  local list = {}
  for index, row in kit.each(rows) do
    if type(row) ~= "table" then
      error(("csv.encode: row %d must be a table, but is %s"):format(index, kit.article(kit.kind(row))), 2)
    end
    list[index] = row
    local is_list = row[1] ~= nil
    if next(row) ~= nil and is_list ~= (list[1][1] ~= nil) then
      local message = "csv.encode: row %d %s, unlike the first: give all of them names, or none"
      error(message:format(index, is_list and "is a list" or "has names"), 2)
    end
  end
  return writer.encode(list, settings)
end

return M
