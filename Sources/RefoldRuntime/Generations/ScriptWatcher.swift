import Posix
import RefoldActions
import Synchronization

extension ScriptStore {
  /// Reloads what changes, on a thread of its own, until the watcher is stopped or released.
  ///
  /// Works with every way of saving: writing in place, renaming over, deleting and creating. What is saved within 50 ms goes
  /// live together, and nothing waits for more than 75 ms however often files are saved. Where the system has no watch left,
  /// the files are looked at ten times a second.
  ///
  /// - Parameter onNotice: Receives what became of changed scripts, on the watcher's thread; must be brief.
  /// - Throws: ``RunFailure`` when the system has no thread left.
  public func watch(
    onNotice: @escaping @Sendable (GenerationNotice) -> Void
  ) throws(RunFailure) -> ScriptWatcher {
    try ScriptWatcher(self, onNotice)
  }

  /// The folders in which something may happen to the live generations.
  func foldersToWatch() -> Set<String> {
    let paths = live.withLock { $0.paths }
    var folders: Set<String> = []
    for path in paths {
      var folder = GenerationBuilder.folder(of: path)
      // Also those above, up to the project's: a folder may be renamed, or not be there yet.
      while folders.insert(folder).inserted, folder != project.folder, folder.contains("/"),
        folder.hasPrefix(project.folder == "." ? "" : project.folder + "/")
      {
        folder = GenerationBuilder.folder(of: folder)
      }
      if project.folder == ".", !path.hasPrefix("/"), !path.hasPrefix("..") { folders.insert(".") }
    }
    return folders
  }
}

/// Keeps a store up to date for as long as it lives.
public final class ScriptWatcher: Sendable {
  /// How long nothing has to happen before changes are looked at.
  static let settling = Duration.milliseconds(50)
  /// How long changes wait at most, when something happens all the time.
  static let longestWait = Duration.milliseconds(75)
  private let folders: FolderWatch?
  private let isStopped: IsStopped
  private let store: ScriptStore
  private let number = UInt64.random(in: 0...UInt64.max)

  private final class IsStopped: Sendable {
    let value = Atomic<Bool>(false)
  }

  fileprivate init(
    _ store: ScriptStore, _ onNotice: @escaping @Sendable (GenerationNotice) -> Void
  ) throws(RunFailure) {
    let folders = try? FolderWatch()
    let isStopped = IsStopped()
    self.folders = folders
    self.isStopped = isStopped
    self.store = store
    store.live.withLock { $0.listeners[number] = { folders?.wake() } }
    // What is there already is watched when this returns, so that no later change is missed.
    _ = try? folders?.watch(store.foldersToWatch())
    do throws(PosixError) {
      try Threads.start {
        let loop = WatchLoop(store, folders, onNotice)
        while !isStopped.value.load(ordering: .acquiring) { loop.turn() }
      }
    } catch {
      throw RunFailure(
        .script, code: "no_thread", message: "can't start a thread: \(error.reason)",
        hint: "raise the limit of processes, or close something")
    }
  }

  deinit { stop() }

  /// Ends the watching; a reload that is under way is finished.
  public func stop() {
    isStopped.value.store(true, ordering: .releasing)
    store.live.withLock { $0.listeners[number] = nil }
    folders?.wake()
  }
}
