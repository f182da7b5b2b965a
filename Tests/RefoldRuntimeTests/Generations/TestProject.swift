import Foundation
import Posix
import RefoldRuntime
import RefoldTesting
import Synchronization
import Testing

/// A project in a folder of its own, whose files a test writes.
final class TestProject {
  let folder: TemporaryFolder
  let store: ScriptStore

  init(_ files: [String: String] = [:]) throws {
    folder = try TemporaryFolder()
    store = ScriptStore(Project(folder: folder.path))
    try write("return {}", "refold.lua")
    for (name, text) in files { try write(text, name) }
  }

  /// Writes a file in place, as `echo >` does.
  func write(_ text: String, _ name: String) throws {
    let path = folder.file(name)
    let parent = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(
      atPath: parent, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: folder.file(name))
  }

  func current(_ script: String = "main", account: String = "acme") throws -> Generation {
    try store.current(script, account: account)
  }

  /// What a run of the live generation gives, or why it fails.
  func result(_ script: String = "main", account: String = "acme") throws -> String {
    let generation = try current(script, account: account)
    return Lane(backend: ScriptedBackend()).run(generation, RunOptions(account: account)).text
  }

  /// Waits until the stamps of all files tell their versions, so that no file is read again only because it is fresh.
  func age() throws { try Wakeup().wait(.milliseconds(30)) }

  /// What a look at the files finds, without the folder's path.
  func refresh() -> [String] { store.refresh().map { short($0.text) } }

  func short(_ text: String) -> String { text.replacing(folder.path + "/", with: "") }
}

/// Notices as they come in, for whoever waits for one.
final class Notices: Sendable {
  private let list = Mutex<[GenerationNotice]>([])
  private let wakeup: Wakeup

  init() throws { wakeup = try Wakeup() }

  func add(_ notice: GenerationNotice) {
    list.withLock { $0.append(notice) }
    wakeup.wake()
  }

  var all: [GenerationNotice] { list.withLock { $0 } }

  /// Those of versions that went live.
  var live: [GenerationNotice] {
    all.filter { if case .live = $0.outcome { true } else { false } }
  }

  /// Waits until so many versions went live, or ten seconds have passed.
  func waitForLive(_ count: Int) { wait { live.count >= count } }

  /// Waits until there are so many notices, or ten seconds have passed.
  func wait(for count: Int) { wait { all.count >= count } }

  /// Waits until something holds, or ten seconds have passed.
  func wait(until isSo: () -> Bool) {
    let end = MonotonicTime.now() + .seconds(10)
    while !isSo(), MonotonicTime.now() < end { wakeup.wait(.milliseconds(100)) }
  }
}
