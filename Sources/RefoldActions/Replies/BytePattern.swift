/// A sequence of bytes to look for (Horspool: the longer it is, the fewer bytes are looked at).
struct BytePattern: Sendable {
  let bytes: [UInt8]
  private let steps: [Int]

  init(_ text: String) {
    bytes = Array(text.utf8)
    var steps = [Int](repeating: bytes.count, count: 256)
    for (index, byte) in bytes.dropLast().enumerated() {
      steps[Int(byte)] = bytes.count - 1 - index
    }
    self.steps = steps
  }

  /// Returns where the pattern first stands; nil when it does not, or when it is empty.
  func firstMatch(in text: [UInt8], from start: Int = 0) -> Range<Int>? {
    guard let last = bytes.last else { return nil }
    var end = start + bytes.count
    while end <= text.count {
      let byte = text[end - 1]
      if byte == last, text[(end - bytes.count)..<end].elementsEqual(bytes) {
        return (end - bytes.count)..<end
      }
      end += steps[Int(byte)]
    }
    return nil
  }
}
