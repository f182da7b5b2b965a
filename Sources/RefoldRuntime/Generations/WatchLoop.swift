import Posix
import Synchronization

/// What a watcher's thread does; confined to it.
final class WatchLoop {
  private let store: ScriptStore
  private let folders: FolderWatch?
  private let onNotice: (GenerationNotice) -> Void
  /// The files that somebody is writing.
  private var open: Set<String> = []
  /// Whether something was heard that no look at the files has followed.
  private var hasNews = false
  private var watched: Set<String> = []
  private var revision = -1

  /// How often files are looked at though nothing was heard, and how often when nothing can be heard.
  private static let (calm, deaf) = (Duration.seconds(1), Duration.milliseconds(100))

  init(
    _ store: ScriptStore, _ folders: FolderWatch?,
    _ onNotice: @escaping @Sendable (GenerationNotice) -> Void
  ) {
    self.store = store
    self.folders = folders
    self.onNotice = onNotice
  }

  /// Waits for something to happen, and deals with it.
  func turn() {
    guard let folders else {
      Threads.sleep(Self.deaf)
      return tell(store.refresh())
    }
    let newest = store.live.withLock { $0.revision }
    if newest != revision {
      revision = newest
      watched = store.foldersToWatch()
    }
    // Something may have happened in a folder before it was watched.
    if (try? folders.watch(watched)) == true { reload(folders) }
    if !hasNews { note(folders.events(within: Self.calm)) }
    if hasNews { settle(folders) }
    reload(folders)
  }

  /// Waits until nothing happens any more, though not for ever.
  private func settle(_ folders: FolderWatch) {
    let start = MonotonicTime.now()
    while true {
      let left = ScriptWatcher.longestWait - (MonotonicTime.now() - start)
      guard left > .zero else { return }
      let events = folders.events(within: min(ScriptWatcher.settling, left))
      note(events)
      if events.isEmpty { return }
    }
  }

  private func reload(_ folders: FolderWatch) {
    hasNews = false
    tell(store.refresh { [unowned self] in isWhole($0, isEmpty: $1, folders) })
  }

  /// Whether nobody was writing a file while it was read.
  private func isWhole(_ path: String, isEmpty: Bool, _ folders: FolderWatch) -> Bool {
    // What was written in a folder that was not there when the watch began was not heard.
    watched.insert(GenerationBuilder.folder(of: path))
    if (try? folders.watch(watched)) == true { return false }
    // The system tells of a file that was emptied a moment after it was, and its writer may be held up.
    let events = folders.events(within: isEmpty ? ScriptWatcher.settling : .zero)
    note(events)
    if open.contains(path) {
      note(folders.events(within: .milliseconds(5)))
      return false
    }
    return !events.contains { $0.path == path || $0.kind == .overflow }
  }

  private func note(_ events: [FolderWatch.Event]) {
    if !events.isEmpty { hasNews = true }
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
