import CLua

/// The keys that the next object will have: those of the object before it at the same depth, in their order.
///
/// Records of one kind follow each other in most documents. A key that is where it was before costs a comparison with the text
/// of the one before it, and its Lua string is copied from a slot of the stack instead of being hashed and looked up again.
@safe struct JSONKeyPrediction: ~Copyable {
  /// Where the text of a key is that was read before, its closing quote included.
  private struct Key {
    var start = 0
    var count = 0
  }

  /// Names the place of a key: a depth, and a position in the object.
  struct Place {
    fileprivate var index: Int
  }

  private static let depths = 8
  private static let width = 32
  /// Documents with fewer bytes would not win back what the slots cost.
  private static let leastBytes = 2048

  private let keys: UnsafeMutablePointer<Key>?
  /// How many first keys of each depth are known to differ from each other.
  private var distinct = InlineArray<8, Int>(repeating: 0)
  /// The slot of the first place, behind which the others follow.
  private let firstSlot: Int32

  /// Makes room on the stack and forgets nothing yet; a small document gets no prediction.
  init(for input: JSONInput, on lua: OpaquePointer) {
    let count = Self.depths * Self.width
    guard input.count >= Self.leastBytes, unsafe lua_checkstack(lua, Int32(count) + 64) != 0 else {
      unsafe keys = nil
      firstSlot = 0
      return
    }
    unsafe keys = .allocate(capacity: count)
    unsafe keys?.initialize(repeating: Key(), count: count)
    let top = unsafe lua_gettop(lua)
    firstSlot = top + 1
    unsafe lua_settop(lua, top + Int32(count))
  }

  deinit {
    unsafe keys?.deallocate()
  }

  /// Returns the place of a key; nil for one that is too deep or too far to be predicted.
  @inline(__always)
  func place(depth: Int, key: Int32) -> Place? {
    guard unsafe keys != nil, depth <= Self.depths, key < Self.width else { return nil }
    return Place(index: (depth - 1) * Self.width + Int(key))
  }

  /// The slot of the Lua stack with the string of the key.
  @inline(__always)
  func slot(of place: Place) -> Int32 { firstSlot + Int32(place.index) }

  /// Returns the offset after the closing quote when the text at an offset is that of the predicted key.
  @inline(__always)
  func end(of place: Place, at start: Int, in input: JSONInput) -> Int? {
    // SAFETY: a place is within the keys.
    guard let key = unsafe keys?[place.index], key.count > 0,
      input.isSame(key.start, start, count: key.count)
    else { return nil }
    return start + key.count
  }

  /// Remembers the text of a key, its closing quote included.
  @inline(__always)
  mutating func learn(_ text: Range<Int>, at place: Place) {
    // SAFETY: a place is within the keys.
    unsafe keys?[place.index] = Key(start: text.lowerBound, count: text.count)
    let depth = place.index / Self.width
    distinct[depth] = min(distinct[depth], place.index % Self.width)
  }

  /// Whether an object certainly has no key twice: it has exactly the predicted keys, and they differ from each other.
  mutating func rulesOutTwins(
    _ object: JSONDecoding.Container, depth: Int, in input: JSONInput
  ) -> Bool {
    let count = Int(object.keys)
    guard count > 0, object.predicted == object.keys, object.waiting == object.keys,
      object.stored == 0
    else { return false }
    if distinct[depth - 1] < count, areDistinct(count, depth: depth, in: input) {
      distinct[depth - 1] = count
    }
    return distinct[depth - 1] >= count
  }

  /// Compares the keys with each other; escapes could hide twins, so a key with one counts as such.
  private func areDistinct(_ count: Int, depth: Int, in input: JSONInput) -> Bool {
    guard let keys = unsafe keys else { return false }
    let first = (depth - 1) * Self.width
    for index in first..<first + count {
      let key = unsafe keys[index]
      if input.hasBackslash(key.start..<key.start + key.count) { return false }
      for other in first..<index {
        // SAFETY: both are within the keys.
        let twin = unsafe keys[other]
        if twin.count == key.count, input.isSame(twin.start, key.start, count: key.count) {
          return false
        }
      }
    }
    return true
  }
}
