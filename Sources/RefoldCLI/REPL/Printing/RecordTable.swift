import LineEditing
import RefoldRuntime

/// An array of records as a table that fits the terminal.
struct RecordTable {
  private struct Column {
    var path: [String]
    var heading: String
    var width: Int
  }

  private let layout: ValueText.Layout
  private let table: ShownTable
  private var columns: [Column] = []
  private var cells: [[StyledText]] = []
  private var hidden: [String] = []
  private static let widest = 40

  /// Reads an array; nil when its elements are no records, or there are fewer than two.
  init?(_ table: ShownTable, layout: ValueText.Layout) {
    guard table.elementCount >= 2, table.fieldCount == 0, !table.elements.isEmpty, !table.isFolded
    else { return nil }
    self.layout = layout
    self.table = table
    let records = table.elements.prefix(layout.entries)
    var paths: [[String]] = []
    for element in records {
      guard case .table(let record) = element, record.elementCount == 0, record.fieldCount > 0,
        !record.isFolded, record.fields.count == record.fieldCount
      else { return nil }
      for path in Self.paths(of: record) where !paths.contains(path) { paths.append(path) }
    }
    guard !paths.isEmpty, paths.count <= 200 else { return nil }
    arrange(paths, records)
  }

  /// The columns of a record: its fields, and those of the objects in it.
  private static func paths(of record: ShownTable) -> [[String]] {
    ValueText.ordered(record.fields).flatMap { field -> [[String]] in
      guard case .string(let bytes, _) = field.key else { return [] }
      let name = String(decoding: bytes, as: UTF8.self)
      guard case .table(let inner) = field.value, inner.elementCount == 0, !inner.isFolded,
        (1...30).contains(inner.fieldCount), inner.fields.count == inner.fieldCount
      else { return [[name]] }
      return ValueText.ordered(inner.fields).compactMap { field in
        guard case .string(let bytes, _) = field.key else { return nil }
        return [name, String(decoding: bytes, as: UTF8.self)]
      }
    }
  }

  private mutating func arrange(_ paths: [[String]], _ records: ArraySlice<ShownValue>) {
    var room = layout.columns - 1
    // The columns that people look for come first, then those of scalars at the front, then the nested ones.
    let ordered = paths.enumerated().sorted { Self.rank($0) < Self.rank($1) }.map(\.element)
    var cells = [[StyledText]](repeating: [], count: records.count)
    for path in ordered {
      let leaf = path.last ?? ""
      let isShared = paths.contains { $0 != path && $0.last == leaf }
      let heading = PlainText.oneLine(isShared ? path.joined(separator: ".") : leaf)
      let column = records.map { cell(path, of: $0) }
      if column.allSatisfy({ $0.plain.isEmpty }) { continue }
      let natural = max(TextWidth.of(heading), column.map(\.width).max() ?? 0)
      let width = min(natural, Self.widest)
      let isFirst = columns.isEmpty
      guard isFirst || width + 2 <= room else {
        hidden.append(heading)
        continue
      }
      columns.append(
        Column(path: path, heading: heading, width: isFirst ? max(1, min(width, room)) : width))
      room -= width + 2
      for index in cells.indices { cells[index].append(column[index]) }
    }
    self.cells = cells
  }

  private static func rank(_ entry: (offset: Int, element: [String])) -> (Int, Int, Int) {
    let known = ValueText.first.firstIndex(of: entry.element.last ?? "") ?? ValueText.first.count
    return (known, entry.element.count, entry.offset)
  }

  private func cell(_ path: [String], of record: ShownValue) -> StyledText {
    var value = record
    for name in path {
      guard case .table(let table) = value,
        let field = table.fields.first(where: { $0.key.isText(name) })
      else { return StyledText("") }
      value = field.value
    }
    switch value {
    case .string(let bytes, let length):
      let text = PlainText.oneLine(String(decoding: bytes, as: UTF8.self))
      return StyledText(bytes.count < length ? text + "…" : text, .string)
    case .table(let table):
      return StyledText("{…\(table.elementCount + table.fieldCount)}", .faint)
    default: return ScalarText.of(value, characters: 60)
    }
  }

  func lines(_ style: TextStyle) -> [String] {
    var lines = [
      row(columns.map { StyledText($0.heading, .faint) }, style)
    ]
    lines += cells.map { row($0, style) }
    var notes: [String] = []
    let left = table.elementCount - cells.count
    if left > 0 { notes.append("\(left) more") }
    if !hidden.isEmpty {
      let names =
        hidden.count <= 6 ? hidden.joined(separator: ", ") : "\(hidden.count) more columns"
      notes.append(names)
    }
    let total = "\(table.elementCount) records"
    let foot = notes.isEmpty ? total : "\(total); not shown: \(notes.joined(separator: "; "))"
    lines += TextWidth.wrapped("(\(foot))", columns: layout.columns).map { style(.faint, $0) }
    return lines
  }

  private func row(_ cells: [StyledText], _ style: TextStyle) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
      let width = columns[index].width
      var shown = cell
      if cell.width > width {
        shown = cell.cut(to: width)
      }
      line += shown.styled(style)
      if index < cells.count - 1 {
        line += String(repeating: " ", count: max(0, width - shown.width) + 2)
      }
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}

extension StyledText {
  /// The text, shortened to a width with an ellipsis, in the look of its beginning.
  func cut(to width: Int) -> StyledText {
    StyledText(TextWidth.prefix(of: plain, columns: max(0, width - 1)) + "…", rendition)
  }
}

extension ShownValue {
  fileprivate func isText(_ text: String) -> Bool {
    if case .string(let bytes, _) = self { return bytes.elementsEqual(text.utf8) }
    return false
  }
}
