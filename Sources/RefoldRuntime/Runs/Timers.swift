/// What is to happen at a time: sleeps that end, calls that are made again, runs whose time is over.
///
/// Adding and taking back cost time in proportion to the logarithm of how many there are.
struct Timers {
  /// A name by which a timer can be taken back.
  struct ID: Hashable {
    fileprivate let number: UInt64
  }

  private struct Entry {
    let due: Int64
    let number: UInt64

    /// Of two that are due at once the older one comes first.
    func isBefore(_ other: Entry) -> Bool {
      (due, number) < (other.due, other.number)
    }
  }

  /// A binary heap, the next one first; those that were taken back are among them until they are due.
  private let clock: LaneClock
  private var heap: [Entry] = []
  private var actions: [UInt64: () -> Void] = [:]
  private var lastNumber: UInt64 = 0

  init(_ clock: LaneClock) { self.clock = clock }

  /// Calls a function once when a delay has passed on the clock.
  mutating func add(after delay: Duration, _ action: @escaping () -> Void) -> ID {
    lastNumber += 1
    let now = clock.now
    let (sum, isTooLate) = now.addingReportingOverflow(delay.wholeNanoseconds)
    actions[lastNumber] = action
    heap.append(Entry(due: isTooLate ? .max : sum, number: lastNumber))
    rise(from: heap.count - 1)
    return ID(number: lastNumber)
  }

  /// Takes a timer back.
  mutating func remove(_ id: ID) {
    actions[id.number] = nil
    guard heap.count > 64, heap.count > 2 * actions.count else { return }
    heap = heap.filter { actions[$0.number] != nil }.sorted { $0.isBefore($1) }
  }

  /// The time until the next one, not negative; nil when there is none.
  var next: Duration? {
    heap.first.map { .nanoseconds(max(0, $0.due - clock.now)) }
  }

  /// Takes out what is due, in its order.
  mutating func takeDue() -> [() -> Void] {
    guard !heap.isEmpty else { return [] }
    let now = clock.now
    var due: [() -> Void] = []
    while let first = heap.first, first.due <= now || actions[first.number] == nil {
      removeFirst()
      if let action = actions.removeValue(forKey: first.number) { due.append(action) }
    }
    return due
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var first = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].isBefore(heap[first]) { first = child }
      }
      if first == parent { return }
      heap.swapAt(parent, first)
      parent = first
    }
  }

  private mutating func rise(from start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].isBefore(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }
}
