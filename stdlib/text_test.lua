local json = require("json")
local text = require("text")

local function encoded(value)
  return json.encode(value)
end

test.each("blanks around a text go, wide ones too", {
  { "", "", "", "" },
  { " \t\r\n ", "", "", "" },
  { "a", "a", "a", "a" },
  { "  a b  ", "a b", "a b  ", "  a b" },
  { "\u{A0}\u{3000} a\u{2003}b \u{A0}\n", "a\u{2003}b", "a\u{2003}b \u{A0}\n", "\u{A0}\u{3000} a\u{2003}b" },
  { "\u{FEFF}a", "a", "a", "\u{FEFF}a" },
  { "\u{A0}\u{A0}", "", "", "" },
  { "é à", "é à", "é à", "é à" },
}, function(t, case)
  t.equal(text.trim(case[1]), case[2])
  t.equal(text.trim_start(case[1]), case[3])
  t.equal(text.trim_end(case[1]), case[4])
end)

test("a long run of blanks is trimmed in a moment", function(t)
  local long = (" "):rep(200000)
  t.equal(text.trim("a" .. long .. "b" .. long), "a" .. long .. "b")
  t.equal(text.squeeze(long .. "a" .. long .. "b"), "a b")
end)

test.each("squeeze leaves one space", {
  { "", "" }, { "  ", "" }, { " a \n\t b\u{A0}\u{A0}c ", "a b c" }, { "Zoë", "Zoë" },
}, function(t, case)
  t.equal(text.squeeze(case[1]), case[2])
end)

test("blank is nil, null, and a text of blanks", function(t)
  t.equal(text.is_blank(nil), true)
  t.equal(text.is_blank(refold.null), true)
  t.equal(text.is_blank(" \u{A0} "), true)
  t.equal(text.is_blank("0"), false)
  t.equal(text.is_blank(0), false)
  t.equal(text.is_blank(false), false)
end)

test.each("split takes separators as they are", {
  { '[""]', "", "," },
  { '["a"]', "a", "," },
  { '["a","b",""]', "a,b,", "," },
  { '["","",""]', ",,", "," },
  { '["a","b"]', "a.b", "." },
  { '["a","b"]', "a%-b", "%-" },
  { '["a","b"]', "a → b", " → " },
  { '["a","b,c"]', "a,b,c", ",", { limit = 2 } },
  { '["a,b"]', "a,b", ",", { limit = 1 } },
  { '["a","b"]', " a , b\u{A0}", ",", { trim = true } },
  { '["a","b"]', "a;;b; ;", ";", { trim = true, skip_empty = true } },
  { "[]", "", ";", { skip_empty = true } },
}, function(t, case)
  t.equal(encoded(text.split(case[2], case[3], case[4])), case[1])
end)

test.each("lines end with LF, CR LF or CR", {
  { "[]", "" }, { '["a"]', "a" }, { '["a"]', "a\n" }, { '["a","","b"]', "a\r\n\r\nb" },
  { '["a","b","c"]', "a\rb\nc\r" },
}, function(t, case)
  local lines = refold.array({})
  for line in text.lines(case[2]) do
    lines[#lines + 1] = line
  end
  t.equal(encoded(lines), case[1])
end)

test("beginning, end and part are plain text", function(t)
  t.equal(text.starts_with("a.b", "a."), true)
  t.equal(text.starts_with("axb", "a."), false)
  t.equal(text.starts_with("a", ""), true)
  t.equal(text.ends_with("a.b", ".b"), true)
  t.equal(text.ends_with("b", "ab"), false)
  t.equal(text.ends_with("a", ""), true)
  t.equal(text.contains("50% off", "% o"), true)
  t.equal(text.contains("abc", "."), false)
end)

test("replace and escape_pattern take everything as it is", function(t)
  local result, count = text.replace("a.b.c", ".", "%1")
  t.equal(result, "a%1b%1c")
  t.equal(count, 2)
  local odd = "^$()%.[]*+-?a\0b"
  t.equal(odd:match("^" .. text.escape_pattern(odd) .. "$"), odd)
end)

test("pads by code points", function(t)
  t.equal(text.pad_start("7", 3, "0"), "007")
  t.equal(text.pad_end("Zoë", 5, "·"), "Zoë··")
  t.equal(text.pad_end("long", 2), "long")
  t.equal(text.length("Zoë 👋"), 5)
end)

test.each("case of Latin, Greek and Cyrillic letters", {
  { "Straße, ÀÉÎÕÜ Ÿ ŁŻ", "STRASSE, ÀÉÎÕÜ Ÿ ŁŻ", "straße, àéîõü ÿ łż" },
  { "Ÿÿ Žž Ĺĺ Ŋŋ", "ŸŸ ŽŽ ĹĹ ŊŊ", "ÿÿ žž ĺĺ ŋŋ" },
  { "Αθήνα ΌΣΟΣ ς", "ΑΘΉΝΑ ΌΣΟΣ Σ", "αθήνα όσοσ ς" },
  { "Москва Ёж Їжак Ґ", "МОСКВА ЁЖ ЇЖАК Ґ", "москва ёж їжак ґ" },
  { "×÷ 東京 👋", "×÷ 東京 👋", "×÷ 東京 👋" },
  { "ıİ", "Iİ", "ıi" },
  { "", "", "" },
}, function(t, case)
  t.equal(text.upper(case[1]), case[2])
  t.equal(text.lower(case[1]), case[3])
end)

test("title", function(t)
  t.equal(text.title("JEAN-LUC o'neill  ÉLISE"), "Jean-Luc O'Neill  Élise")
end)

test.each("plain and slug", {
  { "Łódź & Co.", "Lodz & Co.", "lodz-co" },
  { "  Crème Brûlée — Größe  ", "  Creme Brulee — Grosse  ", "creme-brulee-grosse" },
  { "Ångström's Œuvre", "Angstrom's OEuvre", "angstroms-oeuvre" },
  { "e\u{301}te\u{301}", "ete", "ete" },
  { "東京 2024", "東京 2024", "2024" },
  { "İstanbul", "Istanbul", "istanbul" },
  { "", "", "" },
}, function(t, case)
  t.equal(text.plain(case[1]), case[2])
  t.equal(text.slug(case[1]), case[3])
end)

test("slug with options", function(t)
  t.equal(text.slug("One Two Three", { separator = "_" }), "one_two_three")
  t.equal(text.slug("One Two Three", { length = 8 }), "one-two")
  t.equal(text.slug("One Two Three", { length = 9 }), "one-two-t")
end)

test.each("truncate cuts between code points", {
  { "", 0, "" }, { "abc", 3, "abc" }, { "abcd", 3, "ab…" }, { "ééé", 3, "ééé" }, { "éééé", 3, "éé…" },
  { "👋👋👋", 2, "👋…" },
  { "abcd", 1, "…" }, { "abcd", 3, "abc", { suffix = "" } }, { "abcdef", 4, "a...", { suffix = "..." } },
}, function(t, case)
  t.equal(text.truncate(case[1], case[2], case[4]), case[3])
end)

test("text that is not UTF-8 is refused where characters count", function(t)
  local err = t.raises(function()
    text.truncate("ab\xFFcd", 3)
  end, { code = "encoding", message = "text is not UTF-8: byte 3 is wrong" })
  t.equal(tostring(err), "text is not UTF-8: byte 3 is wrong\n  fix: decode the text before it gets here")
end)

local ORDER <const> = { name = "Ada", order = { id = 7, lines = { { sku = "x" } } }, ok = true, note = refold.null }

test.each("templates", {
  { "", "" },
  { "Hello {name}!", "Hello Ada!" },
  { "{order.id}/{order.lines.1.sku}/{ok}", "7/x/true" },
  { "{{name}} {name} }}{{", "{name} Ada }{" },
  { "[{note}{nope}{name.x}]", "[]", { missing = "empty" } },
  { "[{note}{nope}]", "[{note}{nope}]", { missing = "keep" } },
  { "%1 {name} %", "%1 Ada %" },
}, function(t, case)
  t.equal(text.template(case[1], ORDER, case[3]), case[2])
end)

test("a template takes a view of JSON", function(t)
  local view = json.decode('{"a":{"b":[1,2]}}', { lazy = true })
  t.equal(text.template("{a.b.2}", view), "2")
end)

test("a missing value is an error that names the nearest", function(t)
  t.raises(function()
    text.template("Hello {nmae}", ORDER)
  end, {
    code = "missing_value",
    message = "the template has no value for '{nmae}'",
    hint = "did you mean '{name}'? Else pass the value, or { missing = \"empty\" } or { missing = \"keep\" }",
  })
  t.raises(function()
    text.template("{order}", ORDER)
  end, { code = "not_text", message = "'{order}' is a table, which has no text" })
end)

test.each("e-mail addresses", {
  { " Ada.Lovelace@Example.COM ", "ada.lovelace@example.com" },
  { "Ada Lovelace <ADA@example.com>", "ada@example.com" },
  { "mailto:ada+tag@mail.example.co.uk", "ada+tag@mail.example.co.uk" },
  { "o'neill@bücher.example", "o'neill@bücher.example" },
  { "ada", nil, "has no '@', or several" },
  { "", nil, "has no '@', or several" },
  { "a@b@c.d", nil, "has no '@', or several" },
  { "@example.com", nil, "has nothing before the '@'" },
  { ("a"):rep(65) .. "@example.com", nil, "has more than 64 bytes before the '@'" },
  { "a b@example.com", nil, "has a character or a dot before the '@' that must not be there" },
  { "a..b@example.com", nil, "has a character or a dot before the '@' that must not be there" },
  { "ada@localhost", nil, "has no domain with a dot behind the '@'" },
  { "ada@exa_mple.com", nil, "has a domain that cannot be one" },
  { "ada@.com", nil, "has a domain that cannot be one" },
  { "ada@-x.com", nil, "has a domain that cannot be one" },
  { "ada@example.com.", nil, "has a domain that cannot be one" },
}, function(t, case)
  local address, reason = text.email(case[1])
  t.equal(address, case[2])
  t.equal(reason, case[3])
end)

test.each("telephone numbers", {
  { "+44 20 7946 0000", nil, "+442079460000" },
  { "+44 (0)20 7946 0000", nil, "+442079460000" },
  { "0044 20-7946.0000", nil, "+442079460000" },
  { "(020) 7946 0000", "GB", "+442079460000" },
  { "(0)20 7946 0000", "GB", "+442079460000" },
  { "030/1234567", "DE", "+49301234567" },
  { "(415) 555-0100", "US", "+14155550100" },
  { "1-415-555-0100", "US", "+14155550100" },
  { "415-555-0100 ext. 12", "US", "+14155550100", "12" },
  { "+1 415 555 0100 x7", nil, "+14155550100", "7" },
  { "tel:+1-415-555-0100", nil, "+14155550100" },
  { "06 1234 5678", "IT", "+390612345678" },
  { "06 1 234 5678", "HU", "+3612345678" },
  { "+49\u{A0}30\u{2011}1234567", nil, "+49301234567" },
  { "020 7946 0000", nil, nil, "has no country: it must begin with '+', or the country must be given" },
  { "12", "DE", nil, "is too short" },
  { "", "DE", nil, "is too short" },
  { "+1234567890123456", nil, nil, "is too long: E.164 allows 15 digits" },
  { "call me", "DE", nil, "has characters that no telephone number has" },
  { "+49 30 1234 or 5678", nil, nil, "has characters that no telephone number has" },
  { "555-0100", "US", nil, "is no number of North America: it must have 10 digits" },
}, function(t, case)
  local number, other = text.phone(case[1], { country = case[2] })
  t.equal(number, case[3])
  t.equal(other, case[4])
end)

test("digits", function(t)
  t.equal(text.digits("(415) 555-0100"), "4155550100")
  t.equal(text.digits("٣"), "")
end)

test.each("wrong arguments are named at the line of the call", {
  { "text.trim: argument 1 must be a string, but is nil", function() text.trim(nil) end },
  { "text.trim: argument 1 must be a string, but is null", function() text.trim(refold.null) end },
  { "text.upper: argument 1 must be a string, but is an integer", function() text.upper(7) end },
  { "text.split: argument 2 must be a string, but is nil", function() text.split("a") end },
  { "text.split: the separator must not be empty", function() text.split("a", "") end },
  { "text.split: unknown option 'limt' (use 'limit', 'trim' or 'skip_empty')",
    function() text.split("a", ",", { limt = 1 }) end },
  { "text.pad_start: argument 3 must be one character, but is 'ab'", function() text.pad_start("a", 3, "ab") end },
  { "text.pad_end: argument 2 must be an integer of at least 0, but is -1", function() text.pad_end("a", -1) end },
  { "text.replace: the part to replace must not be empty", function() text.replace("a", "", "b") end },
  { "text.truncate: a suffix of 3 does not fit into 2", function() text.truncate("abcd", 2, { suffix = "..." }) end },
  { "text.template: argument 2 must be a table, but is null", function() text.template("a", refold.null) end },
  { "text.template: 'missing' must be 'error', 'keep' or 'empty', but is 'kep'",
    function() text.template("a", {}, { missing = "kep" }) end },
  { "text.email: argument 1 must be a string, but is a table", function() text.email({}) end },
  { "text.phone: unknown country 'de' (use one of AT AU BE", function() text.phone("1", { country = "de" }) end },
}, function(t, case)
  local err = t.raises(case[2], case[1])
  t.matches(err, "^[^:]*text_test.lua:%d+: ")
end)
