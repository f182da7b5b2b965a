import Posix

/// Files whose contents a session runs on, and how they were when they were read.
struct WatchedFiles {
  private var versions: [String: FileStamp] = [:]

  /// Takes a file as it is now.
  mutating func note(_ path: String) {
    versions[path] = FileStamp(of: path)
  }

  /// Whether a file is another one than when it was noted; a file that was never noted is noted.
  mutating func hasChanged(_ path: String) -> Bool {
    let now = FileStamp(of: path)
    guard let before = versions.updateValue(now, forKey: path) else { return false }
    return before != now
  }
}
