import Lua
import Posix
import RefoldActions

/// The host's part of the module `fs`: `require "refold_files"`.
enum FileLibrary {
  /// The name under which it is required.
  static let name = "refold_files"

  static func functions() -> LuaLibrary { LuaLibrary([("read", read)]) }

  /// `read(path, offset?, count?, version?)`: bytes of a file, and which version of it they are of.
  ///
  /// All bytes without an offset; none behind the end. Raises when a version is given and the file is another one now.
  private static func read(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let path = try stack.string(1, "path")
    let offset = try stack.optionalInteger(2, "offset")
    let count = try stack.optionalInteger(3, "count") ?? Int64(Files.defaultLimit)
    let version = try stack.optionalString(4, "version")
    let run = try RefoldLibrary.run(of: stack)
    let files = try ProjectFiles(of: run)
    let part = try files.part(of: path, from: Int(offset ?? 0), count: Int(count))
    if offset == nil, part.before.size > Files.defaultLimit {
      throw ProjectFiles.tooLarge(path, part.before.size)
    }
    let found = Self.version(part.before)
    if Self.version(part.after) != found || found != version ?? found {
      throw ProjectFiles.changed(path)
    }
    stack.push(part.bytes)
    stack.push(found)
    return .results(2)
  }

  private static func version(_ status: FileStatus) -> String {
    "\(status.identity) \(status.size) \(status.changed)"
  }
}
