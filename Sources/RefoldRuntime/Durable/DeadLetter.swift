/// A record that a script could not deal with, kept with the error until somebody takes care of it.
public struct DeadLetter: Sendable, Equatable {
  /// Its id: `dl_` and 20 letters and digits.
  public var id: String
  /// The run that failed on it last; `plan` and the beginning of its id when an applied plan keeps it.
  public var run: String
  /// The script's name in its project.
  public var script: String
  /// The script's path, absolute; a word in brackets for code without a file.
  public var path: String
  /// The code of a script without a file.
  public var source: [UInt8]?
  /// The linked account.
  public var account: String
  /// The word for the backend and where it is.
  public var backend: String
  /// The record as JSON text; empty in listings.
  public var record: [UInt8]
  /// How long the record is.
  public var recordBytes: Int
  /// The error as JSON text: an object with a `message`.
  public var failure: [UInt8]
  /// Where the script gave the record up, as `file:line`.
  public var place: String?
  /// How often it was tried.
  public var attempts = 1
  /// When it failed first, in milliseconds since 1970.
  public var created: Int64
  /// When it failed last, in milliseconds since 1970.
  public var tried: Int64

  /// Makes an id by chance.
  static func makeID() -> String { RunID.make("dl_") }
}
