import Lua
import RefoldActions
import SQLite

/// A line that a run has logged, as the journal keeps it.
public struct LoggedLine: Sendable, Equatable {
  /// When it was logged, in microseconds since 1970.
  public var time: Int64
  /// How often the run had been resumed before: a run that is resumed logs what it had logged once more.
  public var resumptions: Int
  /// `debug`, `info`, `warn`, `error`, or `plain` for what was printed.
  public var level: String
  /// The text.
  public var message: String
  /// The fields as a JSON object, when there were some.
  public var fields: [UInt8]?
  /// Where in the script, as `file:line`.
  public var place: String?
}

/// What runs log, `refold.log`, `print` and repeated attempts: kept as long as the run.
extension Journal {
  /// Adds a line, with nobody waiting for that.
  func add(_ line: LogLine, to run: Entry, resumptions: Int) {
    let time = RunJournal.now()
    let change: StateWriter.Change = { database in
      // The run itself is lost, which its next step says.
      guard run.number > 0 else { return }
      let statement = try database.statement(
        """
        INSERT INTO logs (run, resumptions, time, level, message, fields, place)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
      statement.bind(1, run.number)
      statement.bind(2, Int64(resumptions))
      statement.bind(3, time)
      statement.bind(4, line.level.rawValue)
      statement.bind(5, line.message)
      if let fields = line.fields { statement.bind(6, blob: fields) }
      if let place = line.location { statement.bind(7, place.description) }
      try statement.run()
    }
    store.writer.add(change, as: .log)
  }

  /// Returns what a run has logged, in the order in which it did.
  ///
  /// - Parameter id: The id of a run, or the beginning of one.
  /// - Throws: `ActionError` of code `no_such_run`, or when the database cannot be read.
  public func logs(of id: String) throws(ActionError) -> [LoggedLine] {
    let number = try find(id).number
    return try store.read { database in
      let statement = try database.statement(
        """
        SELECT time, resumptions, level, message, fields, place FROM logs WHERE run = ?
        ORDER BY number
        """)
      defer { statement.reset() }
      statement.bind(1, number)
      var lines: [LoggedLine] = []
      while try statement.step() {
        lines.append(
          LoggedLine(
            time: statement.integer(0), resumptions: Int(statement.integer(1)),
            level: statement.text(2) ?? "", message: statement.text(3) ?? "",
            fields: statement.bytes(4), place: statement.text(5)))
      }
      return lines
    }
  }
}
