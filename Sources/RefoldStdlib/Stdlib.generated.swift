// Generated from stdlib/ by tools/embed-stdlib. Edit the Lua files, then run it again.
// swift-format-ignore-file

extension Stdlib {
  /// The modules that `require` finds. Sorted by name.
  public static let modules: [EmbeddedSource] = [
  ]
}
