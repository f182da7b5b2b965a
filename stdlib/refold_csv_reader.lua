--- How `csv` reads: records out of a buffer that is filled piece by piece.
local kit = require("refold_kit")

local M = {}

local find <const>, sub <const>, byte <const>, utf8_len <const> = string.find, string.sub, string.byte, utf8.len
local huge <const> = math.huge
local QUOTE <const>, LF <const>, CR <const> = 34, 10, 13

--- The characters of windows-1252 from 0x80 to 0x9F; the five bytes that it does not use stay control characters.
local WINDOWS <const> = {
  [0x80] = 0x20AC, [0x82] = 0x201A, [0x83] = 0x192, [0x84] = 0x201E, [0x85] = 0x2026, [0x86] = 0x2020,
  [0x87] = 0x2021, [0x88] = 0x2C6, [0x89] = 0x2030, [0x8A] = 0x160, [0x8B] = 0x2039, [0x8C] = 0x152, [0x8E] = 0x17D,
  [0x91] = 0x2018, [0x92] = 0x2019, [0x93] = 0x201C, [0x94] = 0x201D, [0x95] = 0x2022, [0x96] = 0x2013,
  [0x97] = 0x2014, [0x98] = 0x2DC, [0x99] = 0x2122, [0x9A] = 0x161, [0x9B] = 0x203A, [0x9C] = 0x153, [0x9E] = 0x17E,
  [0x9F] = 0x178,
}
local UTF8_OF <const> = {}
for code = 0x80, 0xFF do
  UTF8_OF[string.char(code)] = utf8.char(WINDOWS[code] or code)
end

local function fail(code, line, message, hint)
  error(kit.failure({ code = code, line = line, message = ("line %d: %s"):format(line, message), hint = hint }))
end

--- Adds pieces to the buffer, at least as much as is in it, so that a long record is not copied again and again.
---
---@return boolean # Whether anything came.
local function fill(state)
  if state.ended then
    return false
  end
  local rest = sub(state.buffer, state.at)
  local pieces, size, wanted = { rest }, 0, math.max(#rest, 4)
  while size < wanted do
    local piece = state.source()
    if piece == nil then
      state.ended = true
      break
    elseif type(piece) ~= "string" then
      error("csv: the iterator must give strings, but gave " .. kit.article(kit.kind(piece)), 0)
    end
    if state.windows then
      piece = piece:gsub("[\x80-\xFF]", UTF8_OF)
    end
    size = size + #piece
    pieces[#pieces + 1] = piece
  end
  state.buffer, state.at = table.concat(pieces), 1
  state.quote = find(state.buffer, '"', 1, true) or huge
  state.separator, state.line_break = 0, 0
  return size > 0
end

local function open(source, settings)
  local state = { buffer = "", at = 1, line = 1, ended = false, windows = settings.encoding == "windows-1252" }
  state.source = source
  if type(source) == "string" then
    local text = source
    state.source = function()
      local piece = text
      text = nil
      return piece
    end
  end
  fill(state)
  local start = sub(state.buffer, 1, 3)
  if start == "\xEF\xBB\xBF" then
    state.at = 4
  elseif find(state.buffer, "^ï»¿") then
    -- The same mark, after each of its bytes was taken for a character.
    state.at = #"ï»¿" + 1
  elseif find(start, "^\xFF\xFE") or find(start, "^\xFE\xFF") then
    fail("encoding", 1, "the text is UTF-16", "save it as UTF-8")
  end
  return state
end

local function check_utf8(text, line)
  local ok, bad = utf8_len(text)
  if not ok then
    fail("encoding", line, ("byte %d of the record is not UTF-8"):format(bad),
      'save the file as UTF-8, or pass { encoding = "windows-1252" }')
  end
end

--- Reads the field in quotes that begins at a position; returns its text and the position of the byte behind it, nil
--- when the buffer ends before that is certain.
local function quoted_field(state, at)
  local buffer, from, doubled = state.buffer, at + 1, false
  local stop = find(buffer, '"', from, true)
  while stop and byte(buffer, stop + 1) == QUOTE do
    doubled = true
    stop = find(buffer, '"', stop + 2, true)
  end
  if not stop or (stop == #buffer and not state.ended) then
    return nil
  end
  local text = sub(buffer, from, stop - 1)
  return doubled and text:gsub('""', '"') or text, stop + 1
end

--- Moves behind the next line break, where the reading goes on after a bad record.
local function skip_line(state, at)
  state.at = at
  local stop = find(state.buffer, "\n", at, true)
  while not stop do
    state.at = #state.buffer + 1
    if not fill(state) then
      return
    end
    stop = find(state.buffer, "\n", 1, true)
  end
  state.at = stop + 1
end

local function trim(text)
  return text:match("^%s*(.*%S)") or ""
end

--- Reads the field at a position, in quotes or not; returns its text, the position behind it, and the line breaks in
--- it; nil when the buffer ends before the field.
local function field(state, settings, at)
  local buffer = state.buffer
  if byte(buffer, at) == QUOTE then
    local text, after = quoted_field(state, at)
    local breaks = 0
    if text and find(text, "\n", 1, true) then
      breaks = select(2, text:gsub("\n", ""))
    end
    return text, after, breaks
  end
  -- Two searches for plain text, each gone over once, are faster than one for a set of characters.
  if state.separator < at then
    state.separator = find(buffer, settings.separator, at, true) or huge
  end
  if state.line_break < at then
    state.line_break = find(buffer, "\n", at, true) or huge
  end
  local after = state.separator < state.line_break and state.separator or state.line_break
  if after == huge then
    if not state.ended then
      return nil
    end
    after = #buffer + 1
  end
  if after ~= state.separator and after > at and byte(buffer, after - 1) == CR then
    after = after - 1
  end
  local text = sub(buffer, at, after - 1)
  return settings.trim and trim(text) or text, after, 0
end

--- Reads a record in which there are quotes, field by field; nil when the buffer ends before the record.
local function quoted_record(state, settings)
  local buffer, at, fields, count, lines = state.buffer, state.at, {}, 0, 0
  local separator = byte(settings.separator)
  while true do
    local text, after, breaks = field(state, settings, at)
    if not text then
      return nil
    end
    count, lines = count + 1, lines + breaks
    fields[count] = text
    local behind = byte(buffer, after)
    if behind == CR and (byte(buffer, after + 1) == LF or after == #buffer) then
      after = after + 1
      behind = byte(buffer, after)
      if not behind and not state.ended then
        return nil
      end
    end
    if behind == separator then
      at = after + 1
    elseif behind == LF or not behind then
      local from = state.at
      state.at = after + 1
      return fields, count, lines + 1, sub(buffer, from, after - 1)
    else
      local line = state.line + lines
      state.line = line + 1
      skip_line(state, after)
      local shown = sub(buffer, after, after + 7):match("^[^\r\n]*")
      fail("quote", line, ("'%s' stands behind the quote that closes field %d"):format(shown, count),
        "double the quotes that belong to the field")
    end
  end
end

--- Splits a line in which there are no quotes.
local function plain_record(text, settings)
  local fields, count, from, separator = {}, 0, 1, settings.separator
  repeat
    local to = find(text, separator, from, true)
    count = count + 1
    fields[count] = sub(text, from, to and to - 1)
    from = (to or 0) + 1
  until not to
  if settings.trim then
    for index = 1, count do
      fields[index] = trim(fields[index])
    end
  end
  return fields, count
end

--- Gets more of the source for a record that the buffer does not hold whole.
local function fill_for_record(state, settings)
  if #state.buffer - state.at >= settings.max_record_bytes then
    fail("record_size", state.line, ("the record is larger than %d bytes"):format(settings.max_record_bytes),
      "close the quote that it opens, or pass a larger 'max_record_bytes'")
  end
  fill(state)
end

--- Reads the next record; returns its line and its fields with their count, or its text when there are no quotes in
--- it; nil at the end.
local function next_record(state, settings)
  while true do
    local buffer, at, line = state.buffer, state.at, state.line
    local stop = find(buffer, "\n", at, true)
    if state.quote < at then
      state.quote = find(buffer, '"', at, true) or huge
    end
    if not stop and not state.ended then
      fill_for_record(state, settings)
    elseif state.quote < (stop or huge) then
      local fields, count, lines, text = quoted_record(state, settings)
      if fields then
        state.line = line + lines
        check_utf8(text, line)
        return line, nil, fields, count
      elseif state.ended then
        fail("unclosed_quote", line, "a quote of this record is never closed", "close it, or double it")
      end
      fill_for_record(state, settings)
    else
      local last = (stop or #buffer + 1) - 1
      state.at, state.line = last + 2, line + 1
      if last >= at and byte(buffer, last) == CR then
        last = last - 1
      end
      if last >= at then
        local text = sub(buffer, at, last)
        check_utf8(text, line)
        return line, text
      elseif not stop then
        return nil
      end
    end
  end
end

--- Checks the names of the columns and gives the nameless ones a name.
local function named(fields, line)
  local columns, seen = refold.array({}), {}
  for index, name in ipairs(fields) do
    name = name == "" and "column_" .. index or name
    if seen[name] then
      fail("duplicate_column", line, ("columns %d and %d are both called '%s'"):format(seen[name], index, name),
        "rename one of them, or pass the names as { header = { … } }")
    end
    seen[name] = index
    columns[index] = name
  end
  return columns
end

--- Checks that a record has as many fields as there are columns, and makes it so when it may be padded.
local function fit(fields, count, columns, settings, line)
  local width = #columns
  if settings.ragged == "pad" then
    for index = count + 1, width do
      fields[index] = ""
    end
    while count > width and fields[count] == "" do
      count = count - 1
    end
    if count <= width then
      return
    end
  end
  fail("ragged_row", line, ("the record has %d fields, but there are %d columns"):format(count, width),
    'mend the file, pass { ragged = "pad" } for fields that are missing at the end, or { on_error = … } to go on')
end

--- Makes the row of a line in which there are no quotes, when it has as many fields as there are columns.
local function plain_row(text, separator, columns)
  local row, width, from, index = {}, #columns, 1, 0
  repeat
    local to = find(text, separator, from, true)
    index = index + 1
    if index > width then
      return nil
    end
    row[columns[index]] = sub(text, from, to and to - 1)
    from = (to or 0) + 1
  until not to
  return index == width and row or nil
end

--- Makes the row of a record's fields.
local function shaped(fields, count, columns, settings)
  local empty = ""
  if settings.empty ~= "text" then
    -- A list without a value has no hole.
    empty = (settings.empty == "null" or not columns) and refold.null or nil
  end
  local row = columns and {} or refold.array({})
  for index = 1, columns and #columns or count do
    local text = fields[index]
    if text == "" then
      text = empty
    end
    row[columns and columns[index] or index] = text
  end
  return row
end

--- Failures after which there is no next row.
local FATAL <const> = { record_size = true, unclosed_quote = true }

--- Returns a reader that hands the failure of a row to a function and goes on with the next.
local function forgiving(read, on_error)
  return function()
    while true do
      local ok, row, line = pcall(read)
      if ok then
        return row, line
      elseif type(row) ~= "table" or not row.line or FATAL[row.code] then
        error(row, 0)
      end
      on_error(row)
    end
  end
end

--- Opens a source: returns the state of its reading, and the columns.
local function start(source, settings)
  local state = open(source, settings)
  if type(settings.header) == "table" then
    return state, named(settings.header, 1)
  elseif settings.header then
    local line, text, fields = next_record(state, settings)
    return state, named(fields or text and plain_record(text, settings) or {}, line or 1)
  end
  return state
end

--- Returns an iterator over rows, and a function that gives the columns.
---
---@param source string|function
---@param settings table What `csv` makes of its options.
---@return fun(): table?, integer?
---@return fun(): string[]?
function M.rows(source, settings)
  local state, columns
  local simple = settings.empty == "text" and not settings.trim
  local function read()
    local line, text, fields, count = next_record(state, settings)
    if not line then
      return nil
    elseif text and columns and simple then
      local row = plain_row(text, settings.separator, columns)
      if row then
        return row, line
      end
    end
    if text then
      fields, count = plain_record(text, settings)
    end
    if columns and count ~= #columns then
      fit(fields, count, columns, settings, line)
    end
    return shaped(fields, count, columns, settings), line
  end
  local go_on = settings.on_error and forgiving(read, settings.on_error) or read
  return function()
    if not state then
      state, columns = start(source, settings)
    end
    return go_on()
  end, function()
    return columns
  end
end

return M
