import RefoldActions

/// What became of a script whose files changed.
public struct GenerationNotice: Sendable, Equatable {
  /// What became of it.
  public enum Outcome: Sendable, Equatable {
    /// The new version is live; runs that begin from now on have it.
    case live(hash: String)
    /// The new version is wrong, and the one that was live stays.
    case kept(RunFailure)
  }

  /// The script, as it was asked for.
  public var script: String
  /// The accounts for which it happened, sorted.
  public var accounts: [String]
  /// What became of it.
  public var outcome: Outcome
  /// The files that changed, came or went, sorted.
  public var changed: [String]

  /// One line for people, with the place of what is wrong.
  public var text: String {
    switch outcome {
    case .live where changed.isEmpty: "reloaded \(script): it is as it was before"
    case .live: "reloaded \(script): \(Self.list(changed)) changed"
    case .kept(let failure):
      "kept \(script) as it was: \(failure.location.map { "\($0): " } ?? "")\(failure.message)"
    }
  }

  private static func list(_ paths: [String]) -> String {
    let shown = paths.prefix(3).joined(separator: ", ")
    return paths.count > 3 ? "\(shown) and \(paths.count - 3) more" : shown
  }
}
