import RefoldActions

/// The claims of `refold.once` that a run holds.
extension Run {
  /// A claim whose function is under way.
  struct HeldClaim {
    let claim: StateClaim
    /// Which task runs the function.
    unowned let task: RunTask
  }

  /// Takes a claim out of those that are held.
  func takeClaim(_ token: Int64) -> StateClaim? {
    guard let index = claims.firstIndex(where: { $0.claim.token == token }) else { return nil }
    return claims.remove(at: index).claim
  }

  /// Says of the claims of a task, or of all, that their functions were stopped in the middle.
  func interruptClaims(of task: RunTask? = nil) {
    guard !claims.isEmpty else { return }
    let interrupted = claims.filter { task == nil || $0.task === task }
    claims.removeAll { held in interrupted.contains { $0.claim == held.claim } }
    for held in interrupted {
      _ = lane.planner?.keep(.interrupted, of: held.claim)
      // Should that fail, the death of this process will say the same.
      lane.configuration.store.settle(held.claim, .interrupted) { _ in }
    }
  }

  /// Where the run's script keeps its values for the account.
  var shelf: StateShelf { StateShelf(account: options.account, script: scriptName) }
}
