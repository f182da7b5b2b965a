/// A value that a plan cannot know before it is applied, as the planner keeps it.
struct Placeholder: Hashable {
  /// How people see one.
  static let text = "(known after apply)"

  /// What it stands for: one part for the value itself, several for a text of them.
  var parts: [PlanValue.Part]

  /// A text of pieces; those of known text are put together.
  static func text(_ pieces: [PlanValue.Part]) -> [PlanValue.Part] {
    var parts: [PlanValue.Part] = []
    for piece in pieces {
      if case .text(let more) = piece, case .text(let text)? = parts.last {
        parts[parts.count - 1] = .text(text + more)
      } else {
        parts.append(piece)
      }
    }
    // A lone part would stand for the value itself, but this is a text.
    return parts.count == 1 ? parts + [.text("")] : parts
  }

  /// Where in the answer of which write it is; nil for a text of several parts.
  var answer: PlanValue.Answer? {
    guard parts.count == 1, case .answer(let answer) = parts[0] else { return nil }
    return answer
  }
}

/// How the placeholders of one plan are written into JSON and text, and found there again.
///
/// The marks have a random number, so that no data of an app is taken for one.
struct PlaceholderMark {
  private let number: String
  /// The only key of the table that a placeholder is for Lua.
  let key: String

  init(number: UInt64) {
    let digits = String(number, radix: 16)
    self.number = String(repeating: "0", count: 16 - digits.count) + digits
    key = "known after apply \(self.number)"
  }

  /// The text of a placeholder, from which it can be known again.
  func text(_ index: Int) -> String { "(\(key) #\(index))" }

  /// The number of the placeholder that an object of JSON is; nil when it is none.
  func index(of value: PlanValue) -> Int? {
    guard case .object(let members) = value, members.count == 1, members[0].name == key else {
      return nil
    }
    return members[0].value.integer
  }

  /// Whether a text has a part of a mark.
  func isIn(_ text: String) -> Bool { text.lowercased().contains(number) }

  /// A piece of a text.
  enum Piece: Equatable {
    case plain(String)
    case placeholder(Int)
    case json(Int)
  }

  /// Splits a text at the marks; nil when one of them has been changed.
  func pieces(of text: String) -> [Piece]? {
    var pieces: [Piece] = []
    var rest = text[...]
    let (opening, json) = ("(\(key) #", "{\"\(key)\":")
    while let found = Self.first([opening, json], in: rest) {
      let isJSON = found.text == json
      let digits = rest[found.range.upperBound...].prefix { $0.isASCII && $0.isNumber }
      guard let index = Int(digits), digits.endIndex < rest.endIndex,
        rest[digits.endIndex] == (isJSON ? "}" : ")")
      else { return nil }
      let before = String(rest[..<found.range.lowerBound])
      if !before.isEmpty { pieces.append(.plain(before)) }
      pieces.append(isJSON ? .json(index) : .placeholder(index))
      rest = rest[rest.index(after: digits.endIndex)...]
    }
    if !rest.isEmpty { pieces.append(.plain(String(rest))) }
    let isChanged = pieces.contains { piece in
      if case .plain(let text) = piece { return isIn(text) }
      return false
    }
    return isChanged ? nil : pieces
  }

  private static func first(
    _ texts: [String], in rest: Substring
  ) -> (text: String, range: Range<Substring.Index>)? {
    var first: (text: String, range: Range<Substring.Index>)?
    for text in texts {
      guard let range = rest.firstRange(of: text) else { continue }
      if first.map({ range.lowerBound < $0.range.lowerBound }) ?? true { first = (text, range) }
    }
    return first
  }
}
