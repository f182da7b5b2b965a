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
  /// How often files are looked at though nothing was heard, and how often when nothing can be heard.
  private static let (calm, deaf) = (Duration.seconds(1), Duration.milliseconds(100))

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
        var loop = WatchLoop(store: store, folders: folders, onNotice: onNotice)
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

  /// What the watcher's thread does.
  private struct WatchLoop {
    let store: ScriptStore
    let folders: FolderWatch?
    let onNotice: @Sendable (GenerationNotice) -> Void
    /// The files that somebody is writing.
    var open: Set<String> = []
    private var watched: Set<String> = []
    private var revision = -1

    init(
      store: ScriptStore, folders: FolderWatch?,
      onNotice: @escaping @Sendable (GenerationNotice) -> Void
    ) {
      self.store = store
      self.folders = folders
      self.onNotice = onNotice
    }

    /// Waits for something to happen, and deals with it.
    mutating func turn() {
      guard let folders else {
        Threads.sleep(ScriptWatcher.deaf)
        return tell(store.refresh())
      }
      let newest = store.live.withLock { $0.revision }
      if newest != revision {
        revision = newest
        watched = store.foldersToWatch()
      }
      if (try? folders.watch(watched)) == true {
        // Something may have happened in a folder before it was watched.
        tell(store.refresh())
      }
      let events = folders.events(within: ScriptWatcher.calm)
      note(events)
      if !events.isEmpty { settle(folders) }
      reload(folders)
    }

    /// Waits until nothing happens any more, though not for ever.
    private mutating func settle(_ folders: FolderWatch) {
      let start = MonotonicTime.now()
      while true {
        let left = ScriptWatcher.longestWait - (MonotonicTime.now() - start)
        guard left > .zero else { return }
        let events = folders.events(within: min(ScriptWatcher.settling, left))
        note(events)
        if events.isEmpty { return }
      }
    }

    /// Reloads; again when files were written meanwhile, so that no half of a file goes live.
    private mutating func reload(_ folders: FolderWatch) {
      for attempt in 1...40 {
        if !open.isEmpty { note(folders.events(within: .milliseconds(5))) }
        let mayBeOpen = attempt > 20
        guard open.isEmpty || mayBeOpen else { continue }
        var happened: [FolderWatch.Event] = []
        let notices = store.refresh {
          happened = folders.events(within: .zero)
          return happened.isEmpty || mayBeOpen
        }
        note(happened)
        if let notices { return tell(notices) }
      }
    }

    private mutating func note(_ events: [FolderWatch.Event]) {
      for event in events {
        switch event.kind {
        case .modified: open.insert(event.path)
        case .written, .other: open.remove(event.path)
        case .overflow: open = []
        }
      }
    }

    private func tell(_ notices: [GenerationNotice]) {
      for notice in notices { onNotice(notice) }
    }
  }
}
