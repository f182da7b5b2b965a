import LuaSyntax
import RefoldRuntime

/// Lua values as lines for people: coloured, folded to the terminal, records as a table.
struct ValueText {
  /// How values are laid out.
  struct Layout: Equatable {
    /// The columns of the terminal.
    var columns = 80
    /// How many levels of tables are shown; deeper ones are folded.
    var depth = 6
    /// How many elements, and as many fields, of a table are shown.
    var entries = 20
    /// How many characters of a string are shown.
    var characters = 200
    /// Whether arrays of records become tables.
    var hasTables = true

    /// Everything, as `:all` shows it.
    func unfolded() -> Layout {
      Layout(columns: columns, depth: .max, entries: .max, characters: .max, hasTables: false)
    }
  }

  let style: TextStyle
  let layout: Layout

  /// Returns the lines of a value at the prompt.
  func lines(_ value: ShownValue) -> [String] {
    if case .table(let table) = value, layout.hasTables,
      let records = RecordTable(table, layout: layout)
    {
      return records.lines(style)
    }
    return block(value, indent: 0, used: 0, depth: 0)
  }

  /// Returns the lines of a value; the first begins where `used` columns are taken, the others are indented.
  private func block(_ value: ShownValue, indent: Int, used: Int, depth: Int) -> [String] {
    guard case .table(let table) = value else {
      if case .text(let text) = value {
        return text.split(separator: "\n", omittingEmptySubsequences: false).map {
          PlainText.oneLine(String($0))
        }
      }
      return [scalar(value).styled(style)]
    }
    if table.elementCount + table.fieldCount == 0 {
      return [style(.faint, table.isArray ? "[]" : "{}")]
    }
    if table.isFolded || depth >= layout.depth { return [fold(table).styled(style)] }
    var inner = layout
    inner.columns -= indent
    if layout.hasTables, let records = RecordTable(table, layout: inner) {
      let margin = String(repeating: " ", count: indent)
      return [style(.faint, "\(table.elementCount) records:")]
        + records.lines(style).map { margin + $0 }
    }
    if let line = inline(value, depth: depth, room: layout.columns - used) {
      return [line.styled(style)]
    }
    return open(table, indent: indent, depth: depth)
  }

  private func open(_ table: ShownTable, indent: Int, depth: Int) -> [String] {
    let margin = String(repeating: " ", count: indent + 2)
    var lines = ["{"]
    func add(_ label: String, _ width: Int, _ value: ShownValue) {
      var rest = block(value, indent: indent + 2, used: indent + 3 + width, depth: depth + 1)
      let first = rest.removeFirst()
      lines.append(margin + label + first)
      lines += rest
      lines[lines.count - 1] += ","
    }
    for element in table.elements.prefix(layout.entries) { add("", 0, element) }
    note(table.elementCount - min(table.elements.count, layout.entries), "more", &lines, margin)
    let fields = Self.ordered(table.fields)
    for field in fields.prefix(layout.entries) {
      let key = key(field.key)
      add(key.styled(style) + " = ", key.width + 3, field.value)
    }
    let left = table.fieldCount - min(fields.count, layout.entries)
    note(left, table.isFieldCountOpen ? "more fields at least" : "more fields", &lines, margin)
    return lines + [String(repeating: " ", count: indent) + "}"]
  }

  private func note(_ left: Int, _ noun: String, _ lines: inout [String], _ margin: String) {
    if left > 0 { lines.append(margin + style(.faint, "… \(left) \(noun)")) }
  }

  /// Returns a value in one line, nil when it does not fit the room or is folded inside.
  private func inline(_ value: ShownValue, depth: Int, room: Int) -> StyledText? {
    guard room > 0 else { return nil }
    guard case .table(let table) = value else {
      if case .text(let text) = value, text.utf8.contains(0x0A) { return nil }
      let text = scalar(value)
      return text.width <= room ? text : nil
    }
    if table.elementCount + table.fieldCount == 0 {
      return StyledText(table.isArray ? "[]" : "{}", .faint)
    }
    if table.isFolded || depth >= layout.depth { return fold(table) }
    guard table.elements.count == table.elementCount, table.fields.count == table.fieldCount,
      table.elementCount + table.fieldCount <= min(layout.entries, 12)
    else { return nil }
    var line = StyledText("{ ")
    var isFirst = true
    func add(_ part: StyledText) {
      if !isFirst { line.add(", ") }
      isFirst = false
      line.add(part)
    }
    for element in table.elements {
      guard let part = inline(element, depth: depth + 1, room: room - line.width) else {
        return nil
      }
      add(part)
    }
    for field in Self.ordered(table.fields) {
      var part = key(field.key)
      part.add(" = ")
      guard
        let value = inline(field.value, depth: depth + 1, room: room - line.width - part.width)
      else { return nil }
      part.add(value)
      add(part)
    }
    line.add(" }")
    return line.width <= room ? line : nil
  }

  /// A table in a few words: `{…12}`.
  private func fold(_ table: ShownTable) -> StyledText {
    let count = table.elementCount + table.fieldCount
    return StyledText("{…\(count)\(table.isFieldCountOpen ? "+" : "")}", .faint)
  }

  private func scalar(_ value: ShownValue) -> StyledText {
    ScalarText.of(value, characters: layout.characters)
  }

  private func key(_ key: ShownValue) -> StyledText {
    if case .string(let bytes, let length) = key, length == bytes.count, Self.isName(bytes) {
      return StyledText(String(decoding: bytes, as: UTF8.self), .key)
    }
    var text = StyledText("[")
    text.add(ScalarText.of(key, characters: 60))
    text.add("]")
    return text
  }

  static func isName(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first, first.startsLuaName else { return false }
    return bytes.allSatisfy(\.continuesLuaName)
      && !LuaToken.keywords.contains(String(decoding: bytes, as: UTF8.self))
  }

  /// The fields in the order in which people look for them: how a call went, what it gave, who it is about, the rest.
  static func ordered(_ fields: [ShownTable.Field]) -> [ShownTable.Field] {
    func rank(_ field: ShownTable.Field) -> Int {
      guard case .string(let bytes, _) = field.key else { return 0 }
      return first.firstIndex(of: String(decoding: bytes, as: UTF8.self)) ?? first.count
    }
    return fields.enumerated().sorted {
      (rank($0.element), $0.offset) < (rank($1.element), $1.offset)
    }
    .map(\.element)
  }

  static let first = [
    "node_status", "data", "total", "results", "records", "id", "Id", "action_id", "slug", "name",
    "Name", "email", "Email", "firstname", "FirstName", "lastname", "LastName", "company", "amount",
    "status", "Status", "effect", "description",
  ]
}
