/// Where and why a text is not JSON.
public struct JSONScanError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, in lower case and without the place.
  public var message: String
  /// The offset of the first byte that is wrong, counted from 0.
  public var offset: Int

  /// Creates an error.
  public init(message: String, offset: Int) {
    self.message = message
    self.offset = offset
  }

  /// The message with its place: `a number with a leading zero at byte 4`.
  public var description: String { "\(message) at byte \(offset)" }
}
