import RefoldActions
import RefoldRuntime

/// What a person says that a write of unknown outcome would have answered.
enum AppliedAnswer {
  /// Reads the value of `--applied`: JSON text, `@file`, `-`, or nothing for an empty answer.
  ///
  /// - Parameter example: How the option is written, for a complaint.
  static func decision(
    _ text: String, _ context: CommandContext, example: String
  ) throws(CommandError) -> Resumption.Decision {
    let data = text.isEmpty ? Array("{}".utf8) : try context.document(text)
    do throws(JSONScanError) {
      var scanner = JSONScanner(data, maximumDepth: 1000)
      _ = try scanner.members { (_, _) in }
      try scanner.finish()
    } catch {
      throw CommandError(
        code: "value_not_json",
        message: "the answer of '--applied' can't be used: \(error.description)",
        hint: "write JSON, as in \(example)")
    }
    return .applied(
      Array("{\"node_status\":\"Success\",\"data\":".utf8) + data + [UInt8(ascii: "}")])
  }
}
