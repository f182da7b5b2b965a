import Foundation
import Posix
import RefoldTesting
import Testing

@Suite struct FilesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [0, 1, 65_536, 200_000])
  func `what is written is read again`(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    try Files.write(bytes, to: folder.file("a"))
    #expect(try Files.read(folder.file("a")) == bytes)
    #expect(try Folders.list(folder.path) == ["a"])
  }

  @Test func `a file is read up to the limit and no further`() throws {
    let path = folder.file("a")
    try Files.write([1, 2, 3], to: path)
    #expect(try Files.read(path, limit: 3) == [1, 2, 3])
    let error = #expect(throws: PosixError.self) { try Files.read(path, limit: 2) }
    #expect(error?.code == .tooLarge)
    #expect(error?.description == "cannot read '\(path)': larger than 2 bytes")
  }

  @Test func `a file that is missing is an error in the system's words`() {
    let error = #expect(throws: PosixError.self) { try Files.read("/nowhere/a.lua") }
    #expect(error == PosixError(code: .notFound, operation: "read", path: "/nowhere/a.lua"))
    #expect(error?.message == "cannot read '/nowhere/a.lua': no such file or directory")
    #expect(error?.reason == "no such file or directory")
  }

  @Test func `a folder cannot be read as a file`() {
    let error = #expect(throws: PosixError.self) { try Files.read(folder.path) }
    #expect(error?.code == .isFolder)
    #expect(error?.message == "cannot read '\(folder.path)': is a directory")
  }

  @Test func `a path with a zero byte is refused`() {
    let error = #expect(throws: PosixError.self) { try Files.read("a\0b") }
    #expect(error?.message == "cannot read a path with a zero byte in it")
  }

  @Test func `a write that fails leaves the file as it was`() throws {
    try Files.write([1], to: folder.file("a"))
    let error = #expect(throws: PosixError.self) {
      try Files.write([2], to: folder.file("a/b"))
    }
    #expect(error?.message == "cannot write '\(folder.file("a/b"))': not a directory")
    #expect(try Files.read(folder.file("a")) == [1])
    #expect(throws: PosixError.self) { try Files.write([2], to: folder.path) }
    #expect(try Folders.list(folder.path) == ["a"])
  }

  @Test func `a full disk is an error`() {
    let error = #expect(throws: PosixError.self) {
      let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
      try Descriptor(rawValue: full.fileDescriptor).writeAll([1], name: "/dev/full")
    }
    #expect(error?.code == .diskFull)
    #expect(error?.message == "cannot write '/dev/full': no space left on device")
  }

  @Test func `a status tells files from folders, and from nothing`() throws {
    try Files.write([1, 2], to: folder.file("a"), mode: 0o600)
    let status = try #require(try Files.status(folder.file("a")))
    #expect(status.kind == .file)
    #expect(status.size == 2)
    #expect(status.mode == 0o600)
    #expect(status.isPrivate)
    #expect(status.modified > .seconds(1_600_000_000))
    #expect(try Files.status(folder.path)?.kind == .folder)
    #expect(try Files.status("/dev/null")?.kind == .other)
    #expect(try Files.status(folder.file("b")) == nil)
    #expect(try Files.status(folder.file("a/b")) == nil)
  }

  @Test func `removing a file that is not there does nothing`() throws {
    try Files.write([1], to: folder.file("a"))
    try Files.remove(folder.file("a"))
    try Files.remove(folder.file("a"))
    #expect(try Files.status(folder.file("a")) == nil)
    #expect(throws: PosixError.self) { try Files.remove(folder.path) }
  }

  @Test(arguments: [0o600, 0o400, 0o700] as [UInt32])
  func `a secret that only its owner can use is read`(mode: UInt32) throws {
    try Files.write([7], to: folder.file("key"), mode: mode)
    #expect(try Files.readPrivate(folder.file("key")) == [7])
  }

  @Test(arguments: [
    (0o640, "0640"), (0o604, "0604"), (0o620, "0620"), (0o644, "0644"), (0o601, "0601"),
  ])
  func `a secret that others can use is refused`(mode: Int, shown: String) throws {
    let path = folder.file("key")
    try Files.write([7], to: path)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    let error = #expect(throws: PosixError.self) { try Files.readPrivate(path) }
    #expect(error?.code == .notPermitted)
    #expect(
      error?.description == """
        '\(path)' can be used by others (mode \(shown))
          fix: chmod 600 '\(path)'
        """)
  }

  @Test(.enabled(if: geteuid() == 0, "only the super-user can give a file away"))
  func `a secret of somebody else is refused`() throws {
    let path = folder.file("key")
    try Files.write([7], to: path, mode: 0o600)
    try FileManager.default.setAttributes([.ownerAccountID: 12345], ofItemAtPath: path)
    let error = #expect(throws: PosixError.self) { try Files.readPrivate(path) }
    #expect(
      error?.description == """
        '\(path)' belongs to another user
          fix: copy it to a file of your own that only you can read
        """)
  }

  @Test func `a secret that is missing or a folder is an error`() {
    #expect(throws: PosixError.self) { try Files.readPrivate(folder.file("key")) }
    let error = #expect(throws: PosixError.self) { try Files.readPrivate(folder.path) }
    #expect(error?.code == .isFolder)
  }
}
