/// Text of a script or an app in a line of its own.
public enum OneLineText {
  /// Returns a text with blanks in place of line ends and other control characters.
  public static func of(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}
