-- What a script of the sandbox can see: Lua 5.4 without files, processes, bytecode and debugging.
local function fields(...)
  local result = {}
  for _, name in ipairs({ ... }) do
    result[name] = {}
  end
  return { fields = result }
end

stds.script = {
  read_globals = {
    "assert", "collectgarbage", "error", "getmetatable", "ipairs", "load", "next", "pairs", "pcall", "rawequal",
    "rawget", "rawlen", "rawset", "require", "select", "setmetatable", "tonumber", "tostring", "type",
    "xpcall", "_VERSION",
    string = fields(
      "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize",
      "rep", "reverse", "sub", "unpack", "upper"
    ),
    table = fields("concat", "insert", "move", "pack", "remove", "sort", "unpack"),
    math = fields(
      "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max",
      "maxinteger", "min", "mininteger", "modf", "pi", "rad", "random", "randomseed", "sin", "sqrt",
      "tan", "tointeger", "type", "ult"
    ),
    utf8 = fields("char", "charpattern", "codepoint", "codes", "len", "offset"),
    coroutine = fields("create", "isyieldable", "resume", "running", "status", "wrap", "yield"),
    os = fields("clock", "date", "difftime", "time"),
    refold = { other_fields = true },
  },
}

std = "script"
max_line_length = 120
codes = true

-- Test files find `test` as a global.
files["**/*_test.lua"] = { read_globals = { test = { other_fields = true } } }

-- Definitions for editors: functions without bodies.
files["stdlib/types"] = { globals = { "refold", "test" }, ignore = { "212", "241" } }

-- The project's own tools and benchmarks run in the plain interpreter.
files["Benchmarks/**/*.lua"] = { std = "lua54" }

-- Connector files find the json module as a global.
files["stdlib/connectors"] = { read_globals = { "json" } }

-- The test runner gives tests their one global.
files["**/*_test.lua"] = { read_globals = { "test" } }
