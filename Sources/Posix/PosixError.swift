import Glibc

/// Why the operating system refused something.
public struct PosixError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The number of the failure, as `errno` has it.
  public struct Code: RawRepresentable, Sendable, Hashable {
    /// The value of `errno`.
    public let rawValue: Int32

    /// Creates a code.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The file or folder does not exist.
    public static let notFound = Code(rawValue: ENOENT)
    /// The user may not do this.
    public static let accessDenied = Code(rawValue: EACCES)
    /// The operation is not allowed on such a file.
    public static let notPermitted = Code(rawValue: EPERM)
    /// The file exists already.
    public static let exists = Code(rawValue: EEXIST)
    /// The path names a folder where a file is needed.
    public static let isFolder = Code(rawValue: EISDIR)
    /// A part of the path is not a folder.
    public static let notFolder = Code(rawValue: ENOTDIR)
    /// The disk is full.
    public static let diskFull = Code(rawValue: ENOSPC)
    /// The disk can only be read.
    public static let readOnly = Code(rawValue: EROFS)
    /// Nobody reads the other end of the pipe.
    public static let brokenPipe = Code(rawValue: EPIPE)
    /// The file is larger than the limit.
    public static let tooLarge = Code(rawValue: EFBIG)
    /// The argument makes no sense to the system.
    public static let invalid = Code(rawValue: EINVAL)
  }

  /// What sort of failure it is.
  public var code: Code
  /// What was attempted, as a verb: `read`, `write`, `create`.
  public var operation: String
  /// The path that it was about; nil when it was about none.
  public var path: String?
  /// What failed, in lower case and without a full stop.
  public var message: String
  /// The system's reason alone, for messages that say the rest in words of their own: `no such file or directory`.
  public var reason: String
  /// How to fix it.
  public var hint: String?

  /// Creates an error with a message of its own.
  public init(
    code: Code, operation: String, path: String? = nil, message: String, hint: String? = nil
  ) {
    self.code = code
    self.operation = operation
    self.path = path
    self.message = message
    self.reason = message
    self.hint = hint
  }

  /// Creates an error in the system's words: `cannot read 'a.lua': no such file or directory`.
  public init(code: Code, operation: String, path: String? = nil) {
    let object = path.map { " '\($0)'" } ?? ""
    self.init(
      code: code, operation: operation, path: path,
      message: "cannot \(operation)\(object): \(Self.words(for: code))")
    reason = Self.words(for: code)
  }

  /// The message, and the hint on a line of its own.
  public var description: String { hint.map { "\(message)\n  fix: \($0)" } ?? message }

  /// Returns the error of the call that has just failed on this thread.
  static func last(_ operation: String, _ path: String? = nil) -> PosixError {
    PosixError(code: Code(rawValue: errno), operation: operation, path: path)
  }

  private static func words(for code: Code) -> String {
    let words = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) {
      buffer -> String in
      // SAFETY: the buffer outlives the call; strerror_r ends what it writes with a zero byte, or fails.
      guard let start = buffer.baseAddress,
        unsafe strerror_r(code.rawValue, start, buffer.count) == 0
      else { return "error \(code.rawValue)" }
      return unsafe String(cString: start)
    }
    return words.prefix(1).lowercased() + words.dropFirst()
  }
}
