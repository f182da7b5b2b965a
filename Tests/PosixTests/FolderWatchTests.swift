import Foundation
import Posix
import RefoldTesting
import Testing

/// What a watch on folders hears.
@Suite struct FolderWatchTests {
  private let folder: TemporaryFolder
  private let watch: FolderWatch

  init() throws {
    folder = try TemporaryFolder()
    watch = try FolderWatch()
    #expect(try watch.watch([folder.path]))
  }

  /// All that is heard until nothing comes for a while.
  private func heard() -> [FolderWatch.Event] {
    var events: [FolderWatch.Event] = []
    while true {
      let more = watch.events(within: .milliseconds(100))
      if more.isEmpty { return events }
      events += more
    }
  }

  private func write(_ text: String, _ name: String) throws {
    try text.write(toFile: folder.file(name), atomically: false, encoding: .utf8)
  }

  @Test func `a file that is written in place is modified, then written`() throws {
    try write("a", "x.lua")
    let kinds = heard().filter { $0.path == folder.file("x.lua") }.map(\.kind)
    #expect(kinds.last == .written)
    #expect(kinds.contains(.modified))
  }

  @Test func `a file that is renamed over another is heard`() throws {
    try write("a", "x.tmp")
    _ = heard()
    try FileManager.default.moveItem(
      atPath: folder.file("x.tmp"), toPath: folder.file("x.lua"))
    #expect(heard().contains { $0.path == folder.file("x.lua") && $0.kind == .other })
  }

  @Test func `nothing is heard from folders below, and none of a folder that is given up`() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("deep"), withIntermediateDirectories: false)
    _ = heard()
    try write("a", "deep/x.lua")
    #expect(heard().allSatisfy { $0.path == folder.file("deep") })
    #expect(try watch.watch([folder.file("deep")]))
    try write("b", "y.lua")
    #expect(heard().isEmpty)
    #expect(try !watch.watch([folder.file("deep"), folder.file("missing")]))
  }

  @Test func `a folder that takes the place of another is the one that is watched`() throws {
    let manager = FileManager.default
    try manager.createDirectory(
      atPath: folder.file("a"), withIntermediateDirectories: false)
    try watch.watch([folder.file("a")])
    try manager.moveItem(atPath: folder.file("a"), toPath: folder.file("old"))
    try manager.createDirectory(
      atPath: folder.file("a"), withIntermediateDirectories: false)
    _ = heard()
    #expect(try watch.watch([folder.file("a")]))
    try write("1", "old/x.lua")
    #expect(heard().isEmpty)
    try write("1", "a/x.lua")
    #expect(heard().contains { $0.path == folder.file("a/x.lua") })
  }

  @Test func `a wait can be ended`() {
    watch.wake()
    let start = MonotonicTime.now()
    #expect(watch.events(within: .seconds(30)).isEmpty)
    #expect(MonotonicTime.now() - start < .seconds(10))
  }
}
