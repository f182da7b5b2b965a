/// One Lua source file that is compiled into the program.
public struct EmbeddedSource: Sendable, Equatable {
  /// The file's name without folder and extension, as `require` or an app's slug names it.
  public let name: String

  /// The whole text of the file, byte for byte.
  public let text: String

  /// Creates a source from its name and its text.
  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }
}
