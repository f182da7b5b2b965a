/// What a change of a state database is about.
enum StateChange: Sendable, Hashable {
  /// A run begins.
  case run
  /// A step that has ended, by its number: a read, a value of the store, a dead letter; or a wait that begins.
  case step(Int)
  /// A write is announced, before it leaves.
  case intent(Int)
  /// How a step has ended that was announced.
  case outcome(Int)
  /// A claim of `refold.once` is made or given back.
  case claim
  /// A run has ended.
  case end
  /// A run has logged a line: no moment that a crash is tried at, since nothing rests on it.
  case log
  /// Anything else, such as a value of the store of a run without a journal.
  case other
}
