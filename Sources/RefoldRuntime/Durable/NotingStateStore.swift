import RefoldActions
import Synchronization

/// A store that passes all on to another one, and tells what of it a run saw before it changed it itself.
package final class NotingStateStore: StateStore {
  /// What was there when somebody first looked.
  package enum Sight: Sendable {
    /// The value of a key, as JSON text; nil for none.
    case value([UInt8]?)
    /// The result of what had been done once, as JSON text; nil when it was none.
    case done([UInt8]?)
  }

  private struct Place: Hashable {
    let account: String
    let key: String
    let isClaim: Bool
  }

  private let store: any StateStore
  private let note: @Sendable (_ account: String, _ key: String, Sight) -> Void
  private let known = Mutex<Set<Place>>([])

  /// Makes a store that stands before another.
  ///
  /// - Parameter note: Receives each first sight, on any thread.
  package init(
    _ store: any StateStore,
    note: @escaping @Sendable (_ account: String, _ key: String, Sight) -> Void
  ) {
    self.store = store
    self.note = note
  }

  private func see(_ sight: Sight, _ key: String, of account: String, isClaim: Bool = false) {
    let place = Place(account: account, key: key, isClaim: isClaim)
    if known.withLock({ $0.insert(place).inserted }) { note(account, key, sight) }
  }

  package var isOpen: Bool { store.isOpen }

  package func open(_ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void) {
    store.open(onEnd)
  }

  package func entry(_ key: String, on shelf: StateShelf) throws(ActionError) -> StateEntry? {
    let entry = try store.entry(key, on: shelf)
    see(.value(entry?.value), key, of: shelf.account)
    return entry
  }

  package func entries(
    on shelf: StateShelf, prefix: String, after key: String?, limit: Int
  ) throws(ActionError) -> [StateEntry] {
    let entries = try store.entries(on: shelf, prefix: prefix, after: key, limit: limit)
    for entry in entries { see(.value(entry.value), entry.key, of: shelf.account) }
    return entries
  }

  package func put(
    _ value: [UInt8]?, at key: String, on shelf: StateShelf, ifVersion expected: Int64?,
    _ onEnd: @escaping @Sendable (Result<Bool, ActionError>) -> Void
  ) {
    // Whether there was something to remove is an answer; what was there is asked before it is gone.
    if value == nil, store.isOpen, let entry = try? store.entry(key, on: shelf) {
      see(.value(entry.value), key, of: shelf.account)
    } else {
      see(.value(nil), key, of: shelf.account)
    }
    store.put(value, at: key, on: shelf, ifVersion: expected, onEnd)
  }

  package func claim(
    _ claim: StateClaim, window: Duration?,
    _ onEnd: @escaping @Sendable (Result<StateClaim.Answer, ActionError>) -> Void
  ) {
    store.claim(claim, window: window) { [self] result in
      if case .success(.done(let value)) = result {
        see(.done(value), claim.key, of: claim.account, isClaim: true)
      } else {
        _ = known.withLock {
          $0.insert(Place(account: claim.account, key: claim.key, isClaim: true))
        }
      }
      onEnd(result)
    }
  }

  package func settle(
    _ claim: StateClaim, _ end: StateClaim.End,
    _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    store.settle(claim, end, onEnd)
  }

  package func bury(
    _ letter: DeadLetter, _ onEnd: @escaping @Sendable (Result<Void, ActionError>) -> Void
  ) {
    store.bury(letter, onEnd)
  }

  package func letter(_ id: String) throws(ActionError) -> DeadLetter? { try store.letter(id) }
}
