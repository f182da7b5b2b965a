import LuaSyntax
import RefoldRuntime

/// What stands at the end of a text that is being typed, and so what could follow.
enum CompletionRequest: Equatable {
  /// The word behind a colon.
  case verb(String)
  /// A word of a command, and the words between the command and it.
  case argument(ReplVerb, [String], String)
  case app(String)
  case action(app: String, String)
  case account(String)
  /// A key of the table of parameters; `given` are the others in it.
  case parameter(app: String, action: String, given: [String], String)
  case module(String)
  /// A name, or a field of the value at the end of a path.
  case field([PathStep], String)

  /// Finds out what is being typed; nil where nothing can be said.
  init?(_ text: String) {
    if let command = ReplCommandLine(text) {
      guard let request = Self.command(command, text) else { return nil }
      self = request
      return
    }
    guard let request = LuaPlace(text).request else { return nil }
    self = request
  }

  /// The beginning of the word that is being typed.
  var prefix: String {
    switch self {
    case .verb(let prefix), .argument(_, _, let prefix), .app(let prefix), .action(_, let prefix),
      .account(let prefix), .parameter(_, _, _, let prefix), .module(let prefix),
      .field(_, let prefix):
      prefix
    }
  }

  private static func command(_ command: ReplCommandLine, _ text: String) -> CompletionRequest? {
    let isNewWord = text.last?.isWhitespace == true
    if command.rest.isEmpty, !isNewWord { return .verb(command.verb) }
    guard let verb = try? ReplVerb.named(command.verb) else { return nil }
    let isLua = verb == .plan && command.rest.contains { "(= ".contains($0) }
    if verb == .time || verb == .all || isLua { return LuaPlace(command.rest).request }
    var words = command.words
    let prefix = isNewWord ? "" : words.popLast() ?? ""
    return .argument(verb, words, prefix)
  }
}

/// The place in Lua source that ends where the cursor is.
private struct LuaPlace {
  private let source: [UInt8]
  private let tokens: [LuaToken]

  /// A bracket that is open at the end.
  private struct Open {
    var token: Int
    var commas = 0
  }

  init(_ text: String) {
    source = Array(text.utf8)
    tokens = LuaToken.list(in: source)
  }

  var request: CompletionRequest? {
    guard let last = tokens.last else { return .field([], "") }
    let isAtEnd = last.range.upperBound == source.count
    switch last.kind {
    case .comment(let isClosed) where isAtEnd || !isClosed: return nil
    case .string(isClosed: false): return inString(last)
    case .number where isAtEnd: return nil
    case .name where isAtEnd, .keyword where isAtEnd:
      return inCode(word: last.text(in: source), before: tokens.count - 1)
    default: return inCode(word: "", before: tokens.count)
    }
  }

  private func text(_ index: Int) -> String? {
    tokens.indices.contains(index) ? tokens[index].text(in: source) : nil
  }

  /// The text of a closed string without its quotes; nil for other words.
  private func string(_ index: Int) -> String? {
    guard tokens.indices.contains(index), tokens[index].kind == .string(isClosed: true) else {
      return nil
    }
    return tokens[index].text(in: source).dropFirst().dropLast().description
  }

  private func openBrackets(before end: Int) -> [Open] {
    var open: [Open] = []
    for index in 0..<end where tokens[index].kind == .symbol {
      switch text(index) {
      case "(", "{", "[": open.append(Open(token: index))
      case ")", "}", "]": _ = open.popLast()
      case ",", ";": if !open.isEmpty { open[open.count - 1].commas += 1 }
      default: break
      }
    }
    return open
  }

  /// The function of `refold` that is called at an opening bracket.
  private func callee(_ open: Open) -> String? {
    guard text(open.token) == "(", open.token >= 3, text(open.token - 2) == ".",
      text(open.token - 3) == "refold"
    else { return nil }
    return text(open.token - 1)
  }

  private func inString(_ token: LuaToken) -> CompletionRequest? {
    let end = tokens.count - 1
    let typed = String(decoding: source[(token.range.lowerBound + 1)...], as: UTF8.self)
    if text(end - 1) == "require" || (text(end - 1) == "(" && text(end - 2) == "require") {
      return .module(typed)
    }
    guard let open = openBrackets(before: end).last, let callee = callee(open),
      [open.token + 1 + 2 * open.commas].contains(end)
    else { return nil }
    let first = string(open.token + 1)
    switch (callee, open.commas) {
    case ("exec", 0), ("try", 0), ("schema", 0), ("actions", 0), ("app", 0): return .app(typed)
    case ("exec", 1), ("try", 1), ("schema", 1): return first.map { .action(app: $0, typed) }
    case ("exec", 2), ("try", 2), ("schema", 2), ("actions", 1), ("app", 1), ("apps", 0):
      return .account(typed)
    default: return nil
    }
  }

  private func inCode(word: String, before end: Int) -> CompletionRequest? {
    if let request = parameter(word: word, before: end) { return request }
    guard text(end - 1) == "." || text(end - 1) == ":" else { return .field([], word) }
    return path(before: end - 1).map { .field($0, word) }
  }

  private func parameter(word: String, before end: Int) -> CompletionRequest? {
    let open = openBrackets(before: end)
    guard open.count >= 2, let table = open.last, text(table.token) == "{" else { return nil }
    let call = open[open.count - 2]
    guard let callee = callee(call), callee == "exec" || callee == "try", call.commas == 3,
      let app = string(call.token + 1), let action = string(call.token + 3),
      [",", ";", "{"].contains(text(end - 1))
    else { return nil }
    var given: [String] = []
    var depth = 0
    for index in (table.token + 1)..<max(end, table.token + 1) {
      switch text(index) {
      case "{", "(", "[": depth += 1
      case "}", ")", "]": depth -= 1
      case "=" where depth == 0: given.append(text(index - 1) ?? "")
      default: break
      }
    }
    return .parameter(app: app, action: action, given: given, word)
  }

  /// The steps that end before a point or colon; nil when a value stands there that only running the code would give.
  private func path(before end: Int) -> [PathStep]? {
    var steps: [PathStep] = []
    var index = end - 1
    while index >= 0 {
      if tokens[index].kind == .name {
        steps.insert(.field(text(index) ?? ""), at: 0)
        guard text(index - 1) == "." else { return steps }
        index -= 2
      } else if text(index) == "]", text(index - 2) == "[" {
        if let number = text(index - 1).flatMap({ Int($0) }) {
          steps.insert(.element(number), at: 0)
        } else if let name = string(index - 1) {
          steps.insert(.field(name), at: 0)
        } else {
          return nil
        }
        index -= 3
      } else {
        return nil
      }
    }
    return nil
  }
}
