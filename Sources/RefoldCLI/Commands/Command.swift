/// A command of the program.
protocol Command {
  /// The word by which it is called.
  static var name: String { get }
  /// One line about it.
  static var summary: String { get }
  /// How it is written, without the options.
  static var usage: String { get }
  /// Lines that can be typed in.
  static var examples: [String] { get }
  static var options: [Options.Declared] { get }
  /// Runs it and returns the exit code.
  static func run(_ options: Options, _ context: CommandContext) throws -> Int32
}

extension Command {
  static var help: String {
    var lines = ["Examples:"] + examples.map { "  \($0)" }
    lines += ["", "usage: refold \(usage)", "", summary + "."]
    lines += ["", "Options:"]
    for option in options + Options.common {
      let words = option.help.split(separator: "  ", maxSplits: 1).map(String.init)
      let gap = option.isValueOptional ? "" : " "
      let shown = words.count == 2 ? "\(option.name)\(gap)\(words[0])" : option.name
      let text = words.count == 2 ? words[1].drop { $0 == " " } : words[0][...]
      let indent = String(repeating: " ", count: max(2, 30 - shown.count))
      lines.append("  \(shown)\(indent)\(text)")
    }
    return lines.joined(separator: "\n")
  }
}
