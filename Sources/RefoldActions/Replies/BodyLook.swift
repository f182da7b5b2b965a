/// What a body looks like at a glance.
enum BodyLook: Equatable {
  case empty
  /// It starts as JSON starts.
  case json
  case html(title: String?)
  case text

  init(of reply: Reply) {
    guard let first = reply.body.first(where: { !Self.isSpace($0) }) else {
      self = .empty
      return
    }
    switch first {
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: "-"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      self = .json
    case UInt8(ascii: "<"):
      self = .html(title: Self.title(of: reply.body))
    default:
      let start = reply.body.drop { Self.isSpace($0) }.prefix(5)
      let isWord = ["true", "false", "null"].contains { start.starts(with: $0.utf8) }
      self = isWord ? .json : .text
    }
  }

  /// What to say about the body of a failed reply that says nothing itself.
  var remark: String {
    switch self {
    case .empty: "(empty answer)"
    case .json, .text: "(no explanation)"
    case .html(let title?): "(HTML page titled '\(title)')"
    case .html(nil): "(HTML page)"
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  private static func title(of body: [UInt8]) -> String? {
    let page = Array(body.prefix(4000))
    let lower = page.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
    guard let open = BytePattern("<title>").firstMatch(in: lower),
      let close = BytePattern("</title>").firstMatch(in: lower, from: open.upperBound)
    else { return nil }
    let title = String(decoding: page[open.upperBound..<close.lowerBound], as: UTF8.self)
    let line = OneLine.of(title, limit: 80)
    return line.isEmpty ? nil : line
  }
}
