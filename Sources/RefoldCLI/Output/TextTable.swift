/// Rows in columns that line up, for people.
struct TextTable {
  /// A cell with the look that it has on a terminal.
  struct Cell {
    var text: String
    var rendition: TextStyle.Rendition?

    init(_ text: String, _ rendition: TextStyle.Rendition? = nil) {
      self.text = PlainText.oneLine(text)
      self.rendition = rendition
    }
  }

  private var rows: [[Cell]] = []

  /// Starts with the names of the columns.
  init(_ headings: [String]) {
    rows.append(headings.map { Cell($0, .faint) })
  }

  mutating func add(_ row: [Cell]) { rows.append(row) }

  /// Returns the lines; the last column is cut where the terminal ends.
  func lines(_ style: TextStyle, columns: Int?) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { $0.count > column ? $0[column].text.count : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      var used = 0
      for (column, cell) in row.enumerated() {
        let isLast = column == row.count - 1
        let text = isLast ? Self.cut(cell.text, to: columns.map { $0 - used }) : cell.text
        line += cell.rendition.map { style($0, text) } ?? text
        if !isLast {
          line += String(repeating: " ", count: widths[column] - text.count + 2)
          used += widths[column] + 2
        }
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  private static func cut(_ text: String, to width: Int?) -> String {
    guard let width, text.count > width, width > 12 else { return text }
    return text.prefix(width - 1) + "…"
  }
}
