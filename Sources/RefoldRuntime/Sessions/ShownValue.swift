/// A Lua value as it is shown: a copy of as much of it as anybody wants to see.
public indirect enum ShownValue: Sendable, Equatable {
  case `nil`
  /// JSON's null, `refold.null`.
  case null
  case boolean(Bool)
  case integer(Int64)
  case float(Double)
  /// The first bytes of a string, and how many it has.
  case string([UInt8], length: Int)
  case table(ShownTable)
  /// A function, thread or userdata in words.
  case other(String)
  /// A value whose `__tostring` gave this text.
  case text(String)
  /// A table that lies inside itself.
  case cycle
}

/// A table as it is shown.
public struct ShownTable: Sendable, Equatable {
  /// A key with its value.
  public struct Field: Sendable, Equatable {
    /// The key.
    public var key: ShownValue
    /// The value.
    public var value: ShownValue

    /// Makes a field.
    public init(_ key: ShownValue, _ value: ShownValue) {
      self.key = key
      self.value = value
    }
  }

  /// Whether it is marked as an array, as those from JSON are.
  public var isArray = false
  /// The first values of 1…n.
  public var elements: [ShownValue] = []
  /// How many there are.
  public var elementCount = 0
  /// The first of the other entries, in the order of their keys.
  public var fields: [Field] = []
  /// How many there are; at least so many when it is `isFieldCountOpen`.
  public var fieldCount = 0
  /// Whether there are more entries than were counted.
  public var isFieldCountOpen = false
  /// Whether it lies so deep that it was not looked into.
  public var isFolded = false

  /// Makes an empty table.
  public init() {}
}

/// How much of a value is copied to be shown.
public struct ShownLimits: Sendable, Equatable {
  /// How many levels of tables.
  public var depth = 12
  /// How many elements, and as many fields, of each table.
  public var entries = 200
  /// How many bytes of each string.
  public var stringBytes = 1000
  /// How many values in all.
  public var values = 20_000

  /// Makes the limits of a value at the prompt.
  public init() {}

  /// Limits that leave nothing out which a person could read.
  public static var all: ShownLimits {
    var limits = ShownLimits()
    limits.depth = 100
    limits.entries = 100_000
    limits.stringBytes = 1 << 20
    limits.values = 500_000
    return limits
  }
}
