import Posix
import RefoldTesting
import Testing

@Suite struct LockFileTests {
  @Test func `a byte is held by one, as long as that lives`() throws {
    let folder = try TemporaryFolder()
    let other = try LockFile(folder.file("locks"))
    do {
      let first = try LockFile(folder.file("locks"))
      #expect(try first.hold(7))
      #expect(try other.isHeld(7))
      #expect(try !first.isHeld(7))
      #expect(try !other.isHeld(8))
      #expect(try !other.hold(7))
    }
    #expect(try !other.isHeld(7))
    #expect(try other.hold(7))
  }

  @Test func `a folder that is missing is said`() {
    #expect(throws: PosixError(code: .notFound, operation: "lock", path: "/nowhere/at/all")) {
      try LockFile("/nowhere/at/all")
    }
  }
}
