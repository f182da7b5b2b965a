import Glibc

/// What the system knows about a file without opening it.
public struct FileStatus: Sendable, Hashable {
  /// What a path can name.
  public enum Kind: Sendable, Hashable {
    /// A file with bytes in it.
    case file
    /// A folder.
    case folder
    /// A pipe, a device, a socket.
    case other
  }

  /// The numbers by which a system knows a file.
  public struct Identity: Sendable, Hashable {
    let device: UInt64
    let number: UInt64
  }

  /// What the path names, behind any links.
  public var kind: Kind
  /// The size in bytes.
  public var size: Int
  /// The permission bits, such as `0o600`.
  public var mode: UInt32
  /// The user id of the owner.
  public var owner: UInt32
  /// Which file it is, as long as it exists: two paths that name the same one have the same numbers.
  public var identity: Identity
  /// The last change of its bytes, as time since 1970.
  public var modified: Duration

  /// The last change of the file itself, its name and rights included, as time since 1970.
  public var changed: Duration

  init(_ raw: stat) {
    switch raw.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    default: kind = .other
    }
    size = Int(raw.st_size)
    mode = raw.st_mode & 0o7777
    owner = raw.st_uid
    changed = .seconds(raw.st_ctim.tv_sec) + .nanoseconds(raw.st_ctim.tv_nsec)
    identity = Identity(device: UInt64(raw.st_dev), number: UInt64(raw.st_ino))
    modified = .seconds(raw.st_mtim.tv_sec) + .nanoseconds(raw.st_mtim.tv_nsec)
  }

  /// Whether nobody but the owner, who is the user of this process, may do anything with it.
  public var isPrivate: Bool { mode & 0o077 == 0 && owner == geteuid() }
}
