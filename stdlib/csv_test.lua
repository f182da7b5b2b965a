local csv = require("csv")
local json = require("json")

local function encoded(value)
  return json.encode(value, { sort_keys = true })
end

--- Gives a text in pieces of a size.
local function pieces(text, size)
  local at = 1
  return function()
    if at <= #text then
      at = at + size
      return text:sub(at - size, at - 1)
    end
  end
end

local READ <const> = {
  { "a,b\n1,2\n", '[{"a":"1","b":"2"}]' },
  { "a,b\r\n1,2\r\n3,4", '[{"a":"1","b":"2"},{"a":"3","b":"4"}]' },
  { "\u{FEFF}a,b\n1,2\n", '[{"a":"1","b":"2"}]' },
  { '\u{FEFF}"a",b\n1,2\n', '[{"a":"1","b":"2"}]' },
  { "", "[]" },
  { "\u{FEFF}", "[]" },
  { "a,b", "[]" },
  { "a,b\n", "[]" },
  { "\n\na,b\n\r\n\n1,2\n\n", '[{"a":"1","b":"2"}]' },
  { 'a,b\n"x,y","z ""q"""\n', '[{"a":"x,y","b":"z \\"q\\""}]' },
  { 'a,b\r\n"one\r\ntwo",2\r\n', '[{"a":"one\\r\\ntwo","b":"2"}]' },
  { 'a,b\n"",\n', '[{"a":"","b":""}]' },
  { 'a\n""\n', '[{"a":""}]' },
  { 'a,b\n"""",""""""\n', '[{"a":"\\"","b":"\\"\\""}]' },
  { 'a,b\n5" pipe,x"y"\n', '[{"a":"5\\" pipe","b":"x\\"y\\""}]' },
  { 'a,b\n1,"2"\r\n"3",4\r\n', '[{"a":"1","b":"2"},{"a":"3","b":"4"}]' },
  { 'a,b\n1,"2"', '[{"a":"1","b":"2"}]' },
  { 'a,b\n1,"2"\r', '[{"a":"1","b":"2"}]' },
  { "a,b\n 1 , 2 \n", '[{"a":" 1 ","b":" 2 "}]' },
  { ' a ,b\n 1 , "2" \n', '[{"a":"1","b":"\\"2\\""}]', { trim = true } },
  { "a;b\n1,5;2\n", '[{"a":"1,5","b":"2"}]', { separator = ";" } },
  { "a\tb\n1\t2\n", '[{"a":"1","b":"2"}]', { separator = "\t" } },
  { "a^b\n1^\"2\"\n", '[{"a":"1","b":"2"}]', { separator = "^" } },
  { "1,2\n3\n", '[["1","2"],["3"]]', { header = false } },
  { "1,2\n", '[{"x":"1","y":"2"}]', { header = { "x", "y" } } },
  { "a,,b,\n1,2,3,4\n", '[{"a":"1","b":"3","column_2":"2","column_4":"4"}]' },
  { "a,b,c\n1\n1,2,3,,\n", '[{"a":"1","b":"","c":""},{"a":"1","b":"2","c":"3"}]', { ragged = "pad" } },
  { "a,b\n1,\n", '[{"a":"1"}]', { empty = "absent" } },
  { "a,b\n1,\n", '[{"a":"1","b":null}]', { empty = "null" } },
  { "1,,3\n", '[["1",null,"3"]]', { empty = "absent", header = false } },
  { "n\xE4me,p\n\x80 1,\xFC\n", '[{"näme":"€ 1","p":"ü"}]', { encoding = "windows-1252" } },
  { "a,名前\n1,東京\n", '[{"a":"1","名前":"東京"}]' },
}

test.each("reads a text at once and in pieces of any size", READ, function(t, case)
  t.equal(encoded((csv.parse(case[1], case[3]))), case[2])
  for size = 1, 5 do
    t.equal(encoded((csv.parse(pieces(case[1], size), case[3]))), case[2])
  end
end)

test("rows come with their lines, columns in their order", function(t)
  local lines = {}
  for row, line in csv.rows('z,a\n1,2\n\n"x\ny",3\n4,5\n') do
    lines[#lines + 1] = row.z:gsub("\n", "/") .. "@" .. line
  end
  t.equal(table.concat(lines, " "), "1@2 x/y@4 4@6")
  local _, columns = csv.parse("z,a\n1,2\n")
  t.equal(encoded(columns), '["z","a"]')
  local _, none = csv.parse("1,2\n", { header = false })
  t.equal(none, nil)
end)

local BAD <const> = {
  { "a,b\n1\n", "ragged_row", 2, "line 2: the record has 1 fields, but there are 2 columns" },
  { "a,b\n1,2,3\n", "ragged_row", 2, "line 2: the record has 3 fields, but there are 2 columns" },
  { "a,b\n1,2,3\n", "ragged_row", 2, "line 2: the record has 3 fields, but there are 2 columns", { ragged = "pad" } },
  { 'a,b\n"x"y,2\n', "quote", 2, "line 2: 'y,2' stands behind the quote that closes field 1" },
  { 'a,b\n1,2\n"x\n"y,2\n', "quote", 4, "line 4: 'y,2' stands behind the quote that closes field 1" },
  { 'a,b\n1,"x\n2,3\n', "unclosed_quote", 2, "line 2: a quote of this record is never closed" },
  { "a,b,a\n1,2,3\n", "duplicate_column", 1, "line 1: columns 1 and 3 are both called 'a'" },
  { "a,b\n\xE4,2\n", "encoding", 2, "line 2: byte 1 of the record is not UTF-8" },
  { 'a,b\n1,"\xE4"\n', "encoding", 2, "line 2: byte 4 of the record is not UTF-8" },
  { "\xFF\xFEa\0", "encoding", 1, "line 1: the text is UTF-16" },
  { 'a,b\n"' .. ("x"):rep(200), "record_size", 2, "line 2: the record is larger than 100 bytes",
    { max_record_bytes = 100 } },
  { "a,b\n" .. ("x"):rep(200), "record_size", 2, "line 2: the record is larger than 100 bytes",
    { max_record_bytes = 100 } },
}

test.each("bad input names the line", BAD, function(t, case)
  -- In pieces too; with the whole text at hand nothing has to be held for a record.
  local source = case[2] == "record_size" and pieces(case[1], 50) or case[1]
  t.raises(function()
    csv.parse(source, case[5])
  end, { code = case[2], line = case[3], message = case[4] })
  t.raises(function()
    csv.parse(pieces(case[1], 3), case[5])
  end, { code = case[2], line = case[3] })
end)

test("a failure prints with its hint", function(t)
  local err = t.raises(function()
    csv.parse("a,b\n\xE4,2\n")
  end, { code = "encoding" })
  t.equal(tostring(err), "line 2: byte 1 of the record is not UTF-8\n"
    .. '  fix: save the file as UTF-8, or pass { encoding = "windows-1252" }')
end)

test.each("bad rows go to on_error, and the reading goes on", { 1, 2, 7, 1000 }, function(t, size)
  local failures = {}
  local text = 'a,b\n1,2\n3\n"x"y\n\xFF,5\n6,7\n'
  local rows = csv.parse(pieces(text, size), {
    on_error = function(failure)
      failures[#failures + 1] = failure.line .. " " .. failure.code
    end,
  })
  t.equal(encoded(rows), '[{"a":"1","b":"2"},{"a":"6","b":"7"}]')
  t.equal(table.concat(failures, ", "), "3 ragged_row, 4 quote, 5 encoding")
end)

local function ignore() end

test("a quote that is never closed ends the reading, even with on_error", function(t)
  t.raises(function()
    csv.parse('a,b\n1,"2\n', { on_error = ignore })
  end, { code = "unclosed_quote" })
  t.raises(function()
    csv.parse("a,a\n1,2\n", { on_error = ignore })
  end, { code = "duplicate_column" })
end)

test("a stream of any length needs the memory of a piece", function(t)
  local piece = ('name,"with, comma",%d\n'):rep(1000)
  local given, count = 0, 0
  local source = function()
    given = given + 1
    return given == 1 and "a,b,c\n" or given <= 100 and piece or nil
  end
  local most = 0
  for row in csv.rows(source) do
    count = count + 1
    if count % 1000 == 0 then
      most = math.max(most, collectgarbage("count"))
    end
    if row.b ~= "with, comma" then
      error("row " .. count .. " is wrong")
    end
  end
  t.equal(count, 99000)
  -- The source is 2.2 MB a hundred times over; a few pieces and some garbage are far less.
  t.equal(most < 20000, true)
end)

test("what the source or the caller raises comes through", function(t)
  local err = t.raises(function()
    csv.parse(function()
      return 7
    end)
  end, "csv: the iterator must give strings, but gave an integer")
  t.equal(err, "csv: the iterator must give strings, but gave an integer")
  t.raises(function()
    csv.parse("a,b\n1\n", {
      on_error = function()
        error({ code = "mine" })
      end,
    })
  end, { code = "mine" })
end)

test.each("writes", {
  { { { a = 1, b = "x" } }, "a,b\r\n1,x\r\n" },
  { { { a = 1.5, b = true }, { c = refold.null } }, "a,b,c\r\n1.5,true,\r\n,,\r\n" },
  { { { b = 1, a = 2 } }, "b,a\r\n1,2\r\n", { columns = { "b", "a" } } },
  { { { b = 1, a = 2 } }, "1,2\r\n", { columns = { "b", "a" }, header = false } },
  { { { 1, 2 }, { 3, refold.null } }, "1,2\r\n3,\r\n" },
  { { { 1, 2 } }, "x,y\r\n1,2\r\n", { columns = { "x", "y" } } },
  { {}, "" },
  { {}, "x\r\n", { columns = { "x" } } },
  { { { a = 'say "hi"', b = "x,y", c = "two\nlines", d = " kept " } },
    'a,b,c,d\r\n"say ""hi""","x,y","two\nlines", kept \r\n' },
  { { { a = "x,y", b = "x;y" } }, 'a;b\r\nx,y;"x;y"\r\n', { separator = ";" } },
  { { { a = 1 } }, "\u{FEFF}\"a\"\n\"1\"\n", { quote = "all", newline = "\n", bom = true } },
  { { { a = "" } }, 'a\r\n""\r\n' },
  { { { a = "=1+1", b = "-5", c = "@x" } }, "a,b,c\r\n'=1+1,-5,'@x\r\n", { formulas = "escape" } },
  { { { a = "=1+1" } }, "a\r\n=1+1\r\n" },
  { { { a = 0.1, b = 3.0, c = math.maxinteger } }, "a,b,c\r\n0.1,3,9223372036854775807\r\n" },
}, function(t, case)
  t.equal(csv.encode(case[1], case[3]), case[2])
end)

test("rows may come from an iterator, such as that of another text", function(t)
  t.equal(csv.encode(csv.rows("a;b\n1;2\n", { separator = ";" })), "a,b\r\n1,2\r\n")
end)

test("what was written reads back", function(t)
  local rows = { { a = 'q"', b = "x\r\ny" }, { a = "", b = "," }, { a = "ä", b = " " } }
  t.equal(encoded((csv.parse(csv.encode(rows)))), encoded(rows))
end)

test("what has no text or no column is refused", function(t)
  t.raises(function()
    csv.encode({ { a = 1 }, { a = {} } })
  end, { code = "value", message = "row 2, column 'a': a table has no text in CSV" })
  t.raises(function()
    csv.encode({ { a = 0 / 0 } })
  end, { code = "value" })
  local err = t.raises(function()
    csv.encode({ { email = 1, emial = 2 } }, { columns = { "email", "name" } })
  end, { code = "unknown_column" })
  t.equal(tostring(err), "row 1 has a field 'emial', which is no column\n"
    .. "  fix: use 'email' or 'name', or leave 'columns' out for all of them")
end)

test.each("wrong arguments are named at the line of the call", {
  { "csv.rows: argument 1 must be a string or an iterator of strings, but is nil", function() csv.rows(nil) end },
  { "csv.parse: argument 1 must be a string or an iterator of strings, but is a table",
    function() csv.parse({}) end },
  { "csv.parse: unknown option 'seperator' (did you mean 'separator'?)",
    function() csv.parse("", { seperator = ";" }) end },
  { "csv.parse: the separator must be one byte, and no quote or line break, but is ';;'",
    function() csv.parse("", { separator = ";;" }) end },
  { "csv.rows: 'ragged' must be 'error' or 'pad', but is 'skip'", function() csv.rows("", { ragged = "skip" }) end },
  { "csv.rows: 'empty' must be 'text', 'absent' or 'null', but is 'nil'",
    function() csv.rows("", { empty = "nil" }) end },
  { "csv.parse: 'max_record_bytes' must be an integer of at least 1, but is 0",
    function() csv.parse("", { max_record_bytes = 0 }) end },
  { "csv.encode: argument 1 must be a list or an iterator, but is a table with names",
    function() csv.encode({ a = 1 }) end },
  { "csv.encode: row 1 must be a table, but is an integer", function() csv.encode({ 1 }) end },
  { "csv.encode: row 2 is a list, unlike the first: give all of them names, or none",
    function() csv.encode({ { a = 1 }, { 1 } }) end },
  { "csv.encode: row 2 has names, unlike the first: give all of them names, or none",
    function() csv.encode({ { 1 }, { a = 1 } }) end },
  { "csv.rows: name 2 of 'header' must be a string, but is an integer",
    function() csv.rows("", { header = { "a", 2 } }) end },
  { "csv.encode: 'quote' must be 'needed' or 'all', but is 'x'", function() csv.encode({}, { quote = "x" }) end },
  { "csv.encode: 'newline' must be LF or CR LF", function() csv.encode({}, { newline = "\r" }) end },
}, function(t, case)
  local err = t.raises(case[2], case[1])
  t.matches(err, "^[^:]*csv_test.lua:%d+: ")
end)
