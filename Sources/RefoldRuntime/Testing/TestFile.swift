import Lua

/// A file of tests: Lua that calls `test("name", function(t) … end)`.
public struct TestFile: Sendable {
  /// What the name of a test file ends with.
  public static let suffix = "_test.lua"

  /// The path, as messages name it.
  public var path: String { script.name }
  /// The folder that the file is in.
  public var folder: String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  let script: Script

  /// Reads a test file.
  ///
  /// - Throws: ``RunFailure`` when it cannot be read, or is not text.
  public init(_ path: String) throws(RunFailure) {
    var script = try Script.file(path)
    // The standard library's own tests are about its files, not about what is compiled into the program.
    let folder = path.split(separator: "/").dropLast()
    script.prefersFolders = folder.last == "stdlib"
    self.script = script
  }
}

/// A test of a file.
public struct TestCase: Sendable, Equatable {
  /// The file's path.
  public var file: String
  /// The name, which no other test of the file has.
  public var name: String
  /// Where it is defined.
  public var location: LuaError.Location?
  /// Which test of the file it is, from 1.
  public var index: Int

  package init(file: String, name: String, location: LuaError.Location? = nil, index: Int) {
    (self.file, self.name) = (file, name)
    (self.location, self.index) = (location, index)
  }
}

/// How a test ended.
public struct TestResult: Sendable {
  /// The test; nil when the file itself failed before any could be told.
  public var test: TestCase?
  /// The file's path.
  public var file: String
  /// Why it failed; nil when it passed.
  public var failure: RunFailure?
  /// How many assertions were made.
  public var assertions = 0
  /// What was logged and printed.
  public var output: [LogLine] = []
  /// The snapshots that it made or replaced, as JSON text by their keys.
  public var newSnapshots: [String: [UInt8]] = [:]
  /// The keys of the snapshots that it looked at.
  public var usedSnapshots: Set<String> = []
  /// How long it took, by the machine's clock.
  public var duration: Duration = .zero

  /// Makes the result of a test that has not failed, or of a file that has.
  public init(test: TestCase? = nil, file: String, failure: RunFailure? = nil) {
    self.test = test
    self.file = file
    self.failure = failure
  }
}
