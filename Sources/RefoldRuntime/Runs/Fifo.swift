/// A queue: first in, first out.
///
/// Adding and taking cost the same however many wait. An element that was taken out is let go at once.
struct Fifo<Element> {
  private var elements: [Element?] = []
  private var first = 0

  var isEmpty: Bool { first == elements.count }
  var count: Int { elements.count - first }

  mutating func append(_ element: Element) { elements.append(element) }

  /// Takes the oldest element out.
  mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    let element = elements[first].take()
    first += 1
    if first == elements.count {
      elements.removeAll(keepingCapacity: first <= 1024)
      first = 0
    } else if first == 1024 {
      elements.removeSubrange(..<first)
      first = 0
    }
    return element
  }

  /// Drops the elements for which `isOver` holds; returns them.
  @discardableResult
  mutating func removeAll(where isOver: (Element) -> Bool) -> [Element] {
    let waiting = elements[first...].compactMap { $0 }
    elements = waiting.filter { !isOver($0) }
    first = 0
    return waiting.filter(isOver)
  }
}
