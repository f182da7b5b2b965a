import Synchronization

/// Brings answers of other threads to those who wait for them on a lane.
///
/// Confined to the lane's thread, except for the functions that it hands out.
final class LaneAnswers {
  /// The numbers of the answers that have come.
  private final class Inbox: Sendable {
    private let numbers = Mutex<[UInt64]>([])
    private let hasSome = Atomic<Bool>(false)

    func post(_ number: UInt64) {
      numbers.withLock { $0.append(number) }
      hasSome.store(true, ordering: .releasing)
    }

    func take() -> [UInt64] {
      guard hasSome.load(ordering: .acquiring) else { return [] }
      hasSome.store(false, ordering: .releasing)
      return numbers.withLock { numbers in
        defer { numbers = [] }
        return numbers
      }
    }
  }

  private let inbox = Inbox()
  private let wake: @Sendable () -> Void
  private var waiting: [UInt64: () -> Void] = [:]
  private var lastNumber: UInt64 = 0

  /// - Parameter wake: Ends the lane's wait, from any thread.
  init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

  /// How many answers are to come.
  var expected: Int { waiting.count }

  /// Returns a function by which any thread gives one answer, which `body` receives on the lane's thread.
  func expect<Value: Sendable>(
    _ body: @escaping (Value) -> Void
  ) -> @Sendable (Value) -> Void {
    lastNumber += 1
    let number = lastNumber
    let slot = Slot<Value>()
    waiting[number] = { if let value = slot.take() { body(value) } }
    return { [inbox, wake] value in
      slot.put(value)
      inbox.post(number)
      wake()
    }
  }

  /// Hands over the answers that have come; returns whether there were any.
  func deliver() -> Bool {
    let numbers = inbox.take()
    for number in numbers { waiting.removeValue(forKey: number)?() }
    return !numbers.isEmpty
  }
}
