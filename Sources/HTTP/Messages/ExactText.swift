import Glibc

/// A text that equals only the same bytes; a `String` also equals other spellings of its letters.
package struct ExactText: Hashable {
  private let text: String

  package init(_ text: String) { self.text = text }

  package static func == (one: ExactText, other: ExactText) -> Bool {
    one.text.hasSameBytes(as: other.text)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension String {
  /// Whether two texts are the same on the wire.
  func hasSameBytes(as other: String) -> Bool {
    // SAFETY: both buffers outlive the comparison, which stays within them.
    let isSame = unsafe utf8.withContiguousStorageIfAvailable { mine in
      unsafe other.utf8.withContiguousStorageIfAvailable { theirs in
        guard mine.count == theirs.count else { return false }
        guard let first = mine.baseAddress, let second = theirs.baseAddress else { return true }
        return unsafe memcmp(first, second, mine.count) == 0
      }
    }
    return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
  }
}
