/// The entries that were typed before, oldest first, and the one that is looked at.
public struct InputHistory: Sendable, Equatable {
  /// The entries.
  public private(set) var entries: [String]
  /// The entry that is shown; nil for what is being typed.
  private var position: Int?
  private var draft = ""
  private static let limit = 5000

  /// Makes a history of entries.
  public init(_ entries: [String] = []) {
    self.entries = Array(entries.suffix(Self.limit))
  }

  /// Adds an entry; one that repeats the last is left out.
  ///
  /// - Returns: Whether it was added.
  @discardableResult
  public mutating func add(_ entry: String) -> Bool {
    position = nil
    guard !entry.isEmpty, entries.last != entry else { return false }
    entries.append(entry)
    if entries.count > Self.limit { entries.removeFirst() }
    return true
  }

  /// Goes back to what is being typed.
  public mutating func reset() { position = nil }

  /// Returns the entry before the one that is shown; nil at the oldest.
  ///
  /// - Parameter current: What is in the buffer, which comes back after the newest entry.
  public mutating func older(than current: String) -> String? {
    let next = (position ?? entries.count) - 1
    guard next >= 0 else { return nil }
    if position == nil { draft = current }
    position = next
    return entries[next]
  }

  /// Returns the entry after the one that is shown, at the end what was being typed; nil when that is shown.
  public mutating func newer() -> String? {
    guard let position else { return nil }
    guard position + 1 < entries.count else {
      self.position = nil
      return draft
    }
    self.position = position + 1
    return entries[position + 1]
  }

  /// Finds the newest entry before a position that holds a text.
  public func search(_ text: String, before position: Int? = nil) -> (position: Int, entry: String)?
  {
    let end = min(position ?? entries.count, entries.count)
    for index in stride(from: end - 1, through: 0, by: -1) where contains(entries[index], text) {
      return (index, entries[index])
    }
    return nil
  }

  private func contains(_ entry: String, _ text: String) -> Bool {
    let (entry, text) = (Array(entry.utf8), Array(text.utf8))
    guard entry.count >= text.count else { return false }
    return (0...(entry.count - text.count)).contains { entry[$0...].starts(with: text) }
  }
}
