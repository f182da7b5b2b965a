/// The version of the program.
enum Version {
  static let number = "0.1.0"
}

/// `refold version`: prints the version.
enum VersionCommand: Command {
  static let name = "version"
  static let summary = "Print the version"
  static let usage = "version"
  static let examples = ["refold version"]
  static let options: [Options.Declared] = []

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    try context.console.line("refold \(Version.number)")
    return 0
  }
}
