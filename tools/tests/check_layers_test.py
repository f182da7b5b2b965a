"""tools/check-layers: wrong directions in Package.swift and in imports."""

import unittest

from support import Tree, run_tool

MANIFEST = """
let package = Package(
  name: "p",
  products: [.library(name: "Lua", targets: ["Lua"])],
  targets: [
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["x"])]),
    .target(name: "CLuaShim", dependencies: ["CLua"]),
    .target(name: "Lua", dependencies: [.target(name: "CLuaShim"), "CLua"]),
    .target(name: "HTTP"),
    // .target(name: "HTTP", dependencies: ["Lua"]),
    .target(
      name: "RefoldActions",
      dependencies: [%s]),
    .testTarget(name: "LuaTests", dependencies: ["Lua", "RefoldTesting"]),
  ]
)
"""


class CheckLayers(unittest.TestCase):
    def check(self, files, *expected, dependencies='"HTTP"'):
        with Tree({"Package.swift": MANIFEST % dependencies, "Sources/HTTP/A.swift": "", **files}) as tree:
            done = run_tool("check-layers", tree.root)
        self.assertEqual(done.stderr.splitlines()[:-1], list(expected))
        self.assertEqual(done.returncode, 1 if expected else 0)

    def test_the_declared_direction_is_clean(self):
        self.check(
            {
                "Sources/RefoldActions/A.swift": "import HTTP\nimport Synchronization\n",
                "Sources/Lua/A.swift": "internal import CLuaShim\nimport struct CLua.x\nimport Glibc\n",
                "Tests/LuaTests/A.swift": "import Foundation\n@testable import Lua\n",
            }
        )

    def test_the_manifest_points_the_wrong_way(self):
        self.check({}, "Package.swift:11: RefoldActions may not depend on Lua", dependencies='"HTTP", "Lua"')

    def test_an_import_points_the_wrong_way(self):
        path = "Sources/HTTP/A.swift"
        self.check({path: "\n@preconcurrency public import Lua"}, f"{path}:2: HTTP may not import Lua")

    def test_an_import_that_is_not_declared(self):
        path = "Sources/RefoldActions/A.swift"
        self.check(
            {path: "import HTTP"}, f"{path}:1: Package.swift does not list HTTP for RefoldActions", dependencies=""
        )

    def test_foundation_and_the_c_library(self):
        path = "Sources/RefoldActions/A.swift"
        self.check({path: "import Foundation"}, f"{path}:1: RefoldActions may not import Foundation: it is for tests")
        self.check({path: "import Glibc"}, f"{path}:1: Glibc belongs in HTTP, Lua, Posix, RefoldTesting, SQLite, Zlib")
        self.check({path: "import FoundationNetworking"}, f"{path}:1: RefoldActions may not import FoundationNetworking")

    def test_text_that_looks_like_an_import(self):
        self.check({"Sources/HTTP/A.swift": '// import Lua\nlet a = """\n  import Lua\n  """\n'})

    def test_a_target_without_a_rule(self):
        self.check(
            {"Sources/Other/A.swift": ""},
            "Sources/Other:1: no rule in tools/check-layers says what this target may depend on",
        )


if __name__ == "__main__":
    unittest.main()
