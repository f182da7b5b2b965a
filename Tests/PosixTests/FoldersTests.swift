import Foundation
import Posix
import RefoldTesting
import Testing

@Suite struct FoldersTests {
  @Test func `a folder with a new name is made, and removed with all that it holds`() throws {
    let parent = try TemporaryFolder()
    let first = try Folders.makeTemporary(in: parent.path, prefix: "a-")
    let second = try Folders.makeTemporary(in: parent.path, prefix: "a-")
    #expect(first != second)
    #expect(first.hasPrefix(parent.file("a-")))
    #expect(try Files.status(first)?.isPrivate == true)
    try Folders.create("\(first)/b/c")
    try Files.write([1], to: "\(first)/b/c/d")
    try Folders.remove(first)
    #expect(try Folders.list(parent.path) == [String(second.split(separator: "/").last ?? "")])
    try Folders.remove(first)
    #expect(throws: PosixError.self) { try Folders.makeTemporary(in: first, prefix: "a-") }
  }

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
