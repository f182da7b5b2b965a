// Generated from stdlib/connectors/ by tools/embed-stdlib. Edit the Lua files, then run it again.
// swift-format-ignore-file

extension Stdlib {
  /// The sandbox's connector files, one per app. Sorted by name.
  public static let connectors: [EmbeddedSource] = [
  ]
}
