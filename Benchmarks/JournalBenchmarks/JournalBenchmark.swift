import Glibc
import Measuring
import Posix
import RefoldActions
import RefoldRuntime
import RefoldSandbox
import Synchronization

/// Runs that look a contact up, and write what differs, many at once.
enum JournalBenchmark {
  private static let script = Script.inline(
    """
    return function(input)
      local found = refold.exec("hubspot", "search_contacts", nil,
        { propertyName = "email", operator = "EQ", value = "ada.lovelace@example.com" }).data.results[1]
      local title = ("Engineer %d"):format(input.n)
      if not found then
        refold.exec("hubspot", "create_contact", nil,
          { email = "ada.lovelace@example.com", jobtitle = title })
      elseif found.properties.jobtitle ~= title then
        refold.exec("hubspot", "update_contact", nil, { contact_id = found.id, jobtitle = title })
      end
      return title
    end
    """)
  private static let runs = 4000
  private static let rounds = 5

  /// How one round went.
  private struct Round {
    var perSecond: Double
    var median: Duration
    var cpuMicroseconds: Double
  }

  static func run(_ folder: BenchmarkFolder, atOnce counts: [Int], peer: DBOSPeer?) throws {
    print("refold: its state database has journal_mode=wal synchronous=FULL; waits share a commit")
    for concurrency in counts {
      var (plain, durable): ([Round], [Round]) = ([], [])
      var peers: [DBOSPeer.Answer] = []
      // Turn and turn about, so that what else the machine does meets all.
      for round in 0..<(concurrency == 1 ? 3 : rounds) {
        plain.append(try measure(concurrency, round, isDurable: false))
        durable.append(try measure(concurrency, round, isDurable: true))
        if let peer, round < 3 { peers.append(try peer.run(concurrency)) }
      }
      let (without, with) = (best(plain), best(durable))
      let cost = (without.perSecond / with.perSecond - 1) * 100
      print(
        "\(concurrency) at once: \(Int(with.perSecond)) durable runs/s, median "
          + "\(tenths(with.median)) ms, \(Int(with.cpuMicroseconds)) µs CPU a run; without a journal "
          + "\(Int(without.perSecond)) runs/s, \(tenths(without.median)) ms, "
          + "\(Int(without.cpuMicroseconds)) µs; the journal costs \(Int(cost.rounded())) %")
      if let best = peers.max(by: { $0.perSecond < $1.perSecond }) {
        print(
          "  dbos: \(Int(best.perSecond)) durable runs/s, median \(best.medianMilliseconds) ms, "
            + "\(best.setup); refold makes \((with.perSecond / best.perSecond).ratio)")
      }
    }
  }

  private static func best(_ rounds: [Round]) -> Round {
    rounds.max { $0.perSecond < $1.perSecond } ?? rounds[0]
  }

  private static func tenths(_ duration: Duration) -> String {
    let microseconds = duration / .microseconds(1)
    return "\((microseconds / 10).rounded() / 100)"
  }

  private static func measure(_ concurrency: Int, _ round: Int, isDurable: Bool) throws -> Round {
    let name = "\(concurrency)-\(round)-\(isDurable)"
    let store = SQLiteStateStore(databasePath: "state-\(name).db")
    var configuration = Runtime.Configuration()
    // The writer of the journal has the other core.
    configuration.lanes = 1
    configuration.maximumActive = concurrency
    if isDurable {
      configuration.store = store
      configuration.journal = Journal(store)
    }
    let runtime = try Runtime(configuration) {
      SandboxBackend(databasePath: "sandbox-\(name).db")
    }
    let engine = try SandboxEngine(databasePath: "sandbox-\(name).db")
    for account in 0..<8 { try engine.seed(account: "bench-\(account)") }
    let count = concurrency == 1 ? runs / 8 : runs
    let log = Log(count)
    // The first run of each account makes its records.
    for account in 0..<8 { try start(runtime, account, account, log) }
    log.wait(for: 8)
    let (begin, cpu) = (MonotonicTime.now(), rusage.ofThisProcess)
    for number in 8..<count { try start(runtime, number % 8, number, log) }
    log.wait(for: count)
    let took = MonotonicTime.now() - begin
    let spent = rusage.ofThisProcess - cpu
    guard log.wrong == 0 else { throw WrongAnswer(what: log.firstWrong) }
    store.close()
    return Round(
      perSecond: Double(count - 8) / (took / .seconds(1)), median: log.median,
      cpuMicroseconds: spent * 1e6 / Double(count - 8))
  }

  private static func start(
    _ runtime: Runtime, _ account: Int, _ number: Int, _ log: Log
  ) throws {
    let options = RunOptions(account: "bench-\(account)", input: Array("{\"n\":\(number)}".utf8))
    runtime.start(script, options) { outcome in
      log.add(outcome, expected: "\"Engineer \(number)\"")
    }
  }

  /// The outcomes of the runs.
  private final class Log: Sendable {
    private struct Contents {
      var durations: [Duration] = []
      var wrong = 0
      var firstWrong = ""
    }

    private let contents = Mutex(Contents())
    private let wakeup: Wakeup?
    private let count: Int

    init(_ count: Int) {
      self.count = count
      wakeup = try? Wakeup()
    }

    func add(_ outcome: RunOutcome, expected: String) {
      let isOver = contents.withLock { contents in
        contents.durations.append(outcome.statistics.duration)
        var text = ""
        switch outcome.result {
        case .success(let json): text = String(decoding: json, as: UTF8.self)
        case .failure(let failure): text = failure.message
        }
        if text != expected {
          contents.wrong += 1
          contents.firstWrong = "\(text), not \(expected)"
        }
        return contents.durations.count == count || contents.durations.count == 8
      }
      if isOver { wakeup?.wake() }
    }

    func wait(for number: Int) {
      while contents.withLock({ $0.durations.count < number }) { wakeup?.wait(.seconds(1)) }
    }

    var wrong: Int { contents.withLock { $0.wrong } }
    var firstWrong: String { contents.withLock { $0.firstWrong } }

    var median: Duration {
      contents.withLock { contents in
        let sorted = contents.durations.dropFirst(8).sorted()
        return sorted[sorted.count / 2]
      }
    }
  }
}
