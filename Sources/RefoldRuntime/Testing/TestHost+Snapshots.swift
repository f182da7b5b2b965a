import Lua
import Posix
import RefoldActions

/// Values that a test keeps in a file, and compares with the next time.
extension TestHost {
  /// `snapshot(key)`: whether there is one of that key, its value, and whether it may be made or replaced.
  static func snapshot(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let (_, host) = try context(of: stack)
    let key = try stack.string(1, "key")
    host.usedSnapshots.insert(key)
    let stored: [UInt8]?
    do {
      stored = try SnapshotFile.read(beside: host.file.path)[key]
    } catch {
      // A damaged file is made anew.
      guard host.options.updatesSnapshots else { throw error }
      stored = nil
    }
    stack.push(stored != nil)
    if let stored { try stack.pushJSON(stored) } else { stack.pushNil() }
    let mayKeep = host.options.updatesSnapshots
    stack.push(stored == nil ? mayKeep || !host.options.refusesNewSnapshots : mayKeep)
    return .results(3)
  }

  /// `keep(key, value)`: makes or replaces a snapshot.
  static func keep(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let (_, host) = try context(of: stack)
    let key = try stack.string(1, "key")
    host.newSnapshots[key] = try stack.encodeJSON(at: 2)
    return .results(0)
  }
}

/// The snapshots of a test file: a JSON object in the folder `__snapshots__` beside it.
public enum SnapshotFile {
  /// Returns the path of a test file's snapshots.
  ///
  /// ```swift
  /// SnapshotFile.path(of: "scripts/contacts/upsert_test.lua")  // "scripts/contacts/__snapshots__/upsert_test.json"
  /// ```
  public static func path(of file: String) -> String {
    var parts = file.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let name = parts.removeLast().dropLast(4)
    return (parts + ["__snapshots__", "\(name).json"]).joined(separator: "/")
  }

  /// Reads the snapshots of a test file, as JSON text by their keys; none when there is no file.
  static func read(beside file: String) throws -> [String: [UInt8]] {
    let path = path(of: file)
    guard try Files.status(path) != nil else { return [:] }
    let text = try Files.read(path)
    var found: [String: [UInt8]] = [:]
    do throws(JSONScanError) {
      var scanner = JSONScanner(text)
      try scanner.members { (key, scanner) throws(JSONScanError) in
        let start = scanner.offset
        try scanner.skipValue()
        found[key] = Array(text[start..<scanner.offset])
      }
      try scanner.finish()
    } catch {
      throw LuaError(
        "the snapshots '\(path)' are not JSON: \(error.message); 'refold test --update' makes them anew"
      )
    }
    return found
  }

  /// What a test run did to snapshots.
  public struct Changes: Sendable, Equatable {
    /// How many were made or replaced.
    public var written = 0
    /// How many no test asks for any more.
    public var unused = 0
    /// How many of those were removed.
    public var removed = 0

    /// Makes changes of none.
    public init() {}
  }

  /// Writes the snapshots that tests made or replaced, those of failed tests left out.
  ///
  /// - Parameters:
  ///   - results: Of all tests that were run.
  ///   - isComplete: Whether those are all tests of their files, so that what they do not use nobody does.
  ///   - removesUnused: Whether what nobody uses is removed.
  /// - Throws: ``RunFailure`` when a file cannot be written.
  public static func write(
    _ results: [TestResult], isComplete: Bool, removesUnused: Bool
  ) throws(RunFailure) -> Changes {
    var changes = Changes()
    for (file, results) in Dictionary(grouping: results, by: \.file) {
      let made = results.filter { $0.failure == nil }.reduce(into: [:]) {
        $0.merge($1.newSnapshots) { _, new in new }
      }
      let hasFailed = results.contains { $0.failure != nil }
      let used = results.reduce(into: Set()) { $0.formUnion($1.usedSnapshots) }
      do {
        var stored = (try? read(beside: file)) ?? [:]
        let unused = isComplete && !hasFailed ? stored.keys.filter { !used.contains($0) } : []
        changes.written += made.count
        changes.unused += unused.count
        if made.isEmpty && (unused.isEmpty || !removesUnused) { continue }
        stored.merge(made) { _, new in new }
        if removesUnused {
          for key in unused { stored[key] = nil }
          changes.removed += unused.count
        }
        try write(stored, beside: file)
      } catch {
        throw RunFailure(
          .usage, code: "snapshots_unwritable",
          message:
            "can't write the snapshots '\(path(of: file))': \((error as? PosixError)?.reason ?? String(describing: error))",
          hint: "check that you may write the folder")
      }
    }
    return changes
  }

  private static func write(_ snapshots: [String: [UInt8]], beside file: String) throws {
    let path = path(of: file)
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    try Folders.create(folder.joined(separator: "/"))
    let text = JSONText.object(
      snapshots.map { (name: $0.key, value: String(decoding: $0.value, as: UTF8.self)) })
    let lua = try LuaState(memoryLimit: 1 << 30)
    let bytes = try lua.withStack { stack in
      var options = JSONEncodingOptions()
      options.sortsKeys = true
      options.isPretty = true
      try stack.pushJSON(Array(text.utf8))
      return try stack.encodeJSON(at: -1, options: options)
    }
    try Files.write(
      bytes.last == UInt8(ascii: "\n") ? bytes : bytes + [UInt8(ascii: "\n")], to: path)
  }
}
