/// The value of a number as Lua reads it.
enum Numeral: Equatable {
  case integer(Int64)
  case float(Double)

  /// Reads a number; nil when it is none.
  ///
  /// Decimal digits that do not fit 64 bits are a float; hexadecimal ones wrap around.
  init?(_ text: ArraySlice<UInt8>) {
    let isHex =
      text.count > 1 && text.first == 0x30
      && (text[text.startIndex + 1] == UInt8(ascii: "x")
        || text[text.startIndex + 1] == UInt8(ascii: "X"))
    let digits = isHex ? text.dropFirst(2) : text
    guard Self.isValid(digits, isHex: isHex) else { return nil }
    let isWhole = digits.allSatisfy { isHex ? $0.isHexDigit : $0.isDigit }
    if isWhole, isHex {
      let bits = digits.reduce(UInt64(0)) { $0 &<< 4 | UInt64($1.hexValue ?? 0) }
      self = .integer(Int64(bitPattern: bits))
    } else if isWhole, let value = Int64(String(decoding: digits, as: UTF8.self)) {
      self = .integer(value)
    } else {
      self = .float(Double(String(decoding: text, as: UTF8.self)) ?? .nan)
    }
  }

  /// Whether it is digits with at most one point among them, and perhaps an exponent.
  private static func isValid(_ text: ArraySlice<UInt8>, isHex: Bool) -> Bool {
    var rest = text
    var digits = 0
    var points = 0
    while let byte = rest.first {
      if isHex ? byte.isHexDigit : byte.isDigit {
        digits += 1
      } else if byte == UInt8(ascii: "."), points == 0 {
        points = 1
      } else {
        break
      }
      rest = rest.dropFirst()
    }
    guard digits > 0 else { return false }
    guard let mark = rest.first else { return true }
    guard mark | 0x20 == (isHex ? UInt8(ascii: "p") : UInt8(ascii: "e")) else { return false }
    rest = rest.dropFirst()
    if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      rest = rest.dropFirst()
    }
    return !rest.isEmpty && rest.allSatisfy(\.isDigit)
  }
}
