extension ActionError {
  /// The sorts of failure, as scripts and exit statuses tell them apart.
  ///
  /// An enum although it is public: a new kind needs a new exit status, so every switch has to know it.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// It may work later: no connection, a timeout, too many requests, a failing service.
    case transient
    /// The key or the connection is not accepted: fix the key, or have the customer reconnect.
    case auth
    /// The same call will fail again: bad parameters, an unknown action.
    case permanent
    /// A limit of the run was reached.
    case budget
    /// The run may not do this.
    case permission
    /// A write left and no usable answer came: it may or may not have been applied.
    case unknownOutcome = "unknown_outcome"
    /// The call was stopped by its caller.
    case cancelled
    /// A run that is replayed does something else than what was recorded.
    case diverged

    /// The exit status of a command that ends with such an error.
    public var exitStatus: Int32 {
      switch self {
      case .permanent: 1
      case .auth: 4
      case .budget, .permission: 7
      case .transient: 8
      case .diverged: 9
      case .unknownOutcome: 10
      case .cancelled: 130
      }
    }
  }
}
