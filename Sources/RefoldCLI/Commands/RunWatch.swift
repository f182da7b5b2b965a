import Lua
import Posix
import RefoldRuntime
import Synchronization

/// Runs a script, and again whenever a new version of it is live.
struct RunWatch {
  let store: ScriptStore
  let console: Console

  /// The project's config, which is read once, when the program starts.
  private final class Config {
    let path: String
    private var text: [UInt8]?

    init(of project: Project) {
      path = project.path("refold.lua")
      text = try? Files.read(path, limit: Script.maximumBytes)
    }

    /// Whether the file is another one than when it was asked last.
    func hasChanged() -> Bool {
      let now = try? Files.read(path, limit: Script.maximumBytes)
      defer { text = now }
      return now != text
    }
  }

  /// Whether a new version is live that has not been run.
  private final class News: Sendable {
    let wakeup: Wakeup
    private let isThere = Atomic<Bool>(false)
    /// Whether a run is under way that nobody has been told about.
    private let isBusy = Atomic<Bool>(false)

    init() throws(PosixError) { wakeup = try Wakeup() }

    func come() {
      isThere.store(true, ordering: .releasing)
      wakeup.wake()
    }

    /// Says that a run begins or has ended.
    func begin() { isBusy.store(true, ordering: .releasing) }
    func end() { isBusy.store(false, ordering: .releasing) }

    /// Whether a run is under way; true once for each.
    func takeBusy() -> Bool { isBusy.exchange(false, ordering: .acquiringAndReleasing) }

    func take() -> Bool { isThere.exchange(false, ordering: .acquiringAndReleasing) }
  }

  /// Calls `body` for each version, until a person stops it.
  ///
  /// A run that is under way finishes on the code that it was started with.
  ///
  /// - Parameter body: Runs the version that is live, and returns the exit code.
  func run(_ body: () throws -> Int32) throws -> Int32 {
    let news = try News()
    let config = Config(of: store.project)
    let console = console
    let watcher = try store.watch { notice in
      console.note(notice.text)
      guard case .live = notice.outcome else { return }
      if news.takeBusy() {
        console.note("the run that is under way ends first, on what it began with; Ctrl-C stops it")
      }
      news.come()
    }
    defer { watcher.stop() }
    while true {
      news.begin()
      let status = try body()
      news.end()
      if StopSignal.hasArrived { return 130 }
      console.note("\(status == 0 ? "done" : "failed"); waiting for changes, Ctrl-C stops")
      while !news.take() {
        news.wakeup.wait(.milliseconds(200))
        if config.hasChanged() {
          console.note("\(config.path) changed: it counts when refold is started again")
        }
        if StopSignal.hasArrived { return 130 }
      }
    }
  }
}
