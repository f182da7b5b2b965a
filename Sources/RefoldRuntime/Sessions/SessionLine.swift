import Lua

/// One line of a session while it runs: keeps what it returns, or the error that ends it.
final class SessionLine {
  let session: Session
  /// How many values the line returned; they lie in the registry.
  private(set) var count = 0

  init(_ session: Session) {
    self.session = session
  }

  /// Takes the values on top of a task's stack.
  func take(results count: Int, of task: RunTask) {
    self.count = count
    task.thread.withStack { stack in
      stack.pushTable(elements: count)
      let values = stack.count
      for index in 0..<count {
        stack.pushCopy(of: values - count + index)
        stack.setElement(index + 1, at: values)
      }
      stack.setRegistryField(SessionGlue.valuesField)
    }
  }

  /// Takes the error value on top of a task's stack.
  func take(errorOf task: RunTask) {
    task.thread.withStack { stack in
      stack.pushCopy(of: -1)
      stack.setRegistryField(SessionGlue.errorField)
    }
  }
}

/// How a line of a session ended.
public struct LineOutcome: Sendable {
  /// How many values it returned, or why it failed.
  public var result: Result<Int, RunFailure>
  /// What it did.
  public var statistics: RunStatistics
}

/// A line of a session that is ready to run.
public struct CompiledLine: Sendable {
  /// What kind of Lua it is.
  public enum Kind: Sendable, Equatable {
    /// An expression that could not stand as a statement.
    case expression
    /// A call, which is both an expression and a statement.
    case call
    /// Statements.
    case statements
  }

  /// What kind of Lua it is.
  public var kind: Kind
  /// The source to compile, at its place in the session.
  var source: [UInt8]
  /// The first line's number.
  var number: Int
  var declarations: [SessionSource.Declaration] = []
  /// The names that are gone when the line has ended, since it closes them.
  public var closedNames: [String] = []
}

/// What became of the attempt to compile a line.
public enum LineReading: Sendable {
  /// It can run.
  case ready(CompiledLine)
  /// It is the beginning of something: more lines have to follow. The failure is what it would be if none did.
  case unfinished(RunFailure)
  /// It is not Lua.
  case wrong(RunFailure)
}
