import Posix

/// Files whose contents a session runs on, and how they were when they were read.
struct WatchedFiles {
  /// What tells one version of a file from the next.
  struct Version: Equatable {
    var modified: Duration
    var size: Int
  }

  private var versions: [String: Version] = [:]

  /// The version of a file as it is now; nil when there is none.
  static func version(of path: String) -> Version? {
    guard let status = try? Files.status(path), status.kind == .file else { return nil }
    return Version(modified: status.modified, size: status.size)
  }

  /// Takes a file as it is now.
  mutating func note(_ path: String) {
    versions[path] = Self.version(of: path) ?? Version(modified: .zero, size: -1)
  }

  /// Whether a file is another one than when it was noted; a file that was never noted is noted.
  mutating func hasChanged(_ path: String) -> Bool {
    let now = Self.version(of: path) ?? Version(modified: .zero, size: -1)
    guard let before = versions.updateValue(now, forKey: path) else { return false }
    return before != now
  }
}
