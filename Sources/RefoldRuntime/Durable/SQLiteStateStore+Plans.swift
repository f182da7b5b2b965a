import Posix
import RefoldActions
import SQLite

/// A change of the state that a plan makes when it is applied.
enum StateEffect: Sendable {
  /// Sets or removes a value, if there is one with this hash now; nil for none.
  case put([UInt8]?, key: String, StateShelf, expecting: String?)
  /// Claims a key.
  case claim(StateClaim, window: Duration?)
  /// Says how that has ended which a claim stands for.
  case settle(StateClaim, StateClaim.End)
  /// Keeps a dead letter.
  case bury(DeadLetter)
}

/// What plans change when they are applied, and the record of that, which is durable in the same moment.
extension SQLiteStateStore {
  /// Makes a change of a plan, unless it was made before.
  ///
  /// - Returns: What is there instead of what the plan saw, when that keeps the change from being made; nil when it is made.
  func make(
    _ effect: StateEffect, _ number: Int, of plan: String
  ) throws(ActionError) -> PlanValue? {
    let now = now()
    return try ProjectState.wait(self) { onEnd in
      writer.write(
        { [self] database in
          if try isMade(number, of: plan, database) { return nil }
          if let found = try make(effect, database, now) { return found }
          let statement = try database.statement(
            "INSERT INTO plan_changes (plan, number, made) VALUES (?, ?, ?)")
          statement.bind(1, plan)
          statement.bind(2, Int64(number))
          statement.bind(3, Self.milliseconds(now))
          try statement.run()
          return nil
        }, onEnd)
    }
  }

  private func make(
    _ effect: StateEffect, _ database: SQLiteConnection, _ now: Duration
  ) throws -> PlanValue? {
    switch effect {
    case .put(let value, let key, let shelf, let expected):
      let found = try self.value(of: key, on: shelf, database)
      let seen = StateSight.value(found)
      guard seen["value"].map({ Fingerprint.of($0.json) }) == expected else { return seen }
      _ = try putting(value, at: key, on: shelf, ifVersion: nil)(database)
    case .claim(let claim, let window):
      if let answer = try standing(claim, database, now) { return StateSight.once(answer) }
      try insert(claim, window, database, now)
    case .settle(let claim, let end): try settle(claim, end, database)
    case .bury(let letter): try Self.insert(letter, database)
    }
    return nil
  }

  private func isMade(
    _ number: Int, of plan: String, _ database: SQLiteConnection
  ) throws -> Bool {
    let statement = try database.statement(
      "SELECT 1 FROM plan_changes WHERE plan = ? AND number = ?")
    defer { statement.reset() }
    statement.bind(1, plan)
    statement.bind(2, Int64(number))
    return try statement.step()
  }

  /// The numbers of the changes that were made of a plan.
  func changesMade(of plan: String) throws(ActionError) -> Set<Int> {
    try read { database in
      let statement = try database.statement("SELECT number FROM plan_changes WHERE plan = ?")
      defer { statement.reset() }
      statement.bind(1, plan)
      var numbers: Set<Int> = []
      while try statement.step() { numbers.insert(Int(statement.integer(0))) }
      return numbers
    }
  }

  /// Forgets which changes were made of plans that are not remembered any more.
  ///
  /// - Parameters:
  ///   - isForgotten: Whether the plan with an id is not remembered.
  ///   - limit: Only of those of which a change was made before this time since 1970.
  func forgetChanges(
    of isForgotten: (String) throws -> Bool, before limit: Duration
  ) throws(ActionError) {
    try openAndWait()
    let plans: [String] = try read { database in
      let statement = try database.statement(
        "SELECT DISTINCT plan FROM plan_changes WHERE made < ?")
      defer { statement.reset() }
      statement.bind(1, Self.milliseconds(limit))
      var plans: [String] = []
      while try statement.step() {
        let plan = statement.text(0) ?? ""
        if try isForgotten(plan) { plans.append(plan) }
      }
      return plans
    }
    guard !plans.isEmpty else { return }
    try ProjectState.wait(self) { onEnd in
      writer.write(
        { database in
          let statement = try database.statement("DELETE FROM plan_changes WHERE plan = ?")
          for plan in plans {
            statement.bind(1, plan)
            try statement.run()
          }
        }, onEnd)
    }
  }

  /// What stands in the way of a claim now; nil when nothing does.
  func standing(_ claim: StateClaim) throws(ActionError) -> StateClaim.Answer? {
    try read { try standing(claim, $0, now()) }
  }

  /// Claims a key, and waits for the answer; not for threads that run scripts.
  func claimAndWait(
    _ claim: StateClaim, window: Duration?
  ) throws(ActionError) -> StateClaim.Answer {
    try ProjectState.wait(self) { self.claim(claim, window: window, $0) }
  }
}
