/// The text that is being typed, and where the cursor stands in it.
public struct EditBuffer: Sendable, Equatable {
  /// The characters.
  public private(set) var characters: [Character] = []
  /// How many characters are before the cursor.
  public private(set) var cursor = 0
  private var killed: [Character] = []
  /// The most characters that are taken: one more than a line may have, so that a cut one is refused, not run.
  private let limit: Int

  /// Makes an empty buffer.
  public init(limit: Int = (1 << 20) + 1) {
    self.limit = limit
  }

  /// The whole text.
  public var text: String { String(characters) }
  /// The text before the cursor.
  public var textBeforeCursor: String { String(characters[..<cursor]) }
  /// Whether nothing was typed.
  public var isEmpty: Bool { characters.isEmpty }

  /// Replaces everything; the cursor goes to the end.
  public mutating func set(_ text: String) {
    characters = Array(text.prefix(limit))
    cursor = characters.count
  }

  /// Puts text in at the cursor; returns false when not all of it fits.
  @discardableResult
  public mutating func insert(_ text: String) -> Bool {
    let new = Array(text.prefix(max(0, limit - characters.count)))
    characters.insert(contentsOf: new, at: cursor)
    cursor += new.count
    return new.count == text.count
  }

  /// Puts a character in at the cursor, where it may join the one before it; returns false when it does not fit.
  @discardableResult
  public mutating func insert(_ character: Character) -> Bool {
    // Marks come as keys of their own and belong to the letter before them.
    if cursor > 0, let joined = Self.joined(characters[cursor - 1], character) {
      characters[cursor - 1] = joined
      return true
    }
    guard characters.count < limit else { return false }
    characters.insert(character, at: cursor)
    cursor += 1
    return true
  }

  private static func joined(_ first: Character, _ second: Character) -> Character? {
    if first.isASCII && second.isASCII { return nil }
    let both = String([first, second])
    return both.count == 1 ? both.first : nil
  }

  /// Replaces the characters from a position up to the cursor.
  public mutating func replace(from start: Int, with text: String) {
    characters.removeSubrange(start..<cursor)
    cursor = start
    insert(text)
  }

  // MARK: - Moving

  /// The range of the line in which the cursor stands, without its line break.
  private var line: Range<Int> {
    let start = characters[..<cursor].lastIndex(of: "\n").map { $0 + 1 } ?? 0
    let end = characters[cursor...].firstIndex(of: "\n") ?? characters.count
    return start..<end
  }

  /// Moves the cursor as a key says; returns false when it is there already.
  public mutating func move(_ key: Key) -> Bool {
    let old = cursor
    switch key {
    case .left: cursor = max(0, cursor - 1)
    case .right: cursor = min(characters.count, cursor + 1)
    case .home: cursor = line.lowerBound
    case .end: cursor = line.upperBound
    case .wordLeft: cursor = wordStart
    case .wordRight: cursor = wordEnd
    case .up: return moveLine(up: true)
    case .down: return moveLine(up: false)
    default: return false
    }
    return cursor != old
  }

  /// Moves the cursor behind the last character.
  public mutating func moveToEnd() { cursor = characters.count }

  private mutating func moveLine(up: Bool) -> Bool {
    let line = line
    let column = cursor - line.lowerBound
    if up {
      guard line.lowerBound > 0 else { return false }
      let end = line.lowerBound - 1
      let start = characters[..<end].lastIndex(of: "\n").map { $0 + 1 } ?? 0
      cursor = min(start + column, end)
    } else {
      guard line.upperBound < characters.count else { return false }
      let start = line.upperBound + 1
      let end = characters[start...].firstIndex(of: "\n") ?? characters.count
      cursor = min(start + column, end)
    }
    return true
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  private var wordStart: Int {
    var position = cursor
    while position > 0, !Self.isWord(characters[position - 1]) { position -= 1 }
    while position > 0, Self.isWord(characters[position - 1]) { position -= 1 }
    return position
  }

  private var wordEnd: Int {
    var position = cursor
    while position < characters.count, !Self.isWord(characters[position]) { position += 1 }
    while position < characters.count, Self.isWord(characters[position]) { position += 1 }
    return position
  }

  // MARK: - Deleting

  /// Deletes as a key says; returns false when there is nothing to delete.
  public mutating func delete(_ key: Key) -> Bool {
    switch key {
    case .backspace: return remove(max(0, cursor - 1)..<cursor)
    case .delete: return remove(cursor..<min(characters.count, cursor + 1))
    case .deleteWordBack: return kill(wordStart..<cursor)
    case .deleteWordForward: return kill(cursor..<wordEnd)
    case .killToStart: return kill(line.lowerBound..<cursor)
    case .killToEnd:
      let end = line.upperBound
      return kill(cursor..<(end == cursor ? min(end + 1, characters.count) : end))
    default: return false
    }
  }

  private mutating func kill(_ range: Range<Int>) -> Bool {
    guard !range.isEmpty else { return false }
    killed = Array(characters[range])
    return remove(range)
  }

  private mutating func remove(_ range: Range<Int>) -> Bool {
    guard !range.isEmpty else { return false }
    characters.removeSubrange(range)
    cursor = range.lowerBound
    return true
  }

  /// Puts in what was deleted last by word or line.
  public mutating func yank() { insert(String(killed)) }

  /// Swaps the two characters around the cursor.
  public mutating func transpose() {
    guard characters.count > 1, cursor > 0 else { return }
    let second = min(cursor, characters.count - 1)
    characters.swapAt(second - 1, second)
    cursor = second + 1
  }
}
