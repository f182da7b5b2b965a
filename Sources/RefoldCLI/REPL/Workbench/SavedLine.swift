import RefoldRuntime

/// A line of the session that worked, for `:save`.
struct SavedLine: Equatable, Sendable {
  var text: String
  var kind: CompiledLine.Kind
}
