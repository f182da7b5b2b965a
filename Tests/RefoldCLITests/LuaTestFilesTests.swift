import Foundation
import RefoldTesting
import Testing

/// The tests that are written in Lua: those of the standard library, and those of the project's scripts.
@Suite struct LuaTestFilesTests {
  @Test func `refold test passes on the standard library and the scripts`() throws {
    let folder = try TemporaryFolder()
    for name in ["stdlib", "scripts"] {
      try FileManager.default.copyItem(
        atPath: DocumentTests.root.appending(path: name).path, toPath: folder.file(name))
    }
    let printed = try SpecRunner.combinedOutput(
      of: "refold test stdlib scripts; echo \"exit $?\"", in: folder)
    let lines = printed.split(separator: "\n").map(String.init)
    #expect(lines.last == "exit 0", "\(printed)")
    let passed = try #require(
      lines.dropLast().last?.split(separator: " ").first.flatMap { Int($0) })
    #expect(passed > 0, "\(printed)")
  }
}
