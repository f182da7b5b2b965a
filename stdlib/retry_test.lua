local json = require("json")
local retry = require("retry")

local TRANSIENT <const> = { kind = "transient", retryable = true, message = "busy" }

--- Returns a function that raises an error a number of times, then returns its attempt; and a counter of its calls.
local function failing(times, err)
  local calls = { count = 0 }
  return function(attempt)
    calls.count = calls.count + 1
    if calls.count <= times then
      error(err, 0)
    end
    return attempt, nil, "last"
  end, calls
end

local QUICK <const> = { jitter = false, first_seconds = 1 }

test("a step that works is done once, and all that it returns comes back", function(t)
  local fn, calls = failing(0)
  local results = table.pack(retry.call(fn))
  t.equal(results.n, 3)
  t.equal(results[1], 1)
  t.equal(results[3], "last")
  t.equal(calls.count, 1)
end)

test("a failure that may pass is tried again, with pauses that double", function(t)
  local fn, calls = failing(3, TRANSIENT)
  local before = t.time()
  t.equal(retry.call(fn, QUICK), 4)
  t.equal(calls.count, 4)
  t.equal(t.time() - before, 1 + 2 + 4)
end)

test("at the last attempt the error is raised as it came", function(t)
  local fn, calls = failing(9, TRANSIENT)
  local err = t.raises(function()
    retry.call(fn, { jitter = false, first_seconds = 0, attempts = 2 })
  end, { message = "busy" })
  t.equal(err, TRANSIENT)
  t.equal(calls.count, 2)
end)

test.each("what will not pass is raised at once", {
  { "a text" },
  { { kind = "permanent", retryable = false } },
  { { kind = "transient", retryable = false } },
  { { kind = "unknown_outcome", retryable = true } },
  { { kind = "budget", retryable = true } },
  { { kind = "cancelled", retryable = true } },
  { { kind = "permission" } },
  { { code = "mine" } },
}, function(t, case)
  local fn, calls = failing(1, case[1])
  local ok, err = pcall(retry.call, fn, QUICK)
  t.equal(ok, false)
  t.equal(err, case[1])
  t.equal(calls.count, 1)
  t.equal(retry.is_retryable(case[1]), false)
end)

test("when decides for other errors, but never for a write of unknown outcome", function(t)
  local opts = { jitter = false, first_seconds = 0, when = function() return true end }
  t.equal(retry.call(failing(2, "not there"), opts), 3)
  local fn, calls = failing(2, { kind = "unknown_outcome" })
  t.raises(function()
    retry.call(fn, opts)
  end, { kind = "unknown_outcome" })
  t.equal(calls.count, 1)
end)

test("no pause ends before what the service asked for", function(t)
  local before = t.time()
  retry.call(failing(1, { kind = "transient", retryable = true, retry_after = 70 }), QUICK)
  t.equal(t.time() - before, 70)
end)

test("a time limit is not passed by a pause", function(t)
  local fn, calls = failing(9, TRANSIENT)
  local before = t.time()
  t.raises(function()
    retry.call(fn, { jitter = false, first_seconds = 10, within_seconds = 35, attempts = 9 })
  end, { message = "busy" })
  t.equal(calls.count, 3)
  t.equal(t.time() - before, 30)
end)

test("jitter stays below the longest pause", function(t)
  local pauses = {}
  pcall(retry.call, failing(99, TRANSIENT), {
    attempts = 20, first_seconds = 0.001, ceiling_seconds = 0.002,
    on_retry = function(_, attempt, seconds)
      pauses[attempt] = seconds
    end,
  })
  t.equal(#pauses, 19)
  for attempt, seconds in ipairs(pauses) do
    if seconds < 0 or seconds > (attempt == 1 and 0.001 or 0.002) then
      error("pause " .. attempt .. " is " .. seconds)
    end
  end
end)

test("on_retry hears of each failure", function(t)
  local heard = {}
  retry.call(failing(2, TRANSIENT), {
    jitter = false, first_seconds = 1,
    on_retry = function(err, attempt, seconds)
      heard[#heard + 1] = ("%s %d %g"):format(err.message, attempt, seconds)
    end,
  })
  t.equal(table.concat(heard, ", "), "busy 1 1, busy 2 2")
end)

test("the pauses to expect", function(t)
  t.equal(json.encode(retry.pauses()), "[0.5,1,2]")
  t.equal(json.encode(retry.pauses({ attempts = 5, first_seconds = 10, factor = 3 })), "[10,30,30,30]")
  t.equal(json.encode(retry.pauses({ attempts = 1 })), "[]")
end)

test.each("wrong arguments are named at the line of the call", {
  { "retry.call: argument 1 must be a function, but is nil", function() retry.call() end },
  { "retry.call: unknown option 'atempts' (did you mean 'attempts'?)",
    function() retry.call(failing(0), { atempts = 1 }) end },
  { "retry.call: 'attempts' must be an integer of at least 1, but is 0",
    function() retry.call(failing(0), { attempts = 0 }) end },
  { "retry.call: 'first_seconds' must not be negative, but is -1",
    function() retry.call(failing(0), { first_seconds = -1 }) end },
}, function(t, case)
  local err = t.raises(case[2], case[1])
  t.matches(err, "^[^:]*retry_test.lua:%d+: ")
end)
