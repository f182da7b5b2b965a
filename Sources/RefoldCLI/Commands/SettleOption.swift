import RefoldRuntime

/// `--settle`: how long a write takes to show in the look-ups of an app.
enum SettleOption {
  static let declared = Options.Declared(
    "--settle", "TIME  until a write that is not found counts as absent; 30s is the default")

  /// The time of the command line, else that of the project's config, else the usual one.
  static func value(
    _ options: Options, _ context: CommandContext, command: String
  ) throws -> Duration {
    guard let text = options.value("--settle") else {
      return try context.config().journalSettle ?? Journal.standardSettle
    }
    guard let settle = text == "0" ? .zero : Quantities.duration(text) else {
      throw CommandError.usage(
        "'\(text)' is no duration: use 0, 500ms, 30s, 10m or seconds", command: command)
    }
    return settle
  }
}
