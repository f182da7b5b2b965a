/// What an action does to the connected app.
public enum Effect: String, Sendable, Hashable, CaseIterable {
  /// The action only looks; repeating it is harmless.
  case read
  /// The action may change something; it is repeated only when it was certainly not applied.
  case write
}
