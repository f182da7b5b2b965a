/// `refold apply`: sends the writes of a plan.
enum ApplyCommand: Command {
  static let name = "apply"
  static let summary = "Apply a plan"
  static let usage = "apply PLAN [options]"
  static let examples: [String] = []
  static let options: [Options.Declared] = []
  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 { 1 }
}
