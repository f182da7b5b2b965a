/// A queue: first in, first out.
///
/// Adding and taking cost the same however many wait.
struct Fifo<Element> {
  private var elements: [Element] = []
  private var first = 0

  var isEmpty: Bool { first == elements.count }
  var count: Int { elements.count - first }

  mutating func append(_ element: Element) { elements.append(element) }

  /// Takes the oldest element out.
  mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    let element = elements[first]
    first += 1
    if first == elements.count || first == 1024 {
      elements.removeSubrange(..<first)
      first = 0
    }
    return element
  }

  /// Drops the elements for which `isOver` holds; returns them.
  @discardableResult
  mutating func removeAll(where isOver: (Element) -> Bool) -> [Element] {
    let removed = elements[first...].filter(isOver)
    elements = elements[first...].filter { !isOver($0) }
    first = 0
    return removed
  }
}
