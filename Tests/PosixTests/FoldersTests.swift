import Foundation
import Posix
import RefoldTesting
import Testing

@Suite struct FoldersTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: ["a", "a/b/c", "a/b/", "a//b"])
  func `a folder is created with those above it`(name: String) throws {
    try Folders.create(folder.file(name))
    try Folders.create(folder.file(name))
    #expect(try Files.status(folder.file(name))?.kind == .folder)
  }

  @Test func `a file in the way is an error`() throws {
    try Files.write([1], to: folder.file("a"))
    for name in ["a", "a/b"] {
      let error = #expect(throws: PosixError.self) { try Folders.create(folder.file(name)) }
      #expect(error?.message == "cannot create '\(folder.file(name))': not a directory")
    }
  }

  @Test func `names are listed in order`() throws {
    for name in ["b", "a", "é", ".hidden"] { try Files.write([], to: folder.file(name)) }
    #expect(try Folders.list(folder.path) == [".hidden", "a", "b", "é"])
    #expect(throws: PosixError.self) { try Folders.list(folder.file("none")) }
  }

  @Test func `links are resolved`() throws {
    try Folders.create(folder.file("a"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link"), withDestinationPath: folder.file("a"))
    let resolved = try Folders.resolve(folder.file("link/../link"))
    #expect(resolved == (try Folders.resolve(folder.file("a"))))
    #expect(throws: PosixError.self) { try Folders.resolve(folder.file("none")) }
  }

  @Test func `the working folder is absolute`() throws {
    #expect(try Folders.working() == FileManager.default.currentDirectoryPath)
  }
}
