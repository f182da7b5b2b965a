/// Names a call that a backend has begun; unique within that backend.
public struct CallID: Sendable, Hashable {
  /// The number behind the name.
  public let number: UInt64

  /// Creates a name; only backends do.
  public init(_ number: UInt64) {
    self.number = number
  }
}
