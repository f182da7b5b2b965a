import Foundation
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

  @Test func `what was held is free again although a copy of the descriptor is open`() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("locks")
    var copy: Int32 = -1
    defer { close(copy) }
    do {
      let first = try LockFile(path)
      #expect(try first.hold(7))
      // As a process has that is being started.
      let descriptor = try Self.descriptor(of: path)
      copy = dup(try #require(descriptor))
    }
    #expect(copy >= 0)
    #expect(try LockFile(path).hold(7))
  }

  private static func descriptor(of path: String) throws -> Int32? {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
      .first {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
      }
  }

  @Test func `a folder that is missing is said`() {
    #expect(throws: PosixError(code: .notFound, operation: "lock", path: "/nowhere/at/all")) {
      try LockFile("/nowhere/at/all")
    }
  }
}
