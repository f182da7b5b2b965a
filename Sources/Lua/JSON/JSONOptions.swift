/// How JSON text is read.
public struct JSONDecodingOptions: Sendable, Equatable {
  /// How deep arrays and objects may lie, 1 to ``deepest``.
  public var maximumDepth = 1000
  /// Whether an integer beyond 64 bits keeps its digits as a string, instead of becoming a float.
  public var keepsBigIntegers = false
  /// Whether arrays and objects become read-only views, which make values of what a script touches.
  var isLazy = false

  /// Makes the default options.
  public init() {}

  /// The largest depth that can be allowed, so that what waits fits the Lua stack.
  public static let deepest = 10_000
}

/// How a Lua value is written as JSON.
public struct JSONEncodingOptions: Sendable, Equatable {
  /// Whether line breaks and two blanks a level are written, and a line break at the end.
  public var isPretty = false
  /// Whether the keys of objects are written in the order of their bytes, instead of Lua's order.
  public var sortsKeys = false
  /// How deep tables may lie, 1 to ``JSONDecodingOptions/deepest``.
  public var maximumDepth = 1000
  /// How many bytes the text may have.
  ///
  /// A table that is in several places is written as often, so a small value can have a huge text.
  public var maximumBytes = 64 << 20

  /// Makes the default options.
  public init() {}
}
