/// The open containers around the innermost one; the first few need no memory of their own.
struct JSONStack<Element> {
  private var shallow: InlineArray<6, Element>
  private var deep: [Element] = []
  /// How many there are.
  private(set) var count = 0

  /// Makes an empty stack; `placeholder` fills what is not in use.
  init(placeholder: Element) {
    shallow = InlineArray(repeating: placeholder)
  }

  /// The element at an index, which must be one.
  subscript(index: Int) -> Element {
    index < shallow.count ? shallow[index] : deep[index - shallow.count]
  }

  @inline(__always)
  mutating func push(_ element: Element) {
    if count < shallow.count { shallow[count] = element } else { deep.append(element) }
    count += 1
  }

  /// Takes the last one away; there must be one.
  @inline(__always)
  mutating func pop() -> Element {
    count -= 1
    return count < shallow.count ? shallow[count] : deep.removeLast()
  }
}
