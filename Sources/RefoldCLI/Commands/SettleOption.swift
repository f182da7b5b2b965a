import RefoldRuntime

/// `--settle`: how long a write takes to show in the look-ups of an app.
enum SettleOption {
  static let declared = Options.Declared(
    "--settle", "TIME  until a write that is not found counts as absent; 30s is the default")

  /// The time that the command line says; nil when it says none.
  static func given(_ options: Options, command: String) throws(CommandError) -> Duration? {
    guard let text = options.value("--settle") else { return nil }
    guard let settle = text == "0" ? .zero : Quantities.duration(text) else {
      throw .usage(
        "'\(text)' is no duration: use 0, 500ms, 30s, 10m or seconds", command: command)
    }
    return settle
  }

  /// The time of the project's config, else the usual one.
  static func standard(_ context: CommandContext) throws -> Duration {
    try context.config().journalSettle ?? Journal.standardSettle
  }
}
