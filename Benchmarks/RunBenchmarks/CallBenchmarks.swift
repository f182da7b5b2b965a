import CurlFloor
import Glibc
import Lua
import Measuring
import Posix
import RefoldActions
import RefoldRuntime

/// What a call over HTTP costs in processor time, 64 at a time, beside what one might use instead.
enum CallBenchmarks {
  /// As long as real ones, which are looked for in each answer.
  static let key = "tk_benchmark_0123456789abcdef"

  static func run(_ folder: BenchmarkFolder, _ nginx: Nginx, peers: String) throws {
    print(
      "\nCalls per second of processor time, 64 at a time, against nginx with a body of "
        + "\(Nginx.answer.utf8.count) bytes (fastest of interleaved rounds)")
    let url = nginx.url + Nginx.path
    let lane = Lane(backend: try backend(nginx))
    _ = try ours(lane, count: 200)
    let best = try fastest(
      rounds: 5,
      [
        { try ours(lane, count: 20_000) },
        { try floor(url, count: 20_000) },
        { try child(["node", "\(peers)/node-http.mjs", url], count: 10_000, folder) },
        { try child(["node", "\(peers)/node-fetch.mjs", url], count: 5000, folder) },
        {
          try child(
            ["lua5.4", "\(peers)/lua-http.lua", "127.0.0.1", String(nginx.port), Nginx.path],
            count: 10_000, folder)
        },
      ])
    show("refold.exec", best[0])
    show("a bare loop of libcurl", best[1], best[0], atLeast: 0.6)
    show("Node http", best[2], best[0], atLeast: 2)
    show("Node fetch", best[3], best[0], atLeast: 10)
    show("lua-http", best[4], best[0])
    try runs(nginx)
  }

  static func backend(_ nginx: Nginx) throws -> RemoteBackend {
    try RemoteBackend(
      .init(
        credentials: Credentials(baseURL: BaseURL(nginx.url), key: key),
        version: "0"))
  }

  private static func show(
    _ name: String, _ seconds: Double, _ ours: Double? = nil, atLeast: Double? = nil
  ) {
    let factor = ours.map { seconds / $0 }
    Figure(
      name: name, value: "\(Int(1 / seconds)) calls, \((seconds * 1e6).short) µs a call",
      target: factor.map { factor in
        (atLeast.map { "≥ \($0.ratio): " } ?? "") + "refold is \(factor.ratio)"
      } ?? "",
      isReached: atLeast.flatMap { least in factor.map { $0 >= least } }
    ).print()
  }

  private static func ours(_ lane: Lane, count: Int) throws -> Double {
    let script = Script.inline(
      """
      return function(input)
        local list = {}
        for i = 1, input.count do list[i] = i end
        local right = 0
        refold.map(list, function()
          local found = refold.exec("hubspot", "get_contact_by_id", nil, { contact_id = "101" })
          if found.data.id == "101" then right = right + 1 end
        end, { concurrency = 64 })
        return right
      end
      """)
    var options = RunOptions(account: "acme", input: Array(#"{"count":\#(count)}"#.utf8))
    options.budget.calls = count
    let start = rusage.ofThisProcess
    let outcome = lane.run(script, options)
    let seconds = rusage.ofThisProcess - start
    guard case .success(let result) = outcome.result, result == Array(String(count).utf8) else {
      throw WrongAnswer(what: "exec: \(outcome.result)")
    }
    return seconds / Double(count)
  }

  private static func floor(_ url: String, count: Int) throws -> Double {
    let start = rusage.ofThisProcess
    // SAFETY: both texts outlive the call.
    let answered = unsafe curl_floor_post(url, #"{"contact_id":"101"}"#, 64, Int32(count))
    guard answered == count else { throw WrongAnswer(what: "the bare loop: \(answered)") }
    return (rusage.ofThisProcess - start) / Double(count)
  }

  private static func child(
    _ words: [String], count: Int, _ folder: BenchmarkFolder
  ) throws -> Double {
    let process = try ChildProcess(
      words + [String(count)], environment: folder.environment, output: "answer")
    let (exit, seconds) = process.wait()
    let answer = try String(decoding: Files.read("answer"), as: UTF8.self)
    guard exit == 0, answer == "\(count)\n" else {
      throw WrongAnswer(what: "\(words.joined(separator: " ")): exit \(exit), \(answer)")
    }
    return seconds / Double(count)
  }

  /// Whole runs of a script with one call.
  private static func runs(_ nginx: Nginx) throws {
    let runtime = try Runtime { try backend(nginx) }
    let script = Script.inline(
      #"return refold.exec("hubspot", "get_contact_by_id", nil, { contact_id = "101" }).data.id"#)
    let count = 10_000
    var wall = Double.infinity
    let best = try fastest(
      rounds: 3,
      [
        {
          let (start, cpu) = (LuaState.monotonicNanoseconds, rusage.ofThisProcess)
          let outcomes = Batch.run(count, on: runtime, concurrency: 64) { index in
            (script, RunOptions(account: "acme-\(index % 20)"))
          }
          wall = min(wall, Double(LuaState.monotonicNanoseconds - start) / 1e9)
          try Batch.check(outcomes, result: "\"101\"")
          return (rusage.ofThisProcess - cpu) / Double(count)
        }
      ])
    Figure(
      name: "whole runs of a script with one call",
      value: "\(Int(Double(count) / wall)) a second",
      target: "\((best[0] * 1e6).short) µs of processor time a run"
    ).print()
  }
}
