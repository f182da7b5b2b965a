import RefoldActions

/// A command's options and the words between them, read from its arguments.
struct Options {
  /// An option that a command takes.
  struct Declared {
    var name: String
    var takesValue: Bool
    /// Whether it may stand alone; its value then comes behind `=` only.
    var isValueOptional: Bool
    var help: String

    init(
      _ name: String, _ help: String, takesValue: Bool = true, isValueOptional: Bool = false
    ) {
      self.name = name
      self.takesValue = takesValue
      self.isValueOptional = isValueOptional
      self.help = help
    }
  }

  /// What every command takes.
  static let common = [
    Declared("--color", "auto|always|never  colour on a terminal; NO_COLOR turns it off"),
    Declared("--help", "show this", takesValue: false),
  ]

  /// The choice of colour, found before the arguments are checked, so that a complaint about them has it too.
  static func color(in arguments: [String]) -> String? {
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { return nil }
      if argument.hasPrefix("--color=") { return String(argument.dropFirst(8)) }
      if argument == "--color", index + 1 < arguments.count { return arguments[index + 1] }
    }
    return nil
  }

  private(set) var words: [String] = []
  private var values: [String: [String]] = [:]

  /// Reads `--name VALUE`, `--name=VALUE`, flags, and words.
  ///
  /// `--` ends the options.
  init(_ arguments: [String], for command: String, taking declared: [Declared]) throws(CommandError)
  {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        words += rest
        return
      }
      guard argument.hasPrefix("-"), argument != "-" else {
        words.append(argument)
        continue
      }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let option = declared.first(where: { $0.name == name }) else {
        throw .unknownOption(name, command: command, known: declared.map(\.name))
      }
      if !option.takesValue {
        guard parts.count == 1 else {
          throw .usage("option '\(name)' takes no value", command: command)
        }
        values[name, default: []].append("")
      } else if parts.count == 2 {
        values[name, default: []].append(String(parts[1]))
      } else if option.isValueOptional {
        values[name, default: []].append("")
      } else if let value = rest.popFirst() {
        values[name, default: []].append(value)
      } else {
        throw .usage("option '\(name)' needs a value", command: command)
      }
      if name == "--color", !["auto", "always", "never"].contains(values[name]?.last) {
        throw .usage("'--color' is 'auto', 'always' or 'never'", command: command)
      }
    }
  }

  /// Whether a flag was given.
  func has(_ name: String) -> Bool { values[name] != nil }

  /// The values of an option that may be given several times, or hold several between commas.
  func list(_ name: String) -> [String]? {
    values[name].map { $0.flatMap { $0.split(separator: ",").map(String.init) } }
  }

  /// All values of an option, in their order.
  func all(_ name: String) -> [String] { values[name] ?? [] }

  /// The last value of an option.
  func value(_ name: String) -> String? { values[name]?.last }
}

extension CommandError {
  static func unknownOption(_ name: String, command: String, known: [String]) -> CommandError {
    let nearest = NearestName.of(name, in: known).map { "did you mean '\($0)'? S" } ?? "s"
    return CommandError(
      code: "unknown_option", message: "unknown option '\(name)' for '\(command)'",
      hint: "\(nearest)ee 'refold help \(command)'")
  }

  static func usage(_ message: String, command: String) -> CommandError {
    CommandError(code: "usage", message: message, hint: "see 'refold help \(command)'")
  }
}
