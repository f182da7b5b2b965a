import Posix

/// What tells one version of a file from the next without reading it.
enum FileStamp: Sendable, Equatable {
  /// There is no such file.
  case absent
  case file(FileStatus.Identity, size: Int, modified: Duration, changed: Duration)

  /// The clock of a file system may stand still for so long; two versions of the same length look alike until then.
  private static let granularity = Duration.milliseconds(20)

  /// The stamp of a file as it is now; links are followed.
  init(of path: String) {
    guard let status = try? Files.status(path), status.kind == .file else {
      self = .absent
      return
    }
    self = .file(
      status.identity, size: status.size, modified: status.modified, changed: status.changed)
  }

  /// Whether a version that was written a moment before `now` may be followed by one with the same stamp.
  func isFresh(at now: Duration = SystemTime.sinceEpoch()) -> Bool {
    guard case .file(_, _, _, let changed) = self else { return false }
    return now - changed < Self.granularity && changed - now < Self.granularity
  }
}
