/// Makes text from elsewhere fit to be quoted in a message.
enum OneLine {
  /// Returns the text on one line, without control characters and without its last full stop.
  ///
  /// A server's text must neither break the layout of a message nor move a terminal's cursor.
  ///
  /// - Parameter limit: The most characters to keep; what is cut off shows as `…`.
  static func of(_ text: String, limit: Int = 300) -> String {
    var line = ""
    var count = 0
    var isSpaceDue = false
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate:
        isSpaceDue = !line.isEmpty
      default:
        if count >= limit { return line + "…" }
        if isSpaceDue { line.append(" ") }
        isSpaceDue = false
        line.unicodeScalars.append(scalar)
        count += 1
      }
    }
    if line.hasSuffix("."), !line.hasSuffix("..") { line.removeLast() }
    return line
  }
}
