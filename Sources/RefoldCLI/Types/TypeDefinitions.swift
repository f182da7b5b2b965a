import LuaSyntax
import RefoldActions
import RefoldStdlib

/// Writes definitions for editors in the notation of LuaCATS (https://luals.github.io/wiki/annotations/).
enum TypeDefinitions {
  /// The first line of generated files; only files that begin with it are ever removed.
  static let mark = "---@meta _"
  private static let note = "-- Written by 'refold types'; run it again when the apps have changed."

  /// The text of the file about one app: a class for the parameters of each action, and one for its answer.
  static func app(_ app: DescribedApp) -> String {
    var lines = [mark, note, "--- \(plain(app.name))"]
    for action in app.actions {
      let base = className(app.slug, action.id)
      if !action.parameters.isEmpty {
        lines += [
          "", "--- Parameters of \(plain(app.slug)).\(plain(action.id)).",
          "---@class (exact) \(base).Params",
        ]
        lines += action.parameters.map(field)
      }
      if let reply = action.reply { lines += replyLines(reply, base, app, action) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The definitions of `refold`, which know what `exec` and `try` take and give for each action.
  static func refold(_ base: String, _ apps: [DescribedApp]) -> String {
    var lines: [String] = [note]
    let slugs = apps.map { quoted($0.slug) }
    lines.append("---@alias refold.App \((["string"] + slugs).joined(separator: "|"))")
    var text = base.replacing("---@param app string", with: "---@param app refold.App")
    for (function, suffix) in [("exec", ""), ("try", "?, refold.Error?")] {
      let overloads = apps.flatMap { app in
        app.actions.map { overload(app, $0, suffix: suffix) }
      }
      let head = "\nfunction refold.\(function)("
      let added = overloads.isEmpty ? "" : "\n" + overloads.joined(separator: "\n")
      text = text.replacing(head, with: added + head, maxReplacements: 1)
    }
    // The mark stays in front: editors look for it there.
    guard let end = text.firstIndex(of: "\n"), text.hasPrefix("---@meta") else {
      return lines.joined(separator: "\n") + text
    }
    return text[...end] + lines.joined(separator: "\n") + text[end...]
  }

  private static func overload(
    _ app: DescribedApp, _ action: DescribedApp.Action, suffix: String
  ) -> String {
    let base = className(app.slug, action.id)
    let needsParameters = action.parameters.contains { $0.required }
    let parameters = action.parameters.isEmpty ? "table<string, any>" : "\(base).Params"
    let result = action.reply == nil ? "refold.Reply" : "\(base).Reply"
    return
      "---@overload fun(app: \(quoted(app.slug)), action: \(quoted(action.id)), account?: string, "
      + "params\(needsParameters ? "" : "?"): \(parameters), opts?: refold.Options): \(result)\(suffix)"
  }

  private static func field(_ parameter: ActionParameter) -> String {
    let type =
      switch parameter.type.lowercased() {
      case "text": "string|number|boolean"
      case "number": "number|string"
      case "boolean": "boolean|\"true\"|\"false\""
      case "json": "table|string"
      default: "any"
      }
    let name = fieldName(parameter.name, isOptional: !parameter.required)
    let label = parameter.label == parameter.name ? "" : " \(plain(parameter.label))"
    return "---@field \(name) \(type)\(label)"
  }

  // MARK: - Answers

  private static func replyLines(
    _ reply: SampledType, _ base: String, _ app: DescribedApp, _ action: DescribedApp.Action
  ) -> [String] {
    guard case .object(let members) = reply else { return [] }
    var classes: [[String]] = []
    var head = ["", "--- What \(plain(app.slug)).\(plain(action.id)) once answered."]
    head.append("---@class \(base).Reply: refold.Reply")
    for member in members {
      let type = name(of: member.type, "\(base).\(plainName(member.name))", &classes)
      head.append("---@field \(fieldName(member.name, isOptional: member.isOptional)) \(type)")
    }
    return head + classes.flatMap { [""] + $0 }
  }

  /// The type as it is written, with the classes that it needs added to a list.
  private static func name(
    of type: SampledType, _ path: String, _ classes: inout [[String]]
  ) -> String {
    switch type {
    case .any: return "any"
    case .boolean: return "boolean"
    case .integer: return "integer"
    case .number: return "number"
    case .string: return "string"
    case .array(nil): return "any[]"
    case .array(let element?): return "\(name(of: element, path, &classes))[]"
    case .object(let members):
      if members.isEmpty { return "table" }
      let index = classes.count
      classes.append([])
      var lines = ["---@class \(path)"]
      for member in members {
        let type = name(of: member.type, "\(path).\(plainName(member.name))", &classes)
        lines.append("---@field \(fieldName(member.name, isOptional: member.isOptional)) \(type)")
      }
      // Another record may have more than the one that was seen.
      lines.append("---@field [string] any")
      classes[index] = lines
      return path
    }
  }

  // MARK: - Names

  private static func className(_ app: String, _ action: String) -> String {
    "\(plainName(app)).\(plainName(action))"
  }

  /// A word that may stand in a class name.
  private static func plainName(_ name: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in name.unicodeScalars {
      let isPlain =
        scalar == "_"
        || (scalar.isASCII
          && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil))
      result.append(isPlain ? scalar : "_")
    }
    return String(result)
  }

  private static func fieldName(_ name: String, isOptional: Bool) -> String {
    let isWord =
      plainName(name) == name && name.unicodeScalars.first.map { $0.value > 0x39 } == true
      && !LuaToken.keywords.contains(name)
    return (isWord ? name : "[\(quoted(name))]") + (isOptional ? "?" : "")
  }

  private static func quoted(_ text: String) -> String {
    "\"" + plain(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// Text on one line, without what an editor or a terminal would obey.
  private static func plain(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      result.append(scalar.value < 0x20 || scalar.value == 0x7F ? " " : scalar)
    }
    return String(result)
  }
}
