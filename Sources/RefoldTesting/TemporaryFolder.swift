import Foundation

/// A folder that lasts as long as the test that made it.
public final class TemporaryFolder {
  /// Its path.
  public let path: String

  /// Makes an empty folder.
  ///
  /// - Throws: what the file system says.
  public init() throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "refold-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Returns the path of a file in it, which need not exist.
  public func file(_ name: String) -> String { "\(path)/\(name)" }
}
