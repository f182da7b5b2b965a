import Posix
import RefoldActions

/// What a remote backend answered about its actions, kept in a file for an hour.
struct SchemaCache {
  let path: String
  private let wanted: [String: Set<String>]
  private static let lifetime: Duration = .seconds(3600)

  /// - Parameters:
  ///   - folder: The state folder of the project.
  ///   - backend: Where the answers come from; another place has another file.
  init(folder: String, backend: BackendChoice, account: String, wanted: [String: Set<String>]) {
    // FNV-1a: a name for the file that depends on nothing else.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    let list = wanted.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.sorted())" }
    for byte in "\(backend.location)\n\(account)\n\(list)".utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    path = "\(folder)/cache/schemas-\(String(hash, radix: 16)).json"
    self.wanted = wanted
  }

  /// What was kept, unless it is too old.
  func read(now: Duration) -> [UInt8]? {
    guard let status = try? Files.status(path), now - status.modified < Self.lifetime else {
      return nil
    }
    return try? Files.read(path)
  }

  /// Keeps an answer; without a file it is asked for again.
  func write(_ body: [UInt8]) {
    guard let slash = path.lastIndex(of: "/") else { return }
    try? Folders.create(String(path[..<slash]))
    try? Files.write(body, to: path)
  }
}
