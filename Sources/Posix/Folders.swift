import Glibc

/// Folders, and paths as the system resolves them.
public enum Folders {
  /// Creates a folder and those above it that are missing; does nothing when it exists.
  ///
  /// - Parameter mode: The permission bits of the folders that are created.
  /// - Throws: `PosixError`; `notFolder` when a file stands in the way.
  public static func create(_ path: String, mode: UInt32 = 0o755) throws(PosixError) {
    try Files.check(path, "create")
    if unsafe mkdir(path, mode) == 0 { return }
    switch errno {
    case EEXIST:
      let isFolder = try Files.status(path)?.kind == .folder
      if !isFolder { throw PosixError(code: .notFolder, operation: "create", path: path) }
    case ENOENT:
      guard let parent = parent(of: path) else { throw PosixError.last("create", path) }
      try create(parent, mode: mode)
      // Another process may have created it meanwhile, which is as good.
      if unsafe mkdir(path, mode) != 0 && errno != EEXIST { throw PosixError.last("create", path) }
    default: throw PosixError.last("create", path)
    }
  }

  /// Makes an empty folder with a new name, for its owner alone.
  ///
  /// - Parameters:
  ///   - parent: The folder that it is in.
  ///   - prefix: What its name begins with.
  /// - Throws: `PosixError`
  public static func makeTemporary(
    in parent: String, prefix: String
  ) throws(PosixError) -> String {
    let pattern = "\(parent)/\(prefix)XXXXXX"
    try Files.check(pattern, "create")
    // SAFETY: the copy is the call's to write into, and is freed when its text has been taken.
    guard let copy = unsafe strdup(pattern) else { throw PosixError.last("create", pattern) }
    defer { unsafe free(copy) }
    guard unsafe mkdtemp(copy) != nil else { throw PosixError.last("create", pattern) }
    return unsafe String(cString: copy)
  }

  /// Removes a folder with all that it holds; does nothing when there is none.
  ///
  /// - Throws: `PosixError`
  public static func remove(_ path: String) throws(PosixError) {
    guard try Files.status(path) != nil else { return }
    for name in try list(path) {
      let inner = "\(path)/\(name)"
      let isFolder = try Files.status(inner)?.kind == .folder
      if isFolder { try remove(inner) } else { try Files.remove(inner) }
    }
    guard unsafe rmdir(path) == 0 else { throw PosixError.last("remove", path) }
  }

  /// Returns the names in a folder, sorted, without `.` and `..`.
  ///
  /// - Throws: `PosixError`
  public static func list(_ path: String) throws(PosixError) -> [String] {
    try Files.check(path, "list")
    guard let folder = unsafe opendir(path) else { throw PosixError.last("list", path) }
    defer { _ = unsafe closedir(folder) }
    var names: [String] = []
    // SAFETY: `folder` is open until the function ends, and an entry is copied before the next is read.
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { start in
        unsafe start.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Returns the folder in which the process works.
  ///
  /// - Throws: `PosixError`; `notFound` when it has been removed.
  public static func working() throws(PosixError) -> String {
    // SAFETY: with a null buffer getcwd allocates the result, which is freed here.
    guard let path = unsafe getcwd(nil, 0) else { throw PosixError.last("find the working folder") }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  /// Returns the absolute path of what exists, with all links resolved.
  ///
  /// - Throws: `PosixError`
  public static func resolve(_ path: String) throws(PosixError) -> String {
    try Files.check(path, "resolve")
    // SAFETY: with a null buffer realpath allocates the result, which is freed here.
    guard let resolved = unsafe realpath(path, nil) else { throw PosixError.last("resolve", path) }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  private static func parent(of path: String) -> String? {
    var path = path[...]
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
    return String(path[..<slash])
  }
}
