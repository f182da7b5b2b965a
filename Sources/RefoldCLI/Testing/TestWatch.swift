import Lua
import Posix
import RefoldRuntime

/// Runs tests again whenever a file beside them changes.
///
/// Looks at the files' times and sizes a few times a second; a change counts once a whole look has passed without another.
struct TestWatch {
  /// The folders and files to look at.
  let paths: [String]
  private static let pause = Duration.milliseconds(150)
  /// What the report of a run, and the runner itself, write.
  private static let own = "__snapshots__"

  /// Waits until something has changed; returns false when the ``StopSignal`` came instead.
  func waitForChange(since before: [String: FileStatus]) -> Bool {
    var latest = before
    while !StopSignal.hasArrived {
      Threads.sleep(Self.pause)
      let now = look()
      if now != before && now == latest { return true }
      latest = now
    }
    return false
  }

  /// What the files are like now: all of the folders but snapshots and what begins with a dot.
  func look() -> [String: FileStatus] {
    var found: [String: FileStatus] = [:]
    for path in paths { look(at: path, into: &found) }
    return found
  }

  private func look(
    at path: String, into found: inout [String: FileStatus], above: [String] = []
  ) {
    guard let status = try? Files.status(path) else { return }
    if status.kind == .file { found[path] = status }
    guard status.kind == .folder, let real = try? Folders.resolve(path), !above.contains(real)
    else { return }
    for name in (try? Folders.list(path)) ?? [] where !name.hasPrefix(".") && name != Self.own {
      look(at: "\(path)/\(name)", into: &found, above: above + [real])
    }
  }
}
