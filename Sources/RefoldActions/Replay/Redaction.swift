/// What a recording leaves out, so that it can be kept with the source.
///
/// Values under names such as `password` or `access_token` are replaced, and wherever else the same text stands; so is the
/// API key. What pages are asked for with (`next_page_token`) is no secret, and stays.
package struct Redaction: Sendable {
  /// Replaces addresses of e-mail by pseudonyms.
  package var hidesEmail = false
  /// The further names whose values are replaced, as they were given.
  package var names: [String] = []
  /// Texts that are replaced wherever they stand.
  var known: Set<String> = []

  /// A shorter text may stand somewhere by chance.
  static let shortestKnown = 8

  private var hidesNothing = false

  /// Hides what every recording hides.
  package init() {}

  init(hidingNothing: Void) { hidesNothing = true }

  /// Hides also what the words name: `email`, or the name of a member.
  package init(words: [String]) {
    hidesEmail = words.contains("email")
    names = words.filter { $0 != "email" }
  }

  /// The words with which it was made, sorted.
  package var words: [String] { ((hidesEmail ? ["email"] : []) + names).sorted() }

  // MARK: - Names

  /// Names whose values are secrets, without capitals, lines and spaces.
  private static let secretNames = Set(
    [
      "accesskey", "accesskeyid", "accesstoken", "apikey", "apisecret", "apitoken", "authorization",
      "authtoken", "bearertoken", "bottoken", "clientsecret", "consumersecret", "cookie",
      "credential", "credentials", "csrftoken", "encryptionkey", "idtoken", "jwt", "oauthtoken",
      "passphrase", "passwd", "password", "personalaccesstoken", "privatekey", "proxyauthorization",
      "pwd", "refreshtoken", "secret", "secretaccesskey", "secretkey", "securitytoken",
      "sessiontoken", "setcookie", "signingsecret", "token", "tokensecret", "webhooksecret",
      "xapikey", "xauthtoken", "xcsrftoken",
    ].map { Array($0.utf8) })
  private static let lengths = 3...20

  private func isSecret(_ name: String) -> Bool {
    if hidesNothing { return false }
    let plain = Self.plain(name)
    if Self.lengths.contains(plain.count), Self.secretNames.contains(plain) { return true }
    return names.contains { Self.plain($0) == plain }
  }

  /// A name without capitals, lines and spaces.
  private static func plain(_ name: String) -> [UInt8] {
    var plain: [UInt8] = []
    for byte in name.utf8 {
      switch byte {
      case 0x41...0x5A: plain.append(byte | 0x20)
      case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: " "): break
      default: plain.append(byte)
      }
    }
    return plain
  }

  // MARK: - Documents

  /// Remembers the texts under secret names, to find them elsewhere too.
  mutating func learn(from tree: JSONTree, isSecret hidden: Bool = false) {
    switch tree {
    case .object(let members):
      for member in members { learn(from: member.value, isSecret: hidden || isSecret(member.name)) }
    case .array(let elements): for element in elements { learn(from: element, isSecret: hidden) }
    case .string(let text) where hidden && text.utf8.count >= Self.shortestKnown:
      known.insert(text)
    default: break
    }
  }

  /// Returns a document without what is to be hidden.
  func redact(_ tree: JSONTree) -> JSONTree {
    if hidesNothing { return tree }
    switch tree {
    case .object(let members):
      return JSONTree(
        members: members.map { member in
          (
            redact(member.name),
            isSecret(member.name) ? Self.hidden(member.value) : redact(member.value)
          )
        })
    case .array(let elements): return .array(elements.map { redact($0) })
    case .string(let text): return .string(redact(text))
    case .number, .bool, .null: return tree
    }
  }

  /// Nothing is hidden where nothing is: a null, a Boolean, an empty text.
  private static func hidden(_ value: JSONTree) -> JSONTree {
    switch value {
    case .null, .bool, .string(""): value
    default: .string(SecretString.placeholder)
    }
  }

  /// Returns a text without what is to be hidden.
  package func redact(_ text: String) -> String {
    var text = text
    for secret in known where text.utf8.count >= secret.utf8.count && text.contains(secret) {
      text = text.replacing(secret, with: SecretString.placeholder)
    }
    return hidesEmail ? EmailText.replace(in: text) { EmailText.pseudonym(of: $0) } : text
  }
}

/// Addresses of e-mail inside a text.
enum EmailText {
  private static let domain = "@redacted.invalid"

  /// Returns what stands for an address: the same for the same address, whatever its capitals.
  ///
  /// A pseudonym hides an address from readers; who guesses it can check the guess. FNV-1a (Fowler, Noll, Vo), 64 bits.
  static func pseudonym(of address: String) -> String {
    if address.hasSuffix(domain) { return address }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in address.lowercased().utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let digits = String(hash, radix: 16)
    return "user-" + String(repeating: "0", count: 16 - digits.count) + digits + domain
  }

  /// Returns a text with each address replaced.
  static func replace(in text: String, by replacement: (String) -> String) -> String {
    let bytes = Array(text.utf8)
    guard bytes.contains(UInt8(ascii: "@")) else { return text }
    var (result, done) = ([UInt8](), 0)
    for range in addresses(in: bytes) {
      result += bytes[done..<range.lowerBound]
      result += replacement(String(decoding: bytes[range], as: UTF8.self)).utf8
      done = range.upperBound
    }
    return done == 0 ? text : String(decoding: result + bytes[done...], as: UTF8.self)
  }

  /// Finds what looks like `name@host.domain`.
  private static func addresses(in bytes: [UInt8]) -> [Range<Int>] {
    var (found, end) = ([Range<Int>](), 0)
    for (at, byte) in bytes.enumerated() where byte == UInt8(ascii: "@") && at >= end {
      var start = at
      while start > end, isLocal(bytes[start - 1]) { start -= 1 }
      while start < at, bytes[start] == UInt8(ascii: ".") { start += 1 }
      var stop = at + 1
      while stop < bytes.count, isHost(bytes[stop]) { stop += 1 }
      while stop > at + 1, !isLetterOrDigit(bytes[stop - 1]) { stop -= 1 }
      guard start < at, let dot = bytes[(at + 1)..<stop].lastIndex(of: UInt8(ascii: ".")),
        dot > at + 1, stop - dot > 2
      else { continue }
      found.append(start..<stop)
      end = stop
    }
    return found
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return (0x61...0x7A).contains(lower) || (0x30...0x39).contains(byte) || byte >= 0x80
  }

  private static func isLocal(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte)
  }

  private static func isHost(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
  }
}
