import Lua

/// What is to happen at a time: sleeps that end, and calls that are made again.
struct Timers {
  /// A name by which a timer can be taken back.
  struct ID: Hashable {
    fileprivate let number: UInt64
  }

  private struct Entry {
    let due: Int64
    let id: ID
    let action: () -> Void
  }

  /// Sorted, the next one last.
  private var entries: [Entry] = []
  private var lastNumber: UInt64 = 0

  /// Calls a function once when a time on the monotonic clock has come; costs time in proportion to the timers.
  mutating func add(after delay: Duration, _ action: @escaping () -> Void) -> ID {
    lastNumber += 1
    let id = ID(number: lastNumber)
    let now = LuaState.monotonicNanoseconds
    let (sum, isTooLate) = now.addingReportingOverflow(delay.wholeNanoseconds)
    let entry = Entry(due: isTooLate ? .max : sum, id: id, action: action)
    // Behind all that are due later; of two that are due at once the older one comes first.
    let index = entries.firstIndex { $0.due <= entry.due } ?? entries.endIndex
    entries.insert(entry, at: index)
    return id
  }

  /// Takes a timer back.
  mutating func remove(_ id: ID) {
    entries.removeAll { $0.id == id }
  }

  /// The time until the next one, not negative; nil when there is none.
  var next: Duration? {
    entries.last.map { .nanoseconds(max(0, $0.due - LuaState.monotonicNanoseconds)) }
  }

  /// Takes out what is due, in its order.
  mutating func takeDue() -> [() -> Void] {
    let now = LuaState.monotonicNanoseconds
    var due: [() -> Void] = []
    while let last = entries.last, last.due <= now { due.append(entries.removeLast().action) }
    return due
  }
}
