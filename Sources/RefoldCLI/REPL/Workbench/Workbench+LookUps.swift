import RefoldActions
import RefoldRuntime

/// `:actions`, `:app` and `:schema`.
extension Workbench {
  func lookUp(_ verb: ReplVerb, _ words: [String]) throws -> Int32 {
    switch (verb, words.count) {
    case (.actions, 0...1), (.schema, 2): break
    case (.app, 0...1):
      return try listApps(only: words.first)
    default:
      throw usage(verb, words.isEmpty ? "an app and an action are needed" : "too many words")
    }
    var members: [(name: String, value: String)] = []
    for (name, word) in zip(["app", "action"], words) {
      members.append((name, JSONText.quoted(word)))
    }
    let data = try result(
      of: ActionsCommand.code, named: "(\(verb.rawValue))",
      input: Array(JSONText.object(members).utf8))
    if isJSON {
      try console.data(Report.success(data))
      return 0
    }
    let lines =
      verb == .schema
      ? try SchemaText(app: words[0], action: words[1], data).lines(
        console.style, columns: columns())
      : try ActionsListing(words: words, console: console).lines(for: data)
    try console.line(lines.joined(separator: "\n"))
    return 0
  }

  private func listApps(only app: String?) throws -> Int32 {
    let code =
      app == nil ? "return refold.apps()" : "return function(app) return { refold.app(app) } end"
    let data = try result(
      of: code, named: "(app)", input: app.map { Array(JSONText.quoted($0).utf8) })
    if isJSON {
      try console.data(Report.success(data))
    } else {
      let lines = try ActionsListing(words: [], console: console).lines(for: data)
      try console.line(lines.joined(separator: "\n"))
    }
    return 0
  }

  /// Runs a script of our own, apart from the session's values, with the lane's cache.
  private func result(of code: String, named name: String, input: [UInt8]?) throws -> [UInt8] {
    var options = RunOptions(account: session.account, input: input)
    options.permissions = session.permissions
    let outcome = lane.run(.inline(code, name: name), options)
    defer { session.forgetStop() }
    switch outcome.result {
    case .success(let data): return data
    case .failure(var failure):
      (failure.location, failure.traceback) = (nil, nil)
      throw failure
    }
  }
}

/// The parameters of an action, and a call that can be pasted.
struct SchemaText {
  private let app: String
  private let action: String
  private let summary: String
  private let effect: String
  private let parameters: [ActionParameter]

  /// Reads what the look-up of `refold actions APP ACTION` gives.
  init(app: String, action: String, _ data: [UInt8]) throws(JSONScanError) {
    (self.app, self.action) = (app, action)
    var (summary, effect) = ("", "")
    var parameters: [ActionParameter] = []
    var scanner = JSONScanner(data)
    try scanner.members { (key, scanner) throws(JSONScanError) in
      switch key {
      case "action":
        try scanner.members { (key, scanner) throws(JSONScanError) in
          switch key {
          case "description": summary = try scanner.string() ?? summary
          case "name": summary = try summary.isEmpty ? scanner.string() ?? "" : summary
          case "effect": effect = try scanner.string() ?? ""
          default: break
          }
        }
      case "parameters":
        let start = scanner.offset
        try scanner.skipValue()
        parameters = try ActionParameter.list(in: Array(data[start..<scanner.offset]))
      default: break
      }
    }
    (self.summary, self.effect) = (summary, effect)
    self.parameters = parameters.filter(\.required) + parameters.filter { !$0.required }
  }

  func lines(_ style: TextStyle, columns: Int?) -> [String] {
    let shown = effect == "write" ? style(.write, effect) : effect
    var lines = ["\(style(.bold, "\(app).\(action)"))  \(shown)  \(PlainText.oneLine(summary))"]
    if parameters.isEmpty {
      lines += ["", "It publishes no parameters and takes any."]
    } else {
      var table = TextTable(["PARAMETER", "", "TYPE", "LABEL"])
      for parameter in parameters {
        table.add([
          .init(parameter.name, .bold), .init(parameter.required ? "required" : "optional"),
          .init(parameter.type), .init(parameter.label),
        ])
      }
      lines += [""] + table.lines(style, columns: columns)
    }
    return lines + ["", example]
  }

  /// A call with the required parameters, or the first one when none is.
  var example: String {
    let required = parameters.filter(\.required)
    let shown = required.isEmpty ? parameters.prefix(1) : required[...]
    let start = "refold.exec(\(Self.quoted(app)), \(Self.quoted(action))"
    if shown.isEmpty { return "\(start))" }
    let fields = shown.map { parameter -> String in
      let name = parameter.name
      let key = ValueText.isName(Array(name.utf8)) ? name : "[\(Self.quoted(name))]"
      return "\(key) = \(Self.placeholder(for: parameter))"
    }
    return "\(start), nil, { \(fields.joined(separator: ", ")) })"
  }

  private static func placeholder(for parameter: ActionParameter) -> String {
    switch parameter.type {
    case "number", "integer": "1"
    case "boolean": "true"
    case "json", "object": "{}"
    case "array": "refold.array({})"
    default: "\"…\""
    }
  }

  private static func quoted(_ text: String) -> String { "\"\(PlainText.escaped(text))\"" }
}
