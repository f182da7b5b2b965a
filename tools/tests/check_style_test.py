"""tools/check-style: long files, unfinished work, idle tests, empty names."""

import unittest

from support import Tree, run_tool


class CheckStyle(unittest.TestCase):
    def check(self, files, *expected):
        with Tree(files) as tree:
            done = run_tool("check-style", tree.root)
        self.assertEqual(done.stderr.splitlines()[:-1], list(expected))
        self.assertEqual(done.returncode, 1 if expected else 0)

    def test_the_longest_file_and_one_line_more(self):
        self.check({"Sources/A/A.swift": "x\n" * 400, "Sources/A/B.generated.swift": "x\n" * 500})
        self.check(
            {"stdlib/a.lua": "x\n" * 401}, "stdlib/a.lua:401: 401 lines: split it by topic (400 at most)"
        )

    def test_unfinished_work(self):
        self.check(
            {"scripts/a.lua": "--\n-- TO" + "DO later"}, "scripts/a.lua:2: 'TO" + "DO': finish it, or file it elsewhere"
        )
        self.check({"Sources/A/A.swift": 'let template = "refold-XXXXXX"'})

    def test_idle_tests(self):
        path = "Tests/ATests/A.swift"
        self.check({path: "@Test func a() { #expect(b) }  // Task.sleep is not called"})
        self.check(
            {path: "@Test func a() async {\n  try await Task.sleep(for: .seconds(1))\n  #expect(b)\n}"},
            f"{path}:2: 'Task.sleep': a test neither sleeps nor is switched off",
        )
        self.check(
            {path: "@Test(.disabled()) func a() { #expect(b) }"},
            f"{path}:1: 'disabled': a test neither sleeps nor is switched off",
        )
        self.check({path: "@Test func a() { b() }"}, f"{path}:1: tests that assert nothing")

    def test_empty_names(self):
        message = "name the file and its folder for the idea that they hold"
        self.check({"Sources/A/Utils/A.swift": ""}, f"Sources/A/Utils/A.swift:1: {message}")
        self.check({"Sources/A/LaneManager.swift": ""}, f"Sources/A/LaneManager.swift:1: {message}")
        self.check({"Sources/A/CommonName.swift": ""})


if __name__ == "__main__":
    unittest.main()
