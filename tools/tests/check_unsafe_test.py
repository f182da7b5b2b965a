"""tools/check-unsafe: what it rejects, where, and what only looks like it."""

import unittest

from support import Tree, run_tool


def findings(files):
    with Tree(files) as tree:
        done = run_tool("check-unsafe", tree.root)
        return done.returncode, done.stderr.splitlines()[:-1]


class CheckUnsafe(unittest.TestCase):
    def assert_finds(self, source, *expected, path="Sources/RefoldCLI/A.swift"):
        status, lines = findings({path: source})
        self.assertEqual(lines, [f"{path}:{entry}" for entry in expected])
        self.assertEqual(status, 1)

    def assert_clean(self, source, path="Sources/RefoldCLI/A.swift"):
        self.assertEqual(findings({path: source}), (0, []))

    def test_unsafe_words_outside_the_edge(self):
        for word in ("unsafe", "UnsafeRawPointer", "withUnsafeBytes", "OpaquePointer", "Unmanaged", "@convention(c"):
            with self.subTest(word):
                self.assert_finds(f"\nlet a = {word} b", f"2: '{word}' outside the unsafe targets")

    def test_the_edge_may_hold_them(self):
        self.assert_clean("let a = unsafe b", path="Sources/Lua/A.swift")
        self.assert_clean("let a = unsafe b", path="Benchmarks/A.swift")

    def test_words_of_the_same_letters_elsewhere_are_free(self):
        self.assert_clean("// unsafe\n/* try! /* unsafe */ fatalError( */\nlet a = \"unsafe try! \\\" fatalError(\"")
        self.assert_clean('let a = """\n  unsafe "quoted"\n  """\nlet b = #"\\(unsafe) "try!"#')
        self.assert_clean("func `an unsafe call`() {}")

    def test_interpolations_are_code(self):
        self.assert_finds('let a = "x \\(f("y", unsafe b)) unsafe"', "1: 'unsafe' outside the unsafe targets")
        self.assert_finds('let a = #"x \\#(unsafe b)"#', "1: 'unsafe' outside the unsafe targets")

    def test_code_after_a_string_is_still_read(self):
        self.assert_finds('let a = "\\\\"; let b = unsafe c', "1: 'unsafe' outside the unsafe targets")
        self.assert_finds('let a = #""""#; let b = unsafe c', "1: 'unsafe' outside the unsafe targets")

    def test_traps_belong_nowhere_in_the_product(self):
        self.assert_finds("fatalError(\"x\")", "1: 'fatalError' in the product", path="Sources/Lua/A.swift")
        self.assert_finds("let a = try! b()", "1: 'try!' in the product", path="Sources/Lua/A.swift")
        self.assert_clean("let a = try! b()", path="Tests/LuaTests/A.swift")
        self.assert_clean("if try !b() {}")

    def test_unchecked_needs_a_reason(self):
        message = "'@unchecked Sendable' without a comment that names what guards it"
        bare = "@safe\nfinal class A: @unchecked Sendable {}"
        self.assert_finds(bare, f"2: {message}", path="Sources/HTTP/A.swift")
        self.assert_finds(bare, f"2: {message}", path="Tests/HTTPTests/A.swift")
        self.assert_clean("// Guarded by `lock`.\n" + bare, path="Sources/HTTP/A.swift")
        self.assert_clean("final class A: @unchecked Sendable {}  // immutable", path="Sources/HTTP/A.swift")

    def test_unchecked_outside_the_edge(self):
        self.assert_finds(
            "// Guarded by `lock`.\nfinal class A: @unchecked Sendable {}",
            "2: '@unchecked' outside the unsafe targets",
        )
        self.assert_finds(
            "// Guarded.\nnonisolated(unsafe) var a = 1",
            "2: 'nonisolated(unsafe)' outside the unsafe targets",
        )


if __name__ == "__main__":
    unittest.main()
