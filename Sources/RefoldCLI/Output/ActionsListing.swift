import RefoldActions

/// What `refold actions` found, as lines for people.
struct ActionsListing {
  /// The app and the action that were asked for.
  let words: [String]
  let console: Console

  /// Returns the lines for the JSON that the look-up gave.
  func lines(for data: [UInt8]) throws(JSONScanError) -> [String] {
    switch words.count {
    case 0: try apps(data)
    case 1: try actions(data)
    default: try parameters(data)
    }
  }

  private func apps(_ data: [UInt8]) throws(JSONScanError) -> [String] {
    var table = TextTable(["APP", "CONNECTION", "NAME"])
    let apps = try ApplicationStatus.list(in: data)
    for app in apps.sorted(by: { $0.slug < $1.slug }) {
      let connection: TextTable.Cell =
        switch app.connection {
        case .connected: .init("connected")
        case .reauthRequired: .init("reconnect", .failure)
        case .notConnected: .init("none", .faint)
        }
      table.add([.init(app.slug, .bold), connection, .init(app.name)])
    }
    return apps.isEmpty ? ["no apps"] : lines(table)
  }

  private func actions(_ data: [UInt8]) throws(JSONScanError) -> [String] {
    var table = TextTable(["ACTION", "EFFECT", "DESCRIPTION"])
    var count = 0
    var scanner = JSONScanner(data)
    try scanner.elements { (scanner) throws(JSONScanError) in
      let action = try Self.action(&scanner)
      table.add([
        .init(action.id, .bold), .init(action.effect, action.effect == "write" ? .write : nil),
        .init(action.description.isEmpty ? action.name : action.description),
      ])
      count += 1
    }
    return count == 0 ? ["no actions"] : lines(table)
  }

  private typealias Action = (id: String, name: String, description: String, effect: String)

  private static func action(_ scanner: inout JSONScanner) throws(JSONScanError) -> Action {
    var action: Action = ("", "", "", "")
    try scanner.members { (key, scanner) throws(JSONScanError) in
      switch key {
      case "action_id": action.id = try scanner.string() ?? ""
      case "name": action.name = try scanner.string() ?? ""
      case "description": action.description = try scanner.string() ?? ""
      case "effect": action.effect = try scanner.string() ?? ""
      default: break
      }
    }
    return action
  }

  private func parameters(_ data: [UInt8]) throws(JSONScanError) -> [String] {
    var action: Action = (words[1], "", "", "")
    var parameters: [ActionParameter] = []
    var scanner = JSONScanner(data)
    try scanner.members { (key, scanner) throws(JSONScanError) in
      switch key {
      case "action": action = try Self.action(&scanner)
      case "parameters":
        let start = scanner.offset
        try scanner.skipValue()
        parameters = try ActionParameter.list(in: Array(data[start..<scanner.offset]))
      default: break
      }
    }
    let name = console.style(.bold, "\(words[0]).\(words[1])")
    let effect = action.effect == "write" ? console.style(.write, "write") : action.effect
    var lines = ["\(name)  \(effect)  \(action.description)"]
    if parameters.isEmpty {
      return lines + ["", "It publishes no parameters and takes any."]
    }
    var table = TextTable(["PARAMETER", "", "TYPE", "LABEL"])
    let sorted = parameters.filter(\.required) + parameters.filter { !$0.required }
    for parameter in sorted {
      table.add([
        .init(parameter.name, .bold), .init(parameter.required ? "required" : ""),
        .init(parameter.type), .init(parameter.label),
      ])
    }
    lines += [""] + self.lines(table)
    let required = parameters.filter(\.required)
    let shown = required.isEmpty ? parameters.prefix(1) : required[...]
    let arguments = shown.map { " \($0.name)\($0.type == "text" ? "=" : ":=")…" }
    return lines + ["", "refold exec \(words[0]) \(words[1])\(arguments.joined())"]
  }

  private func lines(_ table: TextTable) -> [String] {
    table.lines(console.style, columns: console.columns)
  }
}
