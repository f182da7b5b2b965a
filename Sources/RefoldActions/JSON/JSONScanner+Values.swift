// Whole values, for readers that take what they know and pass over the rest.

extension JSONScanner {
  /// Reads the next value; hands each member's name to `body` when it is an object.
  ///
  /// `body` reads the member's value, or leaves it, and then it is skipped.
  ///
  /// - Returns: Whether the value is an object; any other value is skipped.
  @discardableResult
  public mutating func members(
    _ body: (_ name: String, _ scanner: inout JSONScanner) throws(JSONScanError) -> Void
  ) throws(JSONScanError) -> Bool {
    let outside = depth
    guard try next() == .beginObject else {
      try skip(downTo: outside)
      return false
    }
    while case .name(let name) = try next() {
      try body(name, &self)
      if isBeforeMemberValue && depth == outside + 1 { try skipValue() }
    }
    return true
  }

  /// Reads the next value; calls `body` before each element when it is an array.
  ///
  /// `body` reads the element, or leaves it, and then it is skipped.
  ///
  /// - Returns: Whether the value is an array; any other value is skipped.
  @discardableResult
  public mutating func elements(
    _ body: (_ scanner: inout JSONScanner) throws(JSONScanError) -> Void
  ) throws(JSONScanError) -> Bool {
    let outside = depth
    guard try next() == .beginArray else {
      try skip(downTo: outside)
      return false
    }
    while !isAtArrayEnd() {
      let start = offset
      try body(&self)
      if offset == start { try skipValue() }
    }
    _ = try next()
    return true
  }

  /// Reads the next value and returns it when it is a string.
  public mutating func string() throws(JSONScanError) -> String? {
    let outside = depth
    if case .string(let text) = try next() { return text }
    try skip(downTo: outside)
    return nil
  }

  /// Reads the next value and returns it when it is a Boolean, or a string that says `true` or `false`.
  public mutating func bool() throws(JSONScanError) -> Bool? {
    let outside = depth
    switch try next() {
    case .bool(let value): return value
    case .string(let text): return Bool(text)
    default:
      try skip(downTo: outside)
      return nil
    }
  }

  /// Reads the next value and returns it when it is an integer, or a string that spells one.
  public mutating func integer() throws(JSONScanError) -> Int? {
    let outside = depth
    switch try next() {
    case .number(let text), .string(let text): return Int(text)
    default:
      try skip(downTo: outside)
      return nil
    }
  }

  /// Reads the next value and returns a scalar as text: a string as it is, a number as it is written.
  public mutating func scalarText() throws(JSONScanError) -> String? {
    let outside = depth
    switch try next() {
    case .string(let text), .number(let text): return text
    case .bool(let value): return String(value)
    default:
      try skip(downTo: outside)
      return nil
    }
  }

  /// Checks that nothing follows the document's value.
  public mutating func finish() throws(JSONScanError) {
    while try next() != .endOfText {}
  }

  private mutating func skip(downTo outside: Int) throws(JSONScanError) {
    while depth > outside { _ = try next() }
  }
}
