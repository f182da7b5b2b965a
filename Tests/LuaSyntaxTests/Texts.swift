/// Texts that are Lua, and texts that are not, for comparing the parser with the compiler.
enum Texts {
  static let right = [
    "", ";;;", "return", "return;", "local x <const>, y <close> = 1, nil", "goto a; ::a::",
    "#!/usr/bin/refold run\nreturn 1", "local a = 7 // 2 ~ 3 & 4 | 5 << 1 >> 2",
    "return ~1, -x ^ -2, not nil == true, #t .. 'x' .. 1", "a.b['c'].d = f{1}:g'x'[[y]]()",
    "do local t <const> = {} t.x = 1 end", "while true do break; local x end",
    "for i = 1, 2 do goto continue; local x = 1; ::continue:: end",
    "repeat local x = 1 until x == 1", "function a.b.c:d(...) return self, ... end",
    "local function f(a, b, ...) return f(...) end", "return [==[\n]]\n]=]\r\n]==], [[]]",
    "return 0x.8p1, 0xA.p-2, 0XfF, 3., .5e+10, 1e5, 0xffffffffffffffffff, 9223372036854775808",
    "return '\\x41\\u{7FFFFFFF}\\z   \n  \\065\\\n\\'\"\\a'", "--[==[ x\n]]]==] return 1",
    "-- comment", "--[==", "return function() end", "f() g() (h or i)()", "local x <const> = x",
    "for k, v in pairs(t) do if k then break elseif v then goto e else f() end end ::e::",
    "t = { 1, 2; x = 3, ['y'] = 4, [5] = 6, f(), ... }", "return {{}, {{}}, }", "x, y.z = y, x",
    "do goto l1 end local a ::l1:: ::l2:: ;", "::a:: do ::b:: end do ::b:: end goto a",
    "local goto_ = 1; local _ENV = {}; x = 1", "return a < b, a <= b, a ~= b, a >= b, a > b",
    "local function f() local x <close> = nil return x end", "return -2^63, 2^-1, 1 .. 2",
    "a\n(b)()", "return\r\n1", "if a then return end", "return 'a\\\r\nb'",
    "return 1--[[x]]--[[y]]",
    "return 0xep1, 1 --", "local x = {f = function() end, g = nil}", "return - - -1, not not x",
  ]

  static let wrong = [
    "return 1 2", "local", "local 1", "x", "x =", "x = = 1", "f(", "f(\n", "if x", "if x then",
    "if x then\n\n", "while x", "for i", "for i = 1", "for i = 1 do end", "for i, j = 1, 2 do end",
    "for in x do end", "function", "function f", "function f(", "function f(a,) end",
    "function f(..., a) end", "function f(1) end", "end", "do end end", "until x", "return return",
    "local x <foo> = 1", "local x <const = 1", "local x <close>, y <close>",
    "local x <const> = 1; x = 2", "local x <const> = 1; function x() end",
    "local x <close> = nil; x = 2", "local x <const> = {} local function f() x = 1 end",
    "goto a", "do goto a end do ::a:: end", "break", "while true do end break",
    "function f() break end", "while true do function f() break end end", "::a:: ::a::",
    "::a:: do ::a:: end", "goto a; local x; ::a:: x = 1", "do goto a; local x ::a:: ; f() end",
    "repeat goto c; local x; ::c:: until x", "goto 1", "::a", "::", "function f() return ... end",
    "f() = 1", "(a) = 1", "a.b", "a:b", "a:b = 1", "a.b:c.d = 1", "a.1", "a[", "a[1", "a[]", "{}",
    "x = {", "x = {1 2}", "x = {a b}", "x = {[1]}", "x = {[1] 2}", "x = {,}", "x = }", "1 = x",
    "'x'", "x = 'a", "x = 'a\n'", "x = \"a\\q\"", "x = '\\x4g'", "x = '\\u{110000000}'",
    "x = '\\u41'", "x = '\\u{4'", "x = '\\u{}'", "x = '\\300'", "x = 'a\\", "x = '\\xé'", "x = [[a",
    "x = [==[a]]", "x = [=a", "x = [=", "--[[ x", "--[=[ x\n\n]]", "x = 1e", "x = 1e+", "x = 0x",
    "x = 1..2", "x = 1.2.3", "x = 3x", "x = 0xg", "x = 0x1p", "x = 1a", "x = .5.", "x = 08y",
    "x = $",
    "x = @", "x = é", "x = \u{1}", "x = !y", "x != y", "x ~ = y", "x = y +", "x = + y", "x = (y",
    "x = (y\n", "x = not", "x = ..", "x = a.", "x = a:", "x = a:b", "x = function", "x, = 1",
    "x, y",
    "x, y()", "x, y() = 1", "return ,", "return 1,", "local function", "local function f.a() end",
    "local x, = 1", "else", "elseif", "then", "if x then else else end", "if x then elseif end",
    "f 1", "f\n1", "x = 'a\0b' 'c", "x = 1 \0", "x = '\\0' y 'z\\0a", "x = [[\n\0]] ]",
    "goto continue", "local goto = 1", "nil = 1", "return nil.x = 1", "... = 1", "local ... = 1",
  ]

  /// Words that mutations put in.
  static let spice = [
    "local", "goto a", "::a::", "break", "end", "return", "(", ")", "{", "}", "[[", "]]", "'",
    "...",
    "local x <const> = 1", "x = 1", "<close>", "function", "--[[", "0x1p", "1e", "..", ":", ",",
    ";",
    "~", "//", "'\\x4'", "'\\u{41}'", "until x", "do", "repeat", "not", "=", "\u{e9}", "#", "\0",
  ]
}
