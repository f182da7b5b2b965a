import Lua

/// What a run is started with.
public struct RunOptions: Sendable {
  /// The linked account that the run reads and writes for.
  public var account: String
  /// The input as JSON text; nil for none, which scripts see as an empty table.
  public var input: [UInt8]?
  /// The limits of the run.
  public var budget = Budget()
  /// What may be read and written; each of them has to permit a call.
  public var permissions: [Permissions] = []
  /// The accounts beside its own that the run may use.
  public var otherAccounts: Set<String> = []
  /// What the script sees as `refold.mode`.
  public var mode: String
  /// The source of code without a file, for the journal.
  public var source: [UInt8]?
  /// The run that is taken up; nil for a new one.
  public var resumption: Resumption?
  /// The dead letter that is tried again; nil when the run is about none.
  public var letter: DeadLetter?
  /// What the script sees of chance and time; nil for what there is.
  public var facts: RunFacts?
  /// Whether the result is written with line breaks and indentation.
  public var isResultPretty: Bool

  /// Whether the run ends with a description of what the script's chunk returns.
  var isDescribed = false

  /// Makes options with the default budget: 10 minutes and 64 MiB.
  public init(
    account: String, input: [UInt8]? = nil, timeout: Duration? = .seconds(600),
    memoryBytes: Int = 64 << 20, mode: String = "live", isResultPretty: Bool = false
  ) {
    self.account = account
    self.input = input
    budget.time = timeout
    budget.memoryBytes = memoryBytes
    self.mode = mode
    self.isResultPretty = isResultPretty
  }

  var resultEncoding: JSONEncodingOptions {
    var encoding = JSONEncodingOptions()
    encoding.isPretty = isResultPretty
    encoding.sortsKeys = true
    return encoding
  }
}
