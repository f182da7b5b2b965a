import Glibc
import Lua
import Measuring
import Posix

/// How long whole programs take from start to end.
enum StartBenchmarks {
  static func run(_ folder: BenchmarkFolder) throws {
    print(
      "\nStart-up of whole processes, wall time (median of interleaved rounds, fastest in brackets)"
    )
    try folder.write("empty.lua", "")
    try folder.write("empty.js", "")
    try folder.write(
      "one.lua",
      #"return refold.exec("hubspot", "get_contact_by_id", nil, { contact_id = "51" }).data.id"#)
    let refold = folder.refold
    let programs: [(name: String, words: [String], answer: String, target: Double?)] = [
      ("refold run of an empty script", [refold, "run", "empty.lua"], "null\n", 10),
      ("refold run with one call on the sandbox", [refold, "run", "one.lua"], "\"51\"\n", nil),
      ("lua5.4 of an empty script", ["lua5.4", "empty.lua"], "", nil),
      ("node of an empty script", ["node", "empty.js"], "", nil),
    ]
    var times = [[Double]](repeating: [], count: programs.count)
    for round in 0..<40 {
      for (index, program) in programs.enumerated() {
        guard let time = try milliseconds(program.words, program.answer, folder) else { continue }
        // The first rounds fill the caches, and make the sandbox's database.
        if round >= 3 { times[index].append(time) }
      }
    }
    for (index, program) in programs.enumerated() {
      let sorted = times[index].sorted()
      guard let fastest = sorted.first else {
        Figure(name: program.name, value: "not installed", target: "").print()
        continue
      }
      let median = sorted[sorted.count / 2]
      Figure(
        name: program.name, value: "\(median.hundredths) ms (\(fastest.hundredths))",
        target: program.target.map { "≤ \(Int($0)) ms" } ?? "",
        isReached: program.target.map { median <= $0 }
      ).print()
    }
  }

  /// How long a program runs; nil when it is not installed.
  private static func milliseconds(
    _ words: [String], _ answer: String, _ folder: BenchmarkFolder
  ) throws -> Double? {
    let start = LuaState.monotonicNanoseconds
    let child: ChildProcess
    do {
      child = try ChildProcess(words, environment: folder.environment, output: "stdout")
    } catch is ChildProcess.Missing {
      return nil
    }
    let (exit, _) = child.wait()
    let elapsed = LuaState.monotonicNanoseconds - start
    guard exit == 0, try String(decoding: Files.read("stdout"), as: UTF8.self) == answer else {
      throw WrongAnswer(what: words.joined(separator: " "))
    }
    return Double(elapsed) / 1e6
  }
}
