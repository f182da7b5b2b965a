import Measuring
import Posix

/// The same runs on dbos with its SQLite store, as it is set up by default.
struct DBOSPeer {
  /// The Python that has dbos.
  let python: String
  /// The program that makes the runs.
  let program: String
  let environment: [String]
  private static let runs = 200

  /// How one round went.
  struct Answer {
    var perSecond: Double
    var medianMilliseconds: Double
    var setup: String
  }

  /// - Throws: `WrongAnswer` when the program fails, which it does unless every answer is right.
  func run(_ concurrency: Int) throws -> Answer {
    let process = try ChildProcess(
      [python, program, String(concurrency), String(Self.runs)], environment: environment,
      output: "dbos-answer")
    let (exit, _) = process.wait()
    let text = try String(decoding: Files.read("dbos-answer"), as: UTF8.self)
    let words = text.split(separator: " ", maxSplits: 2)
    guard exit == 0, words.count == 3, let perSecond = Double(words[0]),
      let median = Double(words[1])
    else { throw WrongAnswer(what: "dbos: exit \(exit), \(text)") }
    return Answer(
      perSecond: perSecond, medianMilliseconds: median,
      setup: words[2].split(separator: "\n").joined())
  }
}
