import Lua
import Posix

/// The versions of files that a store has compiled, so that each is read and compiled once.
struct VersionCache: Sendable {
  struct Entry: Sendable {
    var seen: SeenFile
    let version: SourceVersion
  }

  var entries: [String: Entry] = [:]

  /// Forgets the versions of files that nothing live rests on any more.
  mutating func keep(_ paths: Set<String>) {
    entries = entries.filter { paths.contains($0.key) }
  }
}

/// How a file was when it was looked at.
struct SeenFile: Sendable, Equatable {
  var stamp: FileStamp
  /// Whether the file had just been written, so that the stamp does not tell another version of it.
  var isFresh = false

  /// Whether the file may be another one now.
  func differs(from now: FileStamp) -> Bool { isFresh || stamp != now }
}

/// Reads and compiles the files of one build, and notes all that it looked at.
final class SourceReader {
  /// What the build rests on: also places where files would be that are not there.
  private(set) var seen: [String: SeenFile] = [:]
  private(set) var cache: VersionCache
  private var scratch: LuaState?
  /// Asked after a file was read: false when somebody was writing it, so that the bytes may be of two versions.
  private let isWhole: (_ path: String, _ isEmpty: Bool) -> Bool
  private static let maximumAttempts = 100

  init(
    _ cache: VersionCache = VersionCache(),
    isWhole: @escaping (_ path: String, _ isEmpty: Bool) -> Bool = { _, _ in true }
  ) {
    self.cache = cache
    self.isWhole = isWhole
  }

  /// Begins another build with the same versions.
  func beginBuild() { seen = [:] }

  /// Notes a place where a file would count.
  func note(_ path: String) {
    if seen[path] == nil { seen[path] = SeenFile(stamp: FileStamp(of: path)) }
  }

  /// Reads the bytes of a file, all of one version.
  func read(_ path: String) throws(RunFailure) -> [UInt8] {
    var attempts = 0
    while true {
      let before = FileStamp(of: path)
      // Noted before it is read: a file that cannot be read is looked at again as well.
      seen[path] = SeenFile(stamp: before, isFresh: before.isFresh())
      let source = try Script.file(path).source
      attempts += 1
      // Looked at last: while it was asked, an empty file may have got its text.
      let isTorn = !isWhole(path, source.isEmpty) || before != FileStamp(of: path)
      if isTorn, attempts < Self.maximumAttempts { continue }
      return source
    }
  }

  /// Returns a file's version, compiled now unless it is known.
  func version(of path: String) throws(RunFailure) -> SourceVersion {
    if let known = cache.entries[path], !known.seen.differs(from: FileStamp(of: path)) {
      seen[path] = known.seen
      return known.version
    }
    let source = try read(path)
    let seen = seen[path] ?? SeenFile(stamp: .absent)
    let hash = SourceVersion.hash(of: source)
    if let known = cache.entries[path]?.version, known.hash == hash {
      cache.entries[path] = VersionCache.Entry(seen: seen, version: known)
      return known
    }
    let version = try compile(source, path: path, hash: hash)
    cache.entries[path] = VersionCache.Entry(seen: seen, version: version)
    return version
  }

  /// Compiles source that is in no file.
  func compile(
    _ source: [UInt8], path: String, hash: String? = nil
  ) throws(RunFailure) -> SourceVersion {
    SourceVersion(
      source, path: path, hash: hash ?? SourceVersion.hash(of: source), in: try scratchState())
  }

  private func scratchState() throws(RunFailure) -> LuaState {
    if let scratch { return scratch }
    do throws(LuaError) {
      let state = try LuaState(memoryLimit: 256 << 20)
      scratch = state
      return state
    } catch {
      throw RunFailure(starting: error)
    }
  }
}
