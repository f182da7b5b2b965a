/// What a person pressed, or pasted.
public enum Key: Sendable, Equatable {
  case character(Character)
  /// Text between the marks of a bracketed paste, with line breaks as `\n`.
  case paste(String)
  case enter, newline, tab, escape
  case left, right, up, down, home, end
  case wordLeft, wordRight
  case backspace, delete
  case deleteWordBack, deleteWordForward, killToStart, killToEnd, yank, transpose
  case olderEntry, newerEntry, search
  case clearScreen, interrupt, endOfInput, suspend, cancel
}

/// Turns the bytes of a terminal into keys.
///
/// Bytes that are no UTF-8 become U+FFFD, so that they are seen; sequences that nobody asked for are dropped whole.
public struct KeyDecoder: Sendable {
  private var pending: [UInt8] = []
  private var pasted: [UInt8]?
  /// More than that is not taken from one paste.
  private let pasteLimit: Int
  private static let pasteEnd = Array("\u{1B}[201~".utf8)

  /// Makes a decoder.
  ///
  /// - Parameter pasteLimit: The bytes that are kept of one paste.
  public init(pasteLimit: Int = (1 << 20) + 1) {
    self.pasteLimit = pasteLimit
  }

  /// Whether bytes wait for more to follow.
  public var isWaiting: Bool { !pending.isEmpty }

  /// Takes bytes, and returns the keys that are complete.
  public mutating func decode(_ bytes: [UInt8]) -> [Key] {
    pending += bytes
    var keys: [Key] = []
    var offset = 0
    while offset < pending.count {
      if pasted != nil {
        guard takePaste(&offset, &keys) else { break }
        continue
      }
      guard let (key, count) = Self.key(pending[offset...]) else { break }
      offset += count
      if count == 6, pending[..<offset].suffix(6).elementsEqual("\u{1B}[200~".utf8) {
        pasted = []
      } else if let key {
        keys.append(key)
      }
    }
    pending.removeFirst(offset)
    return keys
  }

  /// Takes what waits as it is, since nothing followed: a lone escape is the key of that name.
  public mutating func flush() -> [Key] {
    guard pasted == nil, !pending.isEmpty else { return [] }
    let first = pending.removeFirst()
    let rest = pending
    pending = []
    let key: Key = first == 0x1B ? .escape : .character("\u{FFFD}")
    return [key] + decode(rest)
  }

  /// Moves bytes into the paste up to its end; returns whether the end was there.
  private mutating func takePaste(_ offset: inout Int, _ keys: inout [Key]) -> Bool {
    let rest = pending[offset...]
    var end = rest.startIndex
    while let escape = rest[end...].firstIndex(of: 0x1B) {
      let mark = rest[escape...].prefix(Self.pasteEnd.count)
      if mark.elementsEqual(Self.pasteEnd) {
        keep(rest[..<escape])
        keys.append(.paste(Self.text(pasted ?? [])))
        pasted = nil
        offset = escape + Self.pasteEnd.count
        return true
      }
      if Self.pasteEnd.starts(with: mark) {
        keep(rest[..<escape])
        offset = escape
        return false
      }
      end = escape + 1
    }
    keep(rest)
    offset = pending.count
    return false
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    let room = pasteLimit - (pasted?.count ?? 0)
    pasted?.append(contentsOf: bytes.prefix(max(0, room)))
  }

  /// Pasted text: line breaks as `\n`, tabs as two spaces, other control characters dropped.
  private static func text(_ bytes: [UInt8]) -> String {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case 0x0D: kept.append(0x0A)
      case 0x0A: if index == 0 || bytes[index - 1] != 0x0D { kept.append(0x0A) }
      case 0x09: kept += [0x20, 0x20]
      case 0x00..<0x20, 0x7F: break
      default: kept.append(byte)
      }
    }
    return String(decoding: kept, as: UTF8.self)
  }

  // MARK: - One key

  /// Reads the first key; nil when more bytes have to come.
  ///
  /// A nil key is one that means nothing here.
  private static func key(_ bytes: ArraySlice<UInt8>) -> (key: Key?, count: Int)? {
    guard let first = bytes.first else { return nil }
    if first == 0x1B { return escaped(bytes) }
    if first < 0x20 || first == 0x7F { return (control(first), 1) }
    if first < 0x80 { return (.character(Character(Unicode.Scalar(first))), 1) }
    return character(bytes)
  }

  private static func control(_ byte: UInt8) -> Key? {
    switch byte {
    case 0x01: .home
    case 0x02: .left
    case 0x03: .interrupt
    case 0x04: .endOfInput
    case 0x05: .end
    case 0x06: .right
    case 0x07: .cancel
    case 0x08, 0x7F: .backspace
    case 0x09: .tab
    case 0x0A, 0x0D: .enter
    case 0x0B: .killToEnd
    case 0x0C: .clearScreen
    case 0x0E: .newerEntry
    case 0x10: .olderEntry
    case 0x12: .search
    case 0x14: .transpose
    case 0x15: .killToStart
    case 0x17: .deleteWordBack
    case 0x19: .yank
    case 0x1A: .suspend
    default: nil
    }
  }

  private static func character(_ bytes: ArraySlice<UInt8>) -> (key: Key?, count: Int)? {
    let start = bytes.startIndex
    let length =
      switch bytes[start] {
      case 0xC2...0xDF: 2
      case 0xE0...0xEF: 3
      case 0xF0...0xF4: 4
      default: 1
      }
    let sequence = bytes.prefix(length)
    let following = sequence.dropFirst().prefix { (0x80...0xBF).contains($0) }
    if length > 1, following.count + 1 == sequence.count, sequence.count < length { return nil }
    guard let text = String(validating: sequence, as: UTF8.self), let character = text.first else {
      return (.character("\u{FFFD}"), 1)
    }
    // Marks that turn the direction of text would change what a person reads.
    let isFormat = character.unicodeScalars.contains {
      $0.properties.generalCategory == .control || (0x202A...0x202E).contains($0.value)
        || (0x2066...0x2069).contains($0.value)
    }
    return (isFormat ? nil : .character(character), length)
  }

  private static func escaped(_ bytes: ArraySlice<UInt8>) -> (key: Key?, count: Int)? {
    let start = bytes.startIndex
    guard bytes.count > 1 else { return nil }
    switch bytes[start + 1] {
    case UInt8(ascii: "["): return sequence(bytes)
    case UInt8(ascii: "O"):
      guard bytes.count > 2 else { return nil }
      return (named(bytes[start + 2], isWord: false), 3)
    case UInt8(ascii: "b"): return (.wordLeft, 2)
    case UInt8(ascii: "f"): return (.wordRight, 2)
    case UInt8(ascii: "d"): return (.deleteWordForward, 2)
    case 0x08, 0x7F: return (.deleteWordBack, 2)
    case 0x0A, 0x0D: return (.newline, 2)
    case 0x1B: return (.escape, 1)
    default: return (nil, 2)
    }
  }

  /// A control sequence of ECMA-48: parameters, then a final byte.
  private static func sequence(_ bytes: ArraySlice<UInt8>) -> (key: Key?, count: Int)? {
    let parameters = bytes.dropFirst(2).prefix { (0x20...0x3F).contains($0) }
    // Longer than any that a keyboard sends: drop what is there.
    if parameters.count > 32 { return (nil, 2 + parameters.count) }
    guard parameters.endIndex < bytes.endIndex else { return nil }
    let count = parameters.count + 3
    let final = bytes[parameters.endIndex]
    let text = String(decoding: parameters, as: UTF8.self)
    let isWord = text.hasSuffix(";5") || text.hasSuffix(";3")
    guard final == UInt8(ascii: "~") else { return (named(final, isWord: isWord), count) }
    switch text.prefix(while: { $0 != ";" }) {
    case "1", "7": return (.home, count)
    case "4", "8": return (.end, count)
    case "3": return (isWord ? .deleteWordForward : .delete, count)
    default: return (nil, count)
    }
  }

  private static func named(_ final: UInt8, isWord: Bool) -> Key? {
    switch final {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): isWord ? .wordRight : .right
    case UInt8(ascii: "D"): isWord ? .wordLeft : .left
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "F"): .end
    default: nil
    }
  }
}
