"""tools/embed-stdlib: exact text, stable output, refused sources, stale files found."""

import shutil
import subprocess
import tempfile
import unittest

from support import Tree, run_tool

HARD = 'local s = "\\#(x) \\(y) \\"""#" --[==[ ## """### ]==]\n\n\t-- tab, trailing space \nreturn "ü€😀"'


class EmbedStdlib(unittest.TestCase):
    def test_writes_once_and_is_then_up_to_date(self):
        with Tree({"stdlib/b.lua": "return 2\n", "stdlib/a.lua": "return 1\n"}) as tree:
            first = run_tool("embed-stdlib", tree.root)
            self.assertEqual(first.returncode, 0, first.stderr)
            text = tree.read("Sources/RefoldStdlib/Stdlib.generated.swift")
            self.assertLess(text.index('name: "a"'), text.index('name: "b"'))
            self.assertEqual(run_tool("embed-stdlib", tree.root, "--check").returncode, 0)
            self.assertEqual(run_tool("embed-stdlib", tree.root).stdout, "")

    def test_tests_stay_out(self):
        with Tree({"stdlib/a.lua": "return 1", "stdlib/a_test.lua": "return 2"}) as tree:
            run_tool("embed-stdlib", tree.root)
            self.assertNotIn("a_test", tree.read("Sources/RefoldStdlib/Stdlib.generated.swift"))

    def test_a_changed_source_is_stale(self):
        with Tree({"stdlib/connectors/crm.lua": "return 1"}) as tree:
            run_tool("embed-stdlib", tree.root)
            tree.write("stdlib/connectors/crm.lua", "return 2")
            check = run_tool("embed-stdlib", tree.root, "--check")
            self.assertEqual(check.returncode, 1)
            self.assertEqual(
                check.stderr,
                "embed-stdlib: not up to date: Sources/RefoldStdlib/Connectors.generated.swift\n"
                "  fix: run 'tools/embed-stdlib' and commit\n",
            )

    def test_what_a_literal_would_change_is_refused(self):
        for text, message in (
            (b"a\r\n", "embed-stdlib: stdlib/a.lua:1: control character U+000D\n"),
            (b"a\n\x00", "embed-stdlib: stdlib/a.lua:2: control character U+0000\n"),
            (b"\xff", "embed-stdlib: stdlib/a.lua: not UTF-8 at byte 0\n"),
        ):
            with self.subTest(text=text), Tree({"stdlib/a.lua": text}) as tree:
                self.assertEqual(run_tool("embed-stdlib", tree.root).stderr, message)

    def test_other_folders_are_refused(self):
        with Tree({"stdlib/deep/a.lua": ""}) as tree:
            self.assertEqual(
                run_tool("embed-stdlib", tree.root).stderr,
                "embed-stdlib: stdlib/deep/a.lua: modules stand in one of "
                "stdlib/, stdlib/connectors/, stdlib/connectors/kit/, stdlib/types/\n",
            )

    @unittest.skipUnless(shutil.which("swiftc"), "needs the Swift compiler")
    def test_swift_reads_back_every_byte(self):
        with Tree({"stdlib/hard.lua": HARD, "stdlib/empty.lua": ""}) as tree:
            run_tool("embed-stdlib", tree.root)
            tree.write(
                "Sources/RefoldStdlib/main.swift",
                "struct EmbeddedSource { let name: String; let text: String }\n"
                "enum Stdlib {}\n"
                'for source in Stdlib.modules { print(source.text, terminator: "|") }\n',
            )
            generated = tree.read("Sources/RefoldStdlib/Stdlib.generated.swift")
            tree.write("Sources/RefoldStdlib/Stdlib.generated.swift", generated.replace("public ", ""))
            with tempfile.TemporaryDirectory() as folder:
                sources = [
                    str(tree.root / "Sources/RefoldStdlib" / name)
                    for name in ("main.swift", "Stdlib.generated.swift")
                ]
                subprocess.run(["swiftc", "-o", f"{folder}/out", *sources], check=True)
                printed = subprocess.run([f"{folder}/out"], capture_output=True, check=True).stdout
            self.assertEqual(printed.decode(), "|" + HARD + "|")


if __name__ == "__main__":
    unittest.main()
