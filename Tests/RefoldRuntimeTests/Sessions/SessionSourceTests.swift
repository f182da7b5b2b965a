import LuaSyntax
import RefoldRuntime
import Testing

@Test(
  arguments: [
    ("local x = 1", "      x = 1", ["x"]),
    ("local a, b", "      a, b = nil", ["a", "b"]),
    ("local function f() local y = 1 end", "      function f() local y = 1 end", ["f"]),
    ("do local x = 1 end", "do local x = 1 end", []),
    ("for i = 1, 3 do local x = i end", "for i = 1, 3 do local x = i end", []),
    ("if a then local x = 1 end local y", "if a then local x = 1 end       y = nil", ["y"]),
    ("repeat local x = f() until x local z = 1", "repeat local x = f() until x       z = 1", ["z"]),
    ("local s = \"local t = 1\" -- local u = 2", "      s = \"local t = 1\" -- local u = 2", ["s"]),
    (
      "local s = [[\nlocal t = 1]]\nlocal v = 2", "      s = [[\nlocal t = 1]]\n      v = 2",
      ["s", "v"]
    ),
    ("--[==[ local x ]] ]==] local y = 1", "--[==[ local x ]] ]==]       y = 1", ["y"]),
    ("f(function() local x end) local y = 2", "f(function() local x end)       y = 2", ["y"]),
    ("local x <const> = 1", "      x         = 1", ["x!"]),
    ("local x <close> = f()", "local x <close> = f()", []),
    ("local", "local", []), ("local 5", "local 5", []),
    ("local x <odd> = 1", "local x <odd> = 1", []),
    ("local a\n(f or g)()", "      a = nil\n(f or g)()", ["a"]),
  ] as [(String, String, [String])])
func `top-level locals become fields, everything else stays`(
  source: String, text: String, names: [String]
) {
  let rewritten = SessionSource(Array(source.utf8))
  #expect(String(decoding: rewritten.text, as: UTF8.self) == text)
  #expect(rewritten.declarations.map { $0.isConstant ? $0.name + "!" : $0.name } == names)
}

@Test func `garbage is taken apart without a crash`() {
  var random = SystemRandomNumberGenerator()
  let words = Array("local x<const>=[[]]--'\"\\z\n(){}end function do 0x.e+..".utf8) + [0, 0xFF]
  for _ in 0..<3000 {
    let source = (0..<40).map { _ in words.randomElement(using: &random) ?? 0 }
    let tokens = LuaToken.list(in: source)
    #expect(
      zip(tokens, tokens.dropFirst()).allSatisfy { $0.range.upperBound <= $1.range.lowerBound })
    _ = SessionSource(source)
  }
}
