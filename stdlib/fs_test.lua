local fs = require("fs")

local OWN <const> = "stdlib/fs_test.lua"

test("lines are what is read at once, cut", function(t)
  local whole = fs.read(OWN)
  local with_ends, without = {}, {}
  for line in fs.lines(OWN, { keep_ends = true }) do
    with_ends[#with_ends + 1] = line
  end
  for line in fs.lines(OWN) do
    without[#without + 1] = line
  end
  t.equal(table.concat(with_ends), whole)
  t.equal(table.concat(without, "\n") .. "\n", whole)
  t.equal(without[1], 'local fs = require("fs")')
end)

test("an iterator that is over stays so", function(t)
  local next_line = fs.lines(OWN)
  for _ in next_line do
  end
  t.equal(next_line(), nil)
  t.equal(next_line(), nil)
end)

test.each("what cannot be read says why", {
  { "stdlib/fs_tes.lua", "file_not_found", "did you mean 'stdlib/fs_test.lua'?" },
  { "nowhere/at/all", "file_not_found", "paths count from the project's folder" },
  { "../elsewhere", "file_refused", "give a path from the project's folder" },
  { "/etc/passwd", "file_refused", "give a path from the project's folder" },
  { "", "file_refused", "give a path from the project's folder" },
  { "stdlib", "file_failed" },
}, function(t, case)
  for _, read in ipairs({ fs.read, fs.lines }) do
    local ok, err = pcall(read, case[1])
    t.equal(ok, false)
    t.equal(err.code, case[2])
    t.equal((err.hint or ""):find(case[3] or "", 1, true), 1)
  end
end)

test("arguments are checked at the caller's line", function(t)
  t.raises(function() fs.read(nil) end, "fs.read: argument 1 must be a string, but is nil")
  t.raises(function() fs.lines(12) end, "fs.lines: argument 1 must be a string, but is an integer")
  t.raises(function() fs.lines(OWN, { keep = true }) end, "fs.lines: unknown option 'keep' (use 'keep_ends')")
end)
