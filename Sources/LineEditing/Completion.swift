/// What a word can become.
public struct Completion: Sendable, Equatable {
  /// One thing that it can become.
  public struct Candidate: Sendable, Equatable {
    /// What replaces the word.
    public var text: String
    /// What the list shows for it.
    public var label: String
    /// A word about it, such as `required`.
    public var note: String

    /// Makes a candidate.
    public init(_ text: String, label: String? = nil, note: String = "") {
      self.text = text
      self.label = label ?? text
      self.note = note
    }
  }

  /// How many characters before the cursor are replaced.
  public var replaced: Int
  /// What they can become, in the order in which it is shown.
  public var candidates: [Candidate]
  /// What to say when there is nothing, such as that the network is slow.
  public var message: String?

  /// Makes a completion.
  public init(replaced: Int = 0, candidates: [Candidate] = [], message: String? = nil) {
    self.replaced = replaced
    self.candidates = candidates
    self.message = message
  }

  /// The longest beginning that all candidates share.
  var commonPrefix: String {
    guard var prefix = candidates.first.map({ Array($0.text) }) else { return "" }
    for candidate in candidates.dropFirst() {
      let shared = zip(prefix, candidate.text).prefix { $0 == $1 }.count
      prefix.removeLast(prefix.count - shared)
    }
    return String(prefix)
  }

  /// The candidates in columns.
  func lines(columns: Int, limit: Int) -> [String] {
    let cells = candidates.map { $0.note.isEmpty ? $0.label : "\($0.label) \($0.note)" }
    let width = min(columns, (cells.map(TextWidth.of).max() ?? 0) + 2)
    let perLine = max(1, columns / max(1, width))
    let count = (cells.count + perLine - 1) / perLine
    let shown = min(count, max(1, limit))
    // Down the columns when all are shown, as `ls` does.
    var lines = (0..<shown).map { row in
      var line = ""
      for column in 0..<perLine {
        let index = column * count + row
        guard index < cells.count else { break }
        let cell = TextWidth.prefix(of: cells[index], columns: columns - 1)
        line += cell + String(repeating: " ", count: max(0, width - TextWidth.of(cell)))
      }
      while line.last == " " { line.removeLast() }
      return line
    }
    if shown < count { lines[shown - 1] = "… \(count - shown + 1) more lines; type more to narrow" }
    return lines
  }
}
