import RefoldActions
import Synchronization

/// The faults of a sandbox, and how often their calls have come.
///
/// Only executed actions are counted, in the order in which they reach the sandbox; look-ups never fail. Of several faults for
/// one call the first counts. Safe to use from any thread: engines that serve the same runs share a plan.
public final class FaultPlan: Sendable {
  /// A fault that has happened.
  public struct Hit: Sendable, Hashable {
    /// Which fault it was.
    public var fault: Fault
    /// What was called, as `app.action`.
    public var call: String
    /// The how-manieth call of those that match.
    public var number: Int
  }

  private struct State {
    var counts: [Int]
    var hits: [Hit] = []
    var calls: [String] = []
    var random: UInt64
    var expired: Set<Connection> = []
    var answers: [Call: [UInt8]] = [:]
  }

  private struct Connection: Hashable {
    let account: String
    let app: String
  }

  private struct Call: Hashable {
    let account: String
    let app: String
    let action: String
  }

  /// The faults, in their order.
  public let faults: [Fault]
  private let state: Mutex<State>
  private let onHit: @Sendable (Hit) -> Void

  /// Makes a plan.
  ///
  /// - Parameters:
  ///   - seed: Of what happens by chance.
  ///   - onHit: Receives each fault that happens, on the thread of its call.
  public init(
    _ faults: [Fault], seed: UInt64 = 0, onHit: @escaping @Sendable (Hit) -> Void = { _ in }
  ) {
    self.faults = faults
    self.onHit = onHit
    state = Mutex(State(counts: [Int](repeating: 0, count: faults.count), random: seed))
  }

  /// The executed actions that came, as `app.action`, in their order; the first 10,000.
  public var calls: [String] { state.withLock { $0.calls } }

  /// The faults that have happened, in their order.
  public var hits: [Hit] { state.withLock { $0.hits } }

  /// The faults that have not happened, each with how many calls would have matched.
  public var missed: [(fault: Fault, calls: Int)] {
    state.withLock { state in
      faults.indices.filter { index in !state.hits.contains { $0.fault == faults[index] } }
        .map { (faults[$0], state.counts[$0]) }
    }
  }

  /// Counts a call, and returns the fault that it meets.
  func next(for call: ActionCall) -> Fault.Kind? {
    guard case .execute(let app, let action) = call.operation else { return nil }
    let hit = state.withLock { state -> Hit? in
      var hit: Hit?
      if state.calls.count < 10_000 { state.calls.append("\(app).\(action)") }
      for (index, fault) in faults.enumerated() where matches(fault, call, app, action, state) {
        state.counts[index] += 1
        let number = state.counts[index]
        if hit == nil, isDue(fault, number, &state) {
          hit = Hit(fault: fault, call: "\(app).\(action)", number: number)
        }
      }
      if let hit { state.hits.append(hit) }
      if hit?.fault.kind == .expiredConnection {
        state.expired.insert(Connection(account: call.account, app: app))
      }
      return hit
    }
    if let hit { onHit(hit) }
    return hit?.fault.kind
  }

  private func matches(
    _ fault: Fault, _ call: ActionCall, _ app: String, _ action: String, _ state: State
  ) -> Bool {
    guard fault.app ?? app == app, fault.action ?? action == action else { return false }
    if fault.kind == .indexLag { return call.effect == .read }
    guard fault.kind == .repeatedCursor else { return true }
    return state.answers[Call(account: call.account, app: app, action: action)] != nil
  }

  private func isDue(_ fault: Fault, _ number: Int, _ state: inout State) -> Bool {
    switch fault.occasion {
    case .at(let wanted): return number == wanted
    case .from(let first): return number >= first
    case .share(let percent):
      // SplitMix64 (Steele, Lea, Flood, 2014): the same seed gives the same faults for the same calls.
      state.random &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state.random
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return (mixed ^ (mixed >> 31)) % 100 < UInt64(percent)
    }
  }

  /// Whether lists and searches may lag.
  var mayLag: Bool { faults.contains { $0.kind == .indexLag } }

  // MARK: - What faults remember

  /// Whether the app has to be connected again.
  func isExpired(_ app: String, of account: String) -> Bool {
    state.withLock { $0.expired.contains(Connection(account: account, app: app)) }
  }

  /// Keeps an answer for the fault that repeats it; returns the one before.
  func exchange(_ answer: [UInt8], of call: ActionCall) -> [UInt8]? {
    guard case .execute(let app, let action) = call.operation,
      faults.contains(where: { $0.kind == .repeatedCursor })
    else { return nil }
    return state.withLock {
      $0.answers.updateValue(
        answer, forKey: Call(account: call.account, app: app, action: action))
    }
  }
}
