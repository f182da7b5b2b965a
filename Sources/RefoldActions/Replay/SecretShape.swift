/// What secrets of well-known kinds look like, for what redaction did not catch.
enum SecretShape {
  /// A kind of secret: how it begins, and what of which length follows.
  private struct Shape {
    let name: String
    let prefixes: [BytePattern]
    let least: Int
    let isPart: @Sendable (UInt8) -> Bool

    init(
      _ name: String, _ prefixes: [String], _ least: Int,
      _ isPart: @escaping @Sendable (UInt8) -> Bool = SecretShape.isToken
    ) {
      self.name = name
      self.prefixes = prefixes.map { BytePattern($0) }
      self.least = least
      self.isPart = isPart
    }
  }

  private static let shapes = [
    Shape("a Refold key", ["pk_", "tk_"], 16),
    Shape("an AWS access key", ["AKIA", "ASIA"], 16, isCapital),
    Shape("a Google API key", ["AIza"], 35),
    Shape(
      "a GitHub token", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"], 22),
    Shape("a GitLab token", ["glpat-"], 20),
    Shape("a Slack token", ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xapp-"], 10),
    Shape("a Stripe key", ["sk_live_", "rk_live_", "sk_test_", "whsec_"], 16),
    Shape("a HubSpot token", ["pat-na1-", "pat-eu1-", "pat-na2-"], 30),
    Shape("a bearer token", ["Bearer ", "bearer "], 20, isBearer),
  ]
  private static let keyStart = BytePattern("-----BEGIN ")
  private static let keyName = BytePattern("PRIVATE KEY")
  private static let webToken = BytePattern("eyJ")
  private static let afterScheme = BytePattern("://")

  /// Returns where the first text of a document is that looks like a secret, and like which; nil when there is none.
  ///
  /// - Returns: The path, such as `$.data.results[0].note`, and the kind, such as `a private key`.
  static func first(in tree: JSONTree, at path: String = "$") -> (path: String, kind: String)? {
    switch tree {
    case .object(let members):
      for member in members {
        if kind(of: member.name) != nil { return (path, "a name that is a secret") }
        if let found = first(in: member.value, at: path + step(member.name)) { return found }
      }
      return nil
    case .array(let elements):
      for (index, element) in elements.enumerated() {
        if let found = first(in: element, at: "\(path)[\(index)]") { return found }
      }
      return nil
    case .string(let text): return kind(of: text).map { (path, $0) }
    case .number, .bool, .null: return nil
    }
  }

  private static func step(_ name: String) -> String {
    let isPlain = !name.isEmpty && name.utf8.allSatisfy { isToken($0) && $0 != UInt8(ascii: "-") }
    return isPlain ? ".\(name)" : "[\(JSONText.quoted(name))]"
  }

  /// The kind of secret that a text holds, nil when it looks like none.
  static func kind(of text: String) -> String? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 12 else { return nil }
    return kind(of: bytes)
  }

  /// The kind of secret that the bytes of a text hold.
  ///
  /// - Parameter inWords: Whether a secret may also stand inside a word, as behind an escape in JSON.
  static func kind(of bytes: [UInt8], inWords: Bool = false) -> String? {
    if keyStart.firstMatch(in: bytes) != nil, keyName.firstMatch(in: bytes) != nil {
      return "a private key"
    }
    if holdsWebToken(bytes) { return "a JSON Web Token" }
    if holdsPassword(bytes) { return "a URL with a password" }
    for shape in shapes {
      for prefix in shape.prefixes where holds(bytes, prefix, shape, inWords) {
        return shape.name
      }
    }
    return nil
  }

  private static func holds(
    _ bytes: [UInt8], _ prefix: BytePattern, _ shape: Shape, _ inWords: Bool
  ) -> Bool {
    var from = 0
    while let match = prefix.firstMatch(in: bytes, from: from) {
      from = match.upperBound
      // In the middle of a word it is a part of something else.
      if !inWords, match.lowerBound > 0, isToken(bytes[match.lowerBound - 1]) { continue }
      if length(bytes, from: match.upperBound, of: shape.isPart) >= shape.least { return true }
    }
    return false
  }

  private static func length(
    _ bytes: [UInt8], from start: Int, of isPart: (UInt8) -> Bool
  ) -> Int {
    var end = start
    while end < bytes.count, isPart(bytes[end]) { end += 1 }
    return end - start
  }

  /// Three parts with dots between, of which the first two are objects in base64.
  private static func holdsWebToken(_ bytes: [UInt8]) -> Bool {
    var from = 0
    while let match = webToken.firstMatch(in: bytes, from: from) {
      from = match.upperBound
      let head = match.lowerBound + length(bytes, from: match.lowerBound, of: isToken)
      guard head < bytes.count, bytes[head] == UInt8(ascii: "."),
        bytes[(head + 1)...].starts(with: "eyJ".utf8)
      else { continue }
      let body = head + 1 + length(bytes, from: head + 1, of: isToken)
      if body < bytes.count, bytes[body] == UInt8(ascii: ".") { return true }
    }
    return false
  }

  /// Whether a URL with a password stands there: `://user:password@`.
  private static func holdsPassword(_ bytes: [UInt8]) -> Bool {
    var from = 0
    while let scheme = afterScheme.firstMatch(in: bytes, from: from) {
      from = scheme.upperBound
      let rest = bytes[from...].prefix { byte in
        byte > 0x20 && !"/?\"\\".utf8.contains(byte)
      }
      if let at = rest.lastIndex(of: UInt8(ascii: "@")),
        let colon = rest[..<at].firstIndex(of: UInt8(ascii: ":")),
        colon > rest.startIndex, at - colon > 1
      {
        return true
      }
    }
    return false
  }

  private static func isCapital(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte | 0x20) && byte > 0x40 || (0x30...0x39).contains(byte)
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }

  private static func isBearer(_ byte: UInt8) -> Bool {
    isToken(byte) || [".", "~", "+", "/", "="].contains { UInt8(ascii: $0) == byte }
  }
}
