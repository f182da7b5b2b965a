import LineEditing
import RefoldRuntime

/// Text with looks, and how many columns it takes.
struct StyledText {
  private var runs: [(text: String, rendition: TextStyle.Rendition?)] = []
  private(set) var width = 0

  init(_ text: String, _ rendition: TextStyle.Rendition? = nil) {
    runs = [(text, rendition)]
    width = TextWidth.of(text)
  }

  mutating func add(_ text: String) {
    runs.append((text, nil))
    width += TextWidth.of(text)
  }

  mutating func add(_ other: StyledText) {
    runs += other.runs
    width += other.width
  }

  /// The look of its beginning.
  var rendition: TextStyle.Rendition? { runs.first?.rendition }

  /// The text without its looks.
  var plain: String { runs.map(\.text).joined() }

  func styled(_ style: TextStyle) -> String {
    runs.map { run in run.rendition.map { style($0, run.text) } ?? run.text }.joined()
  }
}

/// Values that are no tables, as text.
enum ScalarText {
  static func of(_ value: ShownValue, characters: Int) -> StyledText {
    switch value {
    case .nil: StyledText("nil", .faint)
    case .null: StyledText("null", .null)
    case .boolean(let value): StyledText(String(value), .boolean)
    case .integer(let value): StyledText(String(value), .number)
    case .float(let value): StyledText(float(value), .number)
    case .string(let bytes, let length): string(bytes, length, characters)
    case .other(let text): StyledText("<\(PlainText.oneLine(text))>", .faint)
    case .text(let text): StyledText(PlainText.oneLine(text))
    case .cycle: StyledText("<cycle>", .faint)
    case .table: StyledText("{…}", .faint)
    }
  }

  /// A float always has a point, an exponent, or a name, so that it is told from an integer.
  static func float(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    return "\(value)"
  }

  private static func string(_ bytes: [UInt8], _ length: Int, _ characters: Int) -> StyledText {
    let text = String(decoding: bytes, as: UTF8.self)
    let isCut = bytes.count < length
    let shown = text.count > characters ? String(text.prefix(characters)) : text
    let isWhole = !isCut && shown.count == text.count
    var result = StyledText("\"\(PlainText.escaped(shown))\(isWhole ? "" : "…")\"", .string)
    if !isWhole { result.add(StyledText(" (\(length) bytes)", .faint)) }
    return result
  }
}
