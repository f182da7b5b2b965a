/// Draws the prompt and what is typed, over and over in the same place.
struct ScreenPainter {
  /// What is drawn.
  struct Picture {
    var prompt: Prompt
    var characters: [Character]
    var cursor: Int
    /// Lines below what is typed.
    var below: [String] = []
  }

  private struct Row {
    var text = ""
    var width = 0
  }

  /// The row of the drawing in which the terminal's cursor stands.
  private var cursorRow = 0
  private static let clearLine = "\u{1B}[K"
  private static let clearBelow = "\u{1B}[J"

  /// Draws a picture over the one before.
  mutating func draw(_ picture: Picture, columns: Int, rows screenRows: Int) -> String {
    let columns = max(2, columns)
    var (rows, cursor) = Self.layOut(picture, columns)
    let below = picture.below.map { TextWidth.prefix(of: $0, columns: columns) }
    // What is higher than the screen is drawn in part, around the cursor.
    let room = max(1, screenRows - min(below.count, max(0, screenRows - 1)))
    if rows.count > room {
      let first = min(max(0, cursor.row - room + 1), rows.count - room)
      rows = Array(rows[first..<(first + room)])
      cursor.row -= first
    }
    let count = rows.count + below.count
    var output = start + Self.joined(rows, below, columns) + Self.clearBelow
    output += up(count - 1 - cursor.row) + "\r"
    if cursor.column > 0 { output += "\u{1B}[\(cursor.column)C" }
    cursorRow = cursor.row
    return output
  }

  /// The rows, each with what it does not fill erased: in its last column, erasing would take a character.
  private static func joined(_ rows: [Row], _ below: [String], _ columns: Int) -> String {
    (rows.map { $0.width < columns ? $0.text + clearLine : $0.text } + below.map { $0 + clearLine })
      .joined(separator: "\r\n")
  }

  /// Leaves the drawing: the cursor goes below it.
  mutating func finish(_ picture: Picture, columns: Int, rows: Int) -> String {
    var picture = picture
    picture.cursor = picture.characters.count
    picture.below = []
    defer { cursorRow = 0 }
    return draw(picture, columns: columns, rows: rows) + "\r\n"
  }

  /// Erases the drawing, so that something else can be written in its place.
  mutating func erase() -> String {
    defer { cursorRow = 0 }
    return start + Self.clearBelow
  }

  /// Forgets the drawing: the screen was cleared, or something else was written.
  mutating func forget() { cursorRow = 0 }

  private var start: String { "\r" + up(cursorRow) }

  private func up(_ count: Int) -> String { count > 0 ? "\u{1B}[\(count)A" : "" }

  private static func layOut(
    _ picture: Picture, _ columns: Int
  ) -> (rows: [Row], cursor: (row: Int, column: Int)) {
    var rows = [Row(text: picture.prompt.text, width: picture.prompt.width)]
    var cursor = (row: 0, column: picture.prompt.width)
    for (index, character) in picture.characters.enumerated() {
      if index == picture.cursor { cursor = (rows.count - 1, rows[rows.count - 1].width) }
      if character == "\n" {
        let prompt = picture.prompt
        rows.append(Row(text: prompt.continuation, width: prompt.continuationWidth))
        continue
      }
      let width = TextWidth.of(character)
      if rows[rows.count - 1].width + width > columns {
        rows.append(Row())
        if index == picture.cursor { cursor = (rows.count - 1, 0) }
      }
      rows[rows.count - 1].text.append(character)
      rows[rows.count - 1].width += width
    }
    // A full last row would leave the terminal's cursor in its last column.
    if rows[rows.count - 1].width >= columns { rows.append(Row()) }
    if picture.cursor == picture.characters.count {
      cursor = (rows.count - 1, rows[rows.count - 1].width)
    }
    return (rows, cursor)
  }
}

/// What stands before the lines that are typed.
public struct Prompt: Sendable, Equatable {
  /// The prompt with its escape sequences.
  public var text: String
  /// The columns that it takes.
  public var width: Int
  /// What stands before each further line.
  public var continuation: String
  var continuationWidth: Int { TextWidth.of(continuation) }

  /// Makes a prompt.
  ///
  /// - Parameter plain: The prompt without escape sequences.
  public init(_ text: String, plain: String, continuation: String = "... ") {
    self.text = text
    self.continuation = continuation
    width = TextWidth.of(plain)
  }
}
