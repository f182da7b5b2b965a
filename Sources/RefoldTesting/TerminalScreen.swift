import LineEditing

/// What a person sees: a terminal of the VT100 kind, as far as `refold` uses one.
public struct TerminalScreen {
  private var cells: [[Character?]]
  private var row = 0
  private var column = 0
  /// The last column is full, and the next character goes to the next line.
  private var isWrapPending = false
  private var pending: [UInt8] = []
  private var size: (columns: Int, rows: Int)
  /// The sequences that changed the look of text, in order.
  public private(set) var renditions: [String] = []

  /// Makes an empty screen.
  public init(columns: Int, rows: Int) {
    size = (columns, rows)
    cells = Array(repeating: Self.emptyLine(columns), count: rows)
  }

  private static func emptyLine(_ columns: Int) -> [Character?] {
    Array(repeating: " ", count: columns)
  }

  /// The screen as text: lines without spaces at their ends, empty lines at the end left out.
  public var text: String {
    var lines = cells.map { line -> String in
      var text = String(line.compactMap { $0 })
      while text.last == " " { text.removeLast() }
      return text
    }
    while lines.last == "" { lines.removeLast() }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Where the cursor stands, counted from 0.
  public var cursor: (row: Int, column: Int) { (row, column) }

  /// Takes another size, as xterm does: lines are cut, those at the top go.
  public mutating func resize(columns: Int, rows: Int) {
    size = (columns, rows)
    cells = cells.map { line in
      Array((line + Self.emptyLine(columns)).prefix(columns))
    }
    while cells.count > rows, row < cells.count - 1 { cells.removeLast() }
    while cells.count > rows {
      cells.removeFirst()
      row -= 1
    }
    while cells.count < rows { cells.append(Self.emptyLine(columns)) }
    row = max(0, min(row, rows - 1))
    column = min(column, columns - 1)
    isWrapPending = false
  }

  /// Draws what a program wrote.
  public mutating func draw(_ bytes: [UInt8]) {
    pending += bytes
    var offset = 0
    while offset < pending.count {
      let rest = pending[offset...]
      guard let count = item(rest) else { break }
      offset += count
    }
    pending.removeFirst(offset)
  }

  /// Draws the first character or obeys the first sequence; returns nil when more bytes have to come.
  private mutating func item(_ bytes: ArraySlice<UInt8>) -> Int? {
    let start = bytes.startIndex
    switch bytes[start] {
    case 0x1B:
      guard bytes.count > 1 else { return nil }
      guard bytes[start + 1] == UInt8(ascii: "[") else { return 2 }
      let parameters = bytes.dropFirst(2).prefix { (0x20...0x3F).contains($0) }
      guard parameters.endIndex < bytes.endIndex else { return nil }
      obey(bytes[parameters.endIndex], String(decoding: parameters, as: UTF8.self))
      return parameters.count + 3
    case 0x0D: (column, isWrapPending) = (0, false)
    case 0x0A: lineFeed()
    case 0x08: column = max(0, column - 1)
    case 0x00..<0x20: break
    case let first:
      let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      guard bytes.count >= length else { return nil }
      for character in String(decoding: bytes.prefix(length), as: UTF8.self) { put(character) }
      return length
    }
    return 1
  }

  private mutating func put(_ character: Character) {
    let width = TextWidth.of(character)
    if width == 0 {
      // A mark joins the character before it.
      let place = isWrapPending ? column : max(0, column - 1)
      if let before = cells[row][place] { cells[row][place] = Character("\(before)\(character)") }
      return
    }
    if isWrapPending || column + width > size.columns {
      column = 0
      lineFeed()
    }
    cells[row][column] = character
    if width == 2 { cells[row][column + 1] = nil }
    column += width
    isWrapPending = column >= size.columns
    if isWrapPending { column = size.columns - 1 }
  }

  private mutating func lineFeed() {
    isWrapPending = false
    if row < size.rows - 1 {
      row += 1
    } else {
      cells.removeFirst()
      cells.append(Self.emptyLine(size.columns))
    }
  }

  private mutating func obey(_ final: UInt8, _ parameters: String) {
    let numbers = parameters.split(separator: ";").map { Int($0) ?? 0 }
    let count = max(1, numbers.first ?? 1)
    switch final {
    case UInt8(ascii: "A"): row = max(0, row - count)
    case UInt8(ascii: "B"): row = min(size.rows - 1, row + count)
    case UInt8(ascii: "C"): column = min(size.columns - 1, column + count)
    case UInt8(ascii: "D"): column = max(0, column - count)
    case UInt8(ascii: "H"):
      row = min(size.rows, count) - 1
      column = min(size.columns, numbers.count > 1 ? numbers[1] : 1) - 1
    case UInt8(ascii: "K"): for index in column..<size.columns { cells[row][index] = " " }
    case UInt8(ascii: "J"):
      let first = numbers.first == 2 ? 0 : row + 1
      if first == row + 1 { for index in column..<size.columns { cells[row][index] = " " } }
      for index in first..<max(first, size.rows) { cells[index] = Self.emptyLine(size.columns) }
    case UInt8(ascii: "m"): renditions.append(parameters)
    default: break
    }
    if final != UInt8(ascii: "m") { isWrapPending = false }
  }
}
