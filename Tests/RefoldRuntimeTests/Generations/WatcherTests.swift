import Foundation
import Posix
import RefoldRuntime
import RefoldTesting
import Synchronization
import Testing

/// Edits that go live by themselves, whichever way a file is saved.
@Suite(.serialized) struct WatcherTests {
  /// How a program saves a file.
  enum Saving: CaseIterable, Sendable {
    case inPlace, inPieces, renameOver, backupAndRename, deleteAndCreate, throughLink

    func save(_ text: String, to path: String) throws {
      let manager = FileManager.default
      switch self {
      case .inPlace:
        try text.write(toFile: path, atomically: false, encoding: .utf8)
      case .inPieces:
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.truncate(atOffset: 0)
        for byte in text.utf8 { try file.write(contentsOf: [byte]) }
        try file.close()
      case .renameOver:
        try text.write(toFile: path, atomically: true, encoding: .utf8)
      case .backupAndRename:
        try text.write(toFile: path + ".new", atomically: false, encoding: .utf8)
        try? manager.removeItem(atPath: path + "~")
        try manager.moveItem(atPath: path, toPath: path + "~")
        try manager.moveItem(atPath: path + ".new", toPath: path)
      case .deleteAndCreate:
        try manager.removeItem(atPath: path)
        try text.write(toFile: path, atomically: false, encoding: .utf8)
      case .throughLink:
        // As kubernetes and other deployments do: the name is a link that is swapped.
        let target = "\(path).\(UInt32.random(in: 0...UInt32.max))"
        try text.write(toFile: target, atomically: false, encoding: .utf8)
        try manager.createSymbolicLink(atPath: path + ".link", withDestinationPath: target)
        #expect(rename(path + ".link", path) == 0)
      }
    }
  }

  @Test(arguments: Saving.allCases)
  func `a file goes live however it is saved`(saving: Saving) throws {
    let project = try TestProject([
      "scripts/main.lua": "return require('m')", "scripts/m.lua": "return 0",
    ])
    #expect(try project.result() == "0")
    let notices = try Notices()
    let watcher = try project.store.watch { notices.add($0) }
    for version in 1...3 {
      try saving.save("return \(version)", to: project.folder.file("scripts/m.lua"))
      notices.waitForLive(version)
      #expect(try project.result() == "\(version)")
    }
    watcher.stop()
    // On a slow machine the moment in which a file is gone may be seen; what was live then stays.
    let others = notices.all.count - notices.live.count
    #expect(others == 0 || saving == .deleteAndCreate)
    #expect(
      notices.live.map { project.short($0.text) }
        == [String](repeating: "reloaded main: scripts/m.lua changed", count: 3))
  }

  @Test func `an edit is live within a tenth of a second`() throws {
    let project = try TestProject(["scripts/main.lua": "return 0"])
    _ = try project.current()
    let notices = try Notices()
    let watcher = try project.store.watch { notices.add($0) }
    var times: [Duration] = []
    for version in 1...9 {
      let start = MonotonicTime.now()
      try project.write("return \(version)", "scripts/main.lua")
      notices.wait(for: version)
      times.append(MonotonicTime.now() - start)
    }
    watcher.stop()
    // The machine may be busy with something else for a moment, so the middle one counts.
    #expect(times.sorted()[4] < .milliseconds(100), "\(times)")
    print("edit to live: \(times.sorted())")
  }

  @Test func `a file that is saved every five milliseconds goes live all the same`() throws {
    let project = try TestProject(["scripts/main.lua": "return { 0, 'whole' }"])
    _ = try project.current()
    let notices = try Notices()
    let watcher = try project.store.watch { notices.add($0) }
    let isOver = Atomic<Bool>(false)
    let path = project.folder.file("scripts/main.lua")
    let (seconds, filler) = (ReloadStressTests.isFull ? 60 : 2, String(repeating: " ", count: 9000))
    let hasEnded = DispatchSemaphore(value: 0)
    let pause = try Wakeup()
    Thread.detachNewThread {
      var version = 0
      while !isOver.load(ordering: .acquiring) {
        version += 1
        try? Saving.inPlace.save("return { \(version),\(filler)'whole' }", to: path)
        pause.wait(.milliseconds(5))
      }
      hasEnded.signal()
    }
    let end = MonotonicTime.now() + .seconds(seconds)
    var results: Set<String> = []
    while MonotonicTime.now() < end {
      results.insert(try project.result())
    }
    #expect(results.filter { !$0.hasSuffix(",\"whole\"]") } == [])
    isOver.store(true, ordering: .releasing)
    hasEnded.wait()
    watcher.stop()
    // Half of what a reload each 75 ms would be.
    #expect(results.count > seconds * 6)
    #expect(notices.all.filter { !$0.text.contains("reloaded") } == [])
    print("saves every 5 ms for \(seconds) s: \(results.count) versions went live")
  }

  @Test func `files that are saved together go live together`() throws {
    let project = try TestProject([
      "scripts/main.lua": "return require('m') .. require('n')", "scripts/m.lua": "return 0",
      "scripts/n.lua": "return 0",
    ])
    _ = try project.current()
    let notices = try Notices()
    let watcher = try project.store.watch { notices.add($0) }
    try project.write("return 1", "scripts/m.lua")
    try project.write("return 1", "scripts/n.lua")
    notices.wait(for: 1)
    watcher.stop()
    #expect(try project.result() == "\"11\"")
    #expect(
      notices.all.map { project.short($0.text) }
        == ["reloaded main: scripts/m.lua, scripts/n.lua changed"])
  }

  @Test func `a script that is asked for after the watch began is watched`() throws {
    let project = try TestProject(["scripts/deep/down/main.lua": "return 0"])
    let notices = try Notices()
    let watcher = try project.store.watch { notices.add($0) }
    #expect(try project.result("deep/down/main") == "0")
    try project.write("return 1", "scripts/deep/down/main.lua")
    notices.wait(for: 1)
    // A customer's folder that was not there when the watch began.
    try project.write("return 2", "scripts/customers/acme/deep/down/main.lua")
    notices.wait { (try? project.result("deep/down/main")) == "2" }
    watcher.stop()
    #expect(try project.result("deep/down/main") == "2")
  }

  @Test func `a folder that is replaced is watched on`() throws {
    let project = try TestProject(["scripts/main.lua": "return 0"])
    _ = try project.current()
    let notices = try Notices()
    let watcher = try project.store.watch { notices.add($0) }
    try project.write("return 1", "next/main.lua")
    let manager = FileManager.default
    try manager.moveItem(
      atPath: project.folder.file("scripts"), toPath: project.folder.file("last"))
    try manager.moveItem(
      atPath: project.folder.file("next"), toPath: project.folder.file("scripts"))
    notices.wait(for: 1)
    try project.write("return 2", "scripts/main.lua")
    notices.wait { (try? project.result()) == "2" }
    watcher.stop()
    #expect(try project.result() == "2")
  }

  @Test func `a watcher that is stopped reloads no more`() throws {
    let project = try TestProject(["scripts/main.lua": "return 0"])
    _ = try project.current()
    let notices = try Notices()
    for _ in 0..<50 { try project.store.watch { notices.add($0) }.stop() }
    #expect(try project.result() == "0")
    #expect(notices.all == [])
    #expect(project.refresh() == [])
  }
}
