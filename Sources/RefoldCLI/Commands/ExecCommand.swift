import RefoldActions
import RefoldRuntime

/// `refold exec`: executes one action.
enum ExecCommand: Command {
  static let name = "exec"
  static let summary = "Execute one action and print its answer as JSON"
  static let usage = "exec APP ACTION [NAME=TEXT …] [NAME:=JSON …] [options]"
  static let examples = [
    "refold exec hubspot get_contact limit=1",
    "refold exec hubspot create_contact email=ada@example.com firstname=Ada",
    "refold exec hubspot search_contacts -d @query.json",
  ]
  static let options =
    CommandContext.backendOptions + [
      Options.Declared("-d", "JSON|@file|-  the parameters as one JSON object")
    ] + FaultOptions.options

  // The parameters travel as JSON, and are merged and checked where scripts' parameters are.
  private static let code = """
    local json = require("json")
    return function(input)
      local params = input.base
      for name, text in pairs(input.texts) do params[name] = text end
      for name, value in pairs(input.values) do params[name] = value end
      return refold.exec(input.app, input.action, nil, params)
    end
    """

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    guard options.words.count >= 2 else {
      throw CommandError.usage("an app and an action are needed", command: name)
    }
    var (texts, values): ([String], [String]) = ([], [])
    for word in options.words.dropFirst(2) {
      guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
        throw CommandError.usage("'\(word)' is not NAME=TEXT or NAME:=JSON", command: name)
      }
      let value = String(word[word.index(after: equals)...])
      let key = word[..<equals]
      if key.hasSuffix(":") {
        try check(Array(value.utf8), "the value of '\(key.dropLast())'")
        values.append("\(JSONText.quoted(String(key.dropLast()))):\(value)")
      } else {
        texts.append("\(JSONText.quoted(String(key))):\(JSONText.quoted(value))")
      }
    }
    let base = try options.value("-d").map { try context.document($0) } ?? Array("{}".utf8)
    try check(base, "the document of '-d'", isObject: true)
    var input = Array("{\"app\":\(JSONText.quoted(options.words[0])),".utf8)
    input += Array("\"action\":\(JSONText.quoted(options.words[1])),\"base\":".utf8) + base
    input += Array(",\"texts\":{\(texts.joined(separator: ","))}".utf8)
    input += Array(",\"values\":{\(values.joined(separator: ","))}}".utf8)
    return try context.perform(
      .builtIn(.inline(code, name: "(exec)")), options, command: name, input: input)
  }

  /// Refuses what is not JSON, in terms of what the user wrote.
  private static func check(
    _ json: [UInt8], _ subject: String, isObject: Bool = false
  ) throws(CommandError) {
    do throws(JSONScanError) {
      var scanner = JSONScanner(json, maximumDepth: 1000)
      let hasMembers = try scanner.members { (_, _) in }
      try scanner.finish()
      if isObject && !hasMembers {
        throw JSONScanError(message: "a JSON object is needed", offset: 0)
      }
    } catch {
      throw CommandError(
        code: "params_not_json", message: "\(subject) can't be used: \(error.description)",
        hint:
          "write JSON, as in -d '{\"limit\":\"1\"}' or amount:=12.5; NAME=TEXT takes text as it is")
    }
  }
}
