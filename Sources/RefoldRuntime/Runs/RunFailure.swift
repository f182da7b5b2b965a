import Lua
import RefoldActions

/// Why a run has no result: what failed, where in the user's files, and how to fix it.
public struct RunFailure: Error, Sendable, Equatable {
  /// The class of a failure, to branch on.
  ///
  /// It decides the exit code of a command.
  public struct Kind: Sendable, Hashable {
    /// The stable name, as scripts and `--json` show it.
    public let name: String

    /// The script raised an error of its own, or does not compile.
    public static let script = Kind(name: "script")
    /// The run cannot start: no such script, bad input.
    public static let usage = Kind(name: "usage")
    /// An action failed in one of the ways that ``ActionError/Kind`` names.
    public static func action(_ kind: ActionError.Kind) -> Kind { Kind(name: kind.rawValue) }
    /// A limit of the run was reached.
    public static let budget = Kind.action(.budget)
    /// A person stopped the run.
    public static let cancelled = Kind.action(.cancelled)

    /// A resumed run does something else than before.
    public static let diverged = Kind(name: "diverged")

    init(name: String) { self.name = name }

    /// The exit code for the failure, as docs/cli.md lists them.
    public var exitStatus: Int32 {
      if let kind = ActionError.Kind(rawValue: name) { return kind.exitStatus }
      if self == .diverged { return 9 }
      return self == .usage ? 2 : 1
    }
  }

  /// The class of the failure.
  public var kind: Kind
  /// A stable code, such as `script_error` or what the API answered.
  public var code: String
  /// What failed, in one line; more lines only when the script's own message has them.
  public var message: String
  /// The place in the script.
  public var location: LuaError.Location?
  /// How to fix it.
  public var hint: String?
  /// The calls that led there, as Lua prints them.
  public var traceback: String?
  /// The app that an action error is about.
  public var app: String?
  /// The action that an action error is about.
  public var action: String?
  /// The HTTP status, when there was one.
  public var status: Int?
  /// The trace id of the platform, for its support.
  public var traceID: String?

  /// Makes a failure.
  public init(
    _ kind: Kind, code: String, message: String, location: LuaError.Location? = nil,
    hint: String? = nil, traceback: String? = nil
  ) {
    self.kind = kind
    self.code = code
    self.message = message
    self.location = location
    self.hint = hint
    self.traceback = traceback
  }

  /// Makes the failure of a call that no script stands behind.
  public init(_ error: ActionError) {
    self.init(.action(error.kind), code: error.code, message: error.message, hint: error.hint)
    app = error.app
    action = error.action
    status = error.status
    traceID = error.traceID
  }
}
