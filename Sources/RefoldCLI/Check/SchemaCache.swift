import Posix
import RefoldActions

/// What a remote backend answered about its actions, kept in a file for an hour.
struct SchemaCache {
  let path: String
  private let folder: String
  private static let prefix = "schemas-"
  private static let lifetime: Duration = .seconds(3600)

  /// - Parameters:
  ///   - folder: The state folder of the project.
  ///   - backend: Where the answers come from; another place has another file.
  init(
    folder: String, backend: BackendChoice, account: String, wanted: [String: Set<String>],
    effects: [String: Effect]
  ) {
    // FNV-1a: a name for the file that depends on nothing else.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    let list = wanted.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.sorted())" }
    let stated = effects.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    for byte in "\(backend.location)\n\(account)\n\(list)\n\(stated)".utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    self.folder = "\(folder)/cache"
    path = "\(folder)/cache/\(Self.prefix)\(String(hash, radix: 16)).json"
  }

  /// What was kept, unless it is too old.
  func read(now: Duration) -> [UInt8]? {
    guard let status = try? Files.status(path), now - status.modified < Self.lifetime else {
      return nil
    }
    return try? Files.read(path)
  }

  /// Keeps an answer, and removes those that are too old; what cannot be kept is asked for again.
  func write(_ body: [UInt8], now: Duration) {
    try? Folders.create(folder)
    for name in (try? Folders.list(folder)) ?? [] where name.hasPrefix(Self.prefix) {
      let other = "\(folder)/\(name)"
      guard let status = try? Files.status(other), now - status.modified >= Self.lifetime else {
        continue
      }
      try? Files.remove(other)
    }
    try? Files.write(body, to: path)
  }
}
