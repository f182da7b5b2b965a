/// One header line of a request or an answer.
public struct HTTPHeader: Sendable, Hashable {
  /// The name, in the spelling of whoever sent it; comparisons ignore ASCII case.
  public var name: String
  /// The value, without the white space around it.
  public var value: String

  /// Creates a header; nothing is checked until it is sent.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  /// Whether name and value are the same, byte for byte.
  public static func == (one: HTTPHeader, other: HTTPHeader) -> Bool {
    one.value.hasSameBytes(as: other.value) && one.name.hasSameBytes(as: other.name)
  }

  /// Mixes the value into a hash; names differ less.
  public func hash(into hasher: inout Hasher) { hasher.combine(value) }

  /// Tells whether this header has the given name, in any case.
  public func isNamed(_ other: String) -> Bool {
    let (mine, theirs) = (name.utf8, other.utf8)
    guard mine.count == theirs.count else { return false }
    return zip(mine, theirs).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
  }
}

extension [HTTPHeader] {
  /// Returns the value of the first header with this name, in any case.
  public func value(of name: String) -> String? {
    first { $0.isNamed(name) }?.value
  }
}

extension UInt8 {
  var asciiLowercased: UInt8 {
    self >= 0x41 && self <= 0x5A ? self | 0x20 : self
  }
}
