local time = require("time")

test.each("reads ISO 8601 and RFC 1123", {
  { "1970-01-01", 0 },
  { "1970-01-01T00:00:00Z", 0, 0 },
  { "2026-01-20T10:00:00.000Z", 1768903200, 0 },
  { "2026-01-20T10:00:00.250Z", 1768903200.25, 0 },
  { "2026-01-20T10:00:00,5Z", 1768903200.5, 0 },
  { "2026-01-20T10:00:00.000+0000", 1768903200, 0 },
  { "2026-01-20 10:00:00", 1768903200 },
  { "2026-01-20 10:00:00 UTC", 1768903200, 0 },
  { "2026-01-20T10:00", 1768903200 },
  { "2026-01-20t10:00:00z", 1768903200, 0 },
  { "20260120T100000Z", 1768903200, 0 },
  { "20260120", 1768867200 },
  { "2026-01-20T15:30:00+05:30", 1768903200, 19800 },
  { "2026-01-20T02:00:00-08", 1768903200, -28800 },
  { "2026-01-20T24:00:00Z", 1768953600, 0 },
  { "2024-02-29", 1709164800 },
  { "2000-02-29", 951782400 },
  { "1969-12-31T23:59:59Z", -1, 0 },
  { "0001-01-01", -62135596800 },
  { "9999-12-31T23:59:59Z", 253402300799, 0 },
  { "Tue, 20 Jan 2026 10:00:00 GMT", 1768903200, 0 },
  { "20 Jan 2026 11:00 +0100", 1768903200, 3600 },
  { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777, 0 },
}, function(t, case)
  local seconds, offset = time.parse(case[1])
  t.equal(seconds, case[2])
  t.equal(math.type(seconds), math.type(case[2]))
  t.equal(offset, case[3])
end)

test.each("what is no time says why", {
  { "", "neither ISO 8601 nor RFC 1123" },
  { "yesterday", "neither ISO 8601 nor RFC 1123" },
  { "2026", "is no ISO 8601 date or time" },
  { "2026-1-20", "is no ISO 8601 date or time" },
  { "2026-W04-2", "is no ISO 8601 date or time" },
  { "2026-13-01", "there is no month 13" },
  { "2026-00-01", "there is no month 0" },
  { "2026-02-29", "Feb 2026 has no day 29" },
  { "1900-02-29", "Feb 1900 has no day 29" },
  { "2026-04-31T00:00:00Z", "Apr 2026 has no day 31" },
  { "2026-01-20T25:00:00Z", "there is no hour 25" },
  { "2026-01-20T24:00:01Z", "there is no hour 24" },
  { "2026-01-20T10:60:00Z", "there is no minute 60" },
  { "2026-01-20T10:00:61Z", "there is no second 61" },
  { "2026-01-20T10:00:60Z", "there is a 60th second at 23:59 UTC only" },
  { "2026-01-20T1", "has no hour and minute behind the date" },
  { "2026-01-20T10:00:00 Berlin", "has ' Berlin' where an offset may stand" },
  { "2026-01-20T10:00:00+25:00", "has '+25:00' where an offset may stand" },
  { "2026-01-20T10:00:00+1", "has '+1' where an offset may stand" },
  { "Mon, 20 Jan 2026 10:00:00 GMT", "says Mon, but that day is a Tue" },
  { "Tue, 20 Jan 2026 10:00:00", "has no 'GMT' and no offset at its end" },
  { "Tue, 20 Foo 2026 10:00:00 GMT", "is no date of RFC 1123" },
}, function(t, case)
  t.raises(function()
    time.parse(case[1])
  end, { code = "not_a_time", message = "'" .. case[1] .. "' is no time: " .. case[2] })
end)

test("a leap second is the first second of the next day", function(t)
  t.equal(time.parse("2016-12-31T23:59:60Z"), time.parse("2017-01-01T00:00:00Z"))
  t.equal(time.parse("2016-12-31T15:59:60-08:00"), time.parse("2017-01-01T00:00:00Z"))
  t.equal(time.parse("2016-12-31T23:59:60.5Z"), time.parse("2017-01-01T00:00:00.5Z"))
end)

test.each("formats of one's own", {
  { "20.01.2026", "DD.MM.YYYY", 1768867200 },
  { "1/20/2026", "M/D/YYYY", 1768867200 },
  { "01/20/2026 02:30 PM", "MM/DD/YYYY hh:mm A", 1768919400 },
  { "01/20/2026 12:05 AM", "MM/DD/YYYY hh:mm A", 1768867500 },
  { "20 Jan 2026", "DD MMM YYYY", 1768867200 },
  { "2026-01-20 at 10h", "YYYY-MM-DD [at] H[h]", 1768903200 },
  { "20260120100000250", "YYYYMMDDHHmmssSSS", 1768903200.25 },
  { "20.01.2026 11:00+01:00", "DD.MM.YYYY HH:mmZ", 1768903200 },
}, function(t, case)
  t.equal(time.parse(case[1], { format = case[2] }), case[3])
  if not case[2]:find("Z") then
    t.equal(time.format(case[3], { format = case[2] }), case[1])
  end
end)

test.each("texts that do not have the format", {
  { "20-01-2026", "DD.MM.YYYY", "is not of the form 'DD.MM.YYYY'" },
  { "31.02.2026", "DD.MM.YYYY", "Feb 2026 has no day 31" },
  { "13:00 PM", "hh:mm A", "has no hour from 1 to 12 with AM or PM" },
  { "20 Foo 2026", "DD MMM YYYY", "has the month 'Foo', which is none" },
}, function(t, case)
  t.raises(function()
    time.parse(case[1], { format = case[2] })
  end, { message = "'" .. case[1] .. "' is no time: " .. case[3] })
end)

test.each("writes", {
  { "2026-01-20T10:00:00Z", 1768903200 },
  { "2026-01-20T10:00:00.250Z", 1768903200.25 },
  { "2026-01-20T10:00:00.000Z", 1768903200, { digits = 3 } },
  { "2026-01-20T10:00:01Z", 1768903200.9996, { digits = 0 } },
  { "2026-01-20T10:00:01.000Z", 1768903200.9996 },
  { "2026-01-20T10:00:00.9996Z", 1768903200.9996, { digits = 4 } },
  { "2026-01-20T11:00:00+01:00", 1768903200, { zone = "Europe/Berlin" } },
  { "2026-07-20T12:00:00+02:00", "2026-07-20T10:00:00Z", { zone = "Europe/Berlin" } },
  { "2026-01-20T05:00:00-05:00", 1768903200, { zone = "America/New_York" } },
  { "2026-01-20T15:30:00+05:30", 1768903200, { zone = "+05:30" } },
  { "2026-01-20T09:30:00-00:30", 1768903200, { zone = -1800 } },
  { "2026-01-20", 1768903200, { format = "date" } },
  { "2026-01-21", 1768903200, { format = "date", zone = "+14:00" } },
  { "Tue, 20 Jan 2026 10:00:00 GMT", 1768903200, { format = "rfc1123" } },
  { "Tue, 20 Jan 2026 10:00:00 GMT", 1768903200, { format = "rfc1123", zone = "Asia/Tokyo" } },
  { "1969-12-31T23:59:59Z", -1 },
  { "1969-12-31T23:59:59.500Z", -0.5 },
  { "0001-01-01T00:00:00Z", -62135596800 },
}, function(t, case)
  t.equal(time.format(case[2], case[3]), case[1])
end)

test("milliseconds taken for seconds are noticed", function(t)
  t.raises(function()
    time.format(1768903200000)
  end, { code = "not_a_time", message = "the year 58024 has no text: years go from 0 to 9999" })
  t.equal(time.from_ms(1768903200000), 1768903200)
  t.equal(math.type(time.from_ms(1768903200000)), "integer")
  t.equal(time.from_ms(1768903200250), 1768903200.25)
  t.equal(time.to_ms("2026-01-20T10:00:00.25Z"), 1768903200250)
end)

test("every day of eight hundred years reads back", function(t)
  local day = time.parse("1600-01-01")
  local expected = day
  for _ = 1, 292194, 97 do
    if time.parse(time.format(day, { format = "date" })) ~= day then
      error("not " .. time.format(day))
    end
    day, expected = day + 97 * 86400, expected + 97 * 86400
  end
  t.equal(day, expected)
end)

-- Berlin: clocks go from 02:00 to 03:00 on 2026-03-29, and from 03:00 back to 02:00 on 2026-10-25.
test.each("a time that the clocks show never or twice", {
  { "2026-03-29T01:59:59", nil, "2026-03-29T00:59:59Z" },
  { "2026-03-29T02:30:00", nil, "2026-03-29T01:30:00Z" },
  { "2026-03-29T02:30:00", "later", "2026-03-29T01:30:00Z" },
  { "2026-03-29T02:30:00", "earlier", "2026-03-29T00:30:00Z" },
  { "2026-03-29T03:00:00", nil, "2026-03-29T01:00:00Z" },
  { "2026-10-25T01:59:59", nil, "2026-10-24T23:59:59Z" },
  { "2026-10-25T02:30:00", nil, "2026-10-25T00:30:00Z" },
  { "2026-10-25T02:30:00", "earlier", "2026-10-25T00:30:00Z" },
  { "2026-10-25T02:30:00", "later", "2026-10-25T01:30:00Z" },
  { "2026-10-25T03:00:00", nil, "2026-10-25T02:00:00Z" },
}, function(t, case)
  t.equal(time.format(time.parse(case[1], { zone = "Europe/Berlin", edge = case[2] })), case[3])
end)

test("such a time can be refused", function(t)
  local opts = { zone = "Europe/Berlin", edge = "error" }
  t.raises(function()
    time.parse("2026-03-29T02:30:00", opts)
  end, { code = "nonexistent_time", message = "2026-03-29T02:30:00 does not exist in Europe/Berlin" })
  local err = t.raises(function()
    time.parse("2026-10-25T02:30:00", opts)
  end, { code = "ambiguous_time" })
  t.equal(tostring(err), "2026-10-25T02:30:00 comes twice in Europe/Berlin\n"
    .. '  fix: add the offset, or pass { edge = "earlier" } or { edge = "later" }')
  t.equal(time.parse("2026-10-25T02:30:00+01:00", opts), time.parse("2026-10-25T01:30:00Z"))
end)

test.each("changes of summer time by zone", {
  { "Europe/London", "2026-03-29T00:59:59Z", "00:59", "2026-03-29T01:00:00Z", "02:00" },
  { "America/New_York", "2026-03-08T06:59:59Z", "01:59", "2026-03-08T07:00:00Z", "03:00" },
  { "America/New_York", "2026-11-01T05:59:59Z", "01:59", "2026-11-01T06:00:00Z", "01:00" },
  { "America/Los_Angeles", "2026-03-08T09:59:59Z", "01:59", "2026-03-08T10:00:00Z", "03:00" },
  { "Australia/Sydney", "2026-04-04T15:59:59Z", "02:59", "2026-04-04T16:00:00Z", "02:00" },
  { "Australia/Sydney", "2026-10-03T15:59:59Z", "01:59", "2026-10-03T16:00:00Z", "03:00" },
  { "Pacific/Auckland", "2026-09-26T13:59:59Z", "01:59", "2026-09-26T14:00:00Z", "03:00" },
  { "Asia/Kolkata", "2026-06-01T00:00:00Z", "05:30", "2026-12-01T00:00:00Z", "05:30" },
}, function(t, case)
  local opts = { zone = case[1], format = "HH:mm" }
  t.equal(time.format(case[2], opts), case[3])
  t.equal(time.format(case[4], opts), case[5])
end)

test("a time before the rule of its zone is refused", function(t)
  t.raises(function()
    time.format("1980-06-01", { zone = "Europe/Berlin" })
  end, {
    code = "zone_unknown", message = "the rules of Europe/Berlin are known from 1997, not for 1980",
    hint = "use an offset, as in '+01:00'",
  })
end)

test.each("moves by calendar and by clock", {
  { "2026-01-31", { months = 1 }, "2026-02-28T00:00:00Z" },
  { "2024-01-31", { months = 1 }, "2024-02-29T00:00:00Z" },
  { "2026-03-31", { months = -1 }, "2026-02-28T00:00:00Z" },
  { "2026-11-30", { months = 3 }, "2027-02-28T00:00:00Z" },
  { "2026-01-15", { months = -1 }, "2025-12-15T00:00:00Z" },
  { "2024-02-29", { years = 1 }, "2025-02-28T00:00:00Z" },
  { "2026-12-31", { days = 1 }, "2027-01-01T00:00:00Z" },
  { "2026-01-01", { days = -1 }, "2025-12-31T00:00:00Z" },
  { "2026-01-01", { weeks = 2, hours = 1, minutes = 2, seconds = 3 }, "2026-01-15T01:02:03Z" },
  { "2026-01-01T00:00:00.25Z", { days = 1 }, "2026-01-02T00:00:00.250Z" },
  { "2026-01-01", {}, "2026-01-01T00:00:00Z" },
  { "2026-03-28T02:30:00+01:00", { days = 1 }, "2026-03-29T01:30:00Z", "Europe/Berlin" },
  { "2026-03-28T12:00:00+01:00", { days = 1 }, "2026-03-29T10:00:00Z", "Europe/Berlin" },
  { "2026-03-28T12:00:00+01:00", { hours = 24 }, "2026-03-29T11:00:00Z", "Europe/Berlin" },
  { "2026-10-24T02:30:00+02:00", { days = 1 }, "2026-10-25T00:30:00Z", "Europe/Berlin" },
  { "2026-10-26T02:30:00+01:00", { days = -1 }, "2026-10-25T01:30:00Z", "Europe/Berlin" },
}, function(t, case)
  t.equal(time.format(time.add(case[1], case[2], { zone = case[4] })), case[3])
end)

test.each("beginnings", {
  { "hour", "2026-08-19T14:00:00Z" }, { "day", "2026-08-19T00:00:00Z" }, { "week", "2026-08-17T00:00:00Z" },
  { "month", "2026-08-01T00:00:00Z" }, { "quarter", "2026-07-01T00:00:00Z" }, { "year", "2026-01-01T00:00:00Z" },
  { "day", "2026-08-18T22:00:00Z", "Europe/Berlin" }, { "year", "2025-12-31T23:00:00Z", "Europe/Berlin" },
  { "hour", "2026-08-19T13:30:00Z", "+05:30" },
}, function(t, case)
  t.equal(time.format(time.start_of("2026-08-19T14:25:36.5Z", case[1], { zone = case[3] })), case[2])
end)

test("a week may begin in the month before", function(t)
  t.equal(time.format(time.start_of("2026-08-01", "week"), { format = "date" }), "2026-07-27")
end)

test("compares and measures", function(t)
  t.equal(time.compare("2026-01-20T10:00:00Z", "2026-01-20T11:00:00+01:00"), 0)
  t.equal(time.compare("2026-01-20", 1768867201), -1)
  t.equal(time.compare(2, 1), 1)
  t.equal(time.difference("2026-01-21", "2026-01-20"), 86400)
  t.equal(time.difference(1, 1.5), -0.5)
  t.equal(time.days_between("2026-01-20T23:59:00Z", "2026-01-21T00:01:00Z"), 1)
  t.equal(time.days_between("2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z", { zone = "Europe/Berlin" }), 2)
  t.equal(time.days_between("2026-03-30", "2026-03-28"), -2)
end)

test("parts", function(t)
  t.same(time.parts("2026-12-31T23:30:00.5Z", { zone = "Europe/Berlin" }), {
    year = 2027, month = 1, day = 1, hour = 0, minute = 30, second = 0, fraction = 0.5, weekday = 5, yearday = 1,
    offset = 3600,
  })
end)

test.each("durations", {
  { "1h30m", 5400 }, { "1h 30m", 5400 }, { "2d", 172800 }, { "500ms", 0.5 }, { "500 ms", 0.5 }, { "90", 90 },
  { "1.5h", 5400 }, { 7, 7 }, { "PT1H30M", 5400 }, { "P1DT2H", 93600 }, { "P2W", 1209600 }, { "PT0.5S", 0.5 },
  { "1w1d", 691200 }, { "0s", 0 },
}, function(t, case)
  t.equal(time.duration(case[1]), case[2])
end)

test.each("texts that are no durations", {
  "", "soon", "1y", "P1Y", "P1M", "PT", "P", "1h1h", "1m1h", "-1h", "1h nonsense", "PT1D", "P1H",
}, function(t, text)
  t.raises(function()
    time.duration(text)
  end, { code = "not_a_duration", message = "'" .. text .. "' is no duration" })
end)

test.each("durations as text", {
  { 0, "0s" }, { 5405, "1h 30m 5s" }, { 0.25, "250ms" }, { -90, "-1m 30s" }, { 90000, "1d 1h" }, { 59.9996, "1m" },
}, function(t, case)
  t.equal(time.duration_text(case[1]), case[2])
end)

test("now is the clock of the run", function(t)
  t.equal(math.type(time.now()), "integer")
  t.equal(time.now() - os.time() <= 1, true)
end)

test.each("wrong arguments are named at the line of the call", {
  { "time.parse: argument 1 must be a string, but is an integer", function() time.parse(1) end },
  { "time.parse: unknown option 'formt' (use 'zone', 'format' or 'edge')",
    function() time.parse("2026-01-20", { formt = "x" }) end },
  { "time.parse: unknown zone 'Europe/Berln' (did you mean 'Europe/Berlin'?)",
    function() time.parse("2026-01-20", { zone = "Europe/Berln" }) end },
  { "time.format: unknown zone 'Mars' (use one of time.zones, or an offset such as '+01:00')",
    function() time.format(0, { zone = "Mars" }) end },
  { "time.parse: the format has 'yyyy', which is no part (use YYYY MM M MMM DD D HH H hh h A mm ss SSS Z, and [text] "
    .. "for letters)", function() time.parse("x", { format = "yyyy" }) end },
  { "time.format: the format has '[', which is no part", function() time.format(0, { format = "[x" }) end },
  { "time.parse: 'edge' must be 'compatible', 'earlier', 'later' or 'error', but is 'early'",
    function() time.parse("2026-01-20", { edge = "early" }) end },
  { "time.format: argument 1 must be seconds or the text of a time, but is nil", function() time.format(nil) end },
  { "time.format: argument 1 must be seconds or the text of a time, but is null",
    function() time.format(refold.null) end },
  { "time.compare: argument 2 must be seconds or the text of a time, but is inf",
    function() time.compare(1, math.huge) end },
  { "time.to_ms: argument 1 must be seconds or the text of a time, but is 1e+300", function() time.to_ms(1e300) end },
  { "time.format: 'digits' must be from 0 to 6, but is 9", function() time.format(0, { digits = 9 }) end },
  { "time.add: unknown option 'month' (did you mean 'months'?)", function() time.add(0, { month = 1 }) end },
  { "time.add: option 'days' must be an integer, but is a number", function() time.add(0, { days = 0.5 }) end },
  { "time.start_of: unknown unit 'days' (use 'hour', 'day', 'week', 'month', 'quarter' or 'year')",
    function() time.start_of(0, "days") end },
  { "time.duration: argument 1 must be a string, but is a table", function() time.duration({}) end },
}, function(t, case)
  local err = t.raises(case[2], case[1])
  t.matches(err, "^[^:]*time_test.lua:%d+: ")
end)
