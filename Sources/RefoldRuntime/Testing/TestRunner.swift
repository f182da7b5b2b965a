import Lua
import Posix
import Synchronization

/// Runs the tests of many files, several at once.
public struct TestRunner: Sendable {
  /// Whether a test is to be run.
  public typealias Choice = @Sendable (TestCase) -> Bool

  private let options: TestOptions
  private let jobs: Int
  private let backend: @Sendable (LaneClock) throws -> any TestBackend

  /// Makes a runner.
  ///
  /// - Parameters:
  ///   - jobs: How many tests run at once, at least 1.
  ///   - backend: Makes the backend of one job; it is given the clock of its tests.
  public init(
    _ options: TestOptions = TestOptions(), jobs: Int = Threads.coreCount,
    backend: @escaping @Sendable (LaneClock) throws -> any TestBackend
  ) {
    self.options = options
    self.jobs = max(1, jobs)
    self.backend = backend
  }

  /// Runs the tests of files; blocks until all have ended, or the ``StopSignal`` has arrived.
  ///
  /// - Parameters:
  ///   - paths: The files.
  ///   - isWanted: Chooses the tests.
  ///   - progress: Receives how many tests have ended, of how many, now and then, on the calling thread.
  /// - Returns: How they ended, in the order of the files and of the tests in them. A file that cannot be run is among them,
  ///   as a result without a test.
  /// - Throws: ``RunFailure`` when there is no thread, or no memory, to run them.
  public func run(
    _ paths: [String], where isWanted: @escaping Choice,
    progress: (_ ended: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(RunFailure) -> TestOutcome {
    let listing = try perform(paths.count, progress: { _ in }) { worker, index in
      do throws(RunFailure) {
        let file = try TestFile(paths[index])
        return Listed(file: file, tests: try worker.tests(in: file).filter(isWanted))
      } catch {
        return Listed(failure: TestResult(file: paths[index], failure: error))
      }
    }
    let listed = listing.pieces
    let all = listed.flatMap { entry in
      entry?.tests.map { (file: entry?.file, test: Optional($0), failure: TestResult?.none) }
        ?? []
    }
    let failed = listed.compactMap { $0?.failure }
    let running = try perform(all.count, progress: { progress($0, all.count) }) { worker, index in
      guard let file = all[index].file, let test = all[index].test else { return TestResult?.none }
      return worker.run(test, of: file)
    }
    let results = Self.ordered(failed + running.pieces.compactMap { $0 ?? nil }, by: paths)
    let counts = listing.lineCounts.merging(running.lineCounts) {
      $0.merging($1, uniquingKeysWith: +)
    }
    return TestOutcome(results: results, lineCounts: counts)
  }

  private static func ordered(_ results: [TestResult], by paths: [String]) -> [TestResult] {
    let places = Dictionary(
      paths.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    return results.sorted {
      (places[$0.file] ?? 0, $0.test?.index ?? 0) < (places[$1.file] ?? 0, $1.test?.index ?? 0)
    }
  }

  /// The tests of a file, or why there are none.
  private struct Listed: Sendable {
    var file: TestFile?
    var tests: [TestCase] = []
    var failure: TestResult?
  }

  // MARK: - Threads

  private struct Outcome<Piece> {
    /// What the pieces of work gave, nil for those that a stop left undone.
    var pieces: [Piece?] = []
    var lineCounts: [String: [Int: Int]] = [:]
  }

  /// Does pieces of work on several threads.
  private func perform<Piece: Sendable>(
    _ count: Int, progress: (Int) -> Void,
    _ work: @escaping @Sendable (TestWorker, Int) -> Piece
  ) throws(RunFailure) -> Outcome<Piece> {
    let threads = min(jobs, count)
    if threads == 0 { return Outcome() }
    do {
      let shared = Shared<Piece>(count: count, threads: threads, wakeup: try Wakeup())
      for _ in 0..<threads {
        try Threads.start { [options, backend] in
          defer { shared.leave() }
          do {
            let worker = try TestWorker(options, backend: backend)
            while let index = shared.next() { shared.put(work(worker, index), at: index) }
            shared.add(worker.lineCounts)
          } catch {
            shared.fail(RunFailure(starting: error))
          }
        }
      }
      while true {
        let (ended, isOver) = shared.state
        progress(ended)
        if isOver { return try shared.outcome() }
        shared.wakeup.wait(.milliseconds(100))
      }
    } catch let failure as RunFailure {
      throw failure
    } catch {
      throw RunFailure(
        .script, code: "no_thread", message: "can't start a thread: \(error)",
        hint: "raise the limit of processes, or close something")
    }
  }

  /// What the threads share.
  private final class Shared<Piece: Sendable>: Sendable {
    private struct State {
      var next = 0
      var ended = 0
      var threads: Int
      var pieces: [Piece?]
      var failure: RunFailure?
      var lineCounts: [String: [Int: Int]] = [:]
    }

    let wakeup: Wakeup
    private let inner: Mutex<State>

    init(count: Int, threads: Int, wakeup: Wakeup) {
      self.wakeup = wakeup
      inner = Mutex(State(threads: threads, pieces: [Piece?](repeating: nil, count: count)))
    }

    /// How many pieces are done, and whether no thread works any more.
    var state: (ended: Int, isOver: Bool) { inner.withLock { ($0.ended, $0.threads == 0) } }

    func next() -> Int? {
      inner.withLock { state in
        guard state.next < state.pieces.count, !StopSignal.hasArrived else { return nil }
        state.next += 1
        return state.next - 1
      }
    }

    func put(_ piece: Piece, at index: Int) {
      inner.withLock { state in
        state.pieces[index] = piece
        state.ended += 1
      }
    }

    func fail(_ failure: RunFailure) { inner.withLock { $0.failure = failure } }

    func leave() {
      inner.withLock { $0.threads -= 1 }
      wakeup.wake()
    }

    func add(_ counts: [String: [Int: Int]]) {
      inner.withLock { state in
        state.lineCounts.merge(counts) { $0.merging($1, uniquingKeysWith: +) }
      }
    }

    func outcome() throws(RunFailure) -> Outcome<Piece> {
      let state = inner.withLock { $0 }
      if let failure = state.failure { throw failure }
      return Outcome(pieces: state.pieces, lineCounts: state.lineCounts)
    }
  }
}

/// How the tests of a test run ended.
public struct TestOutcome: Sendable {
  /// The results, in the order of the files and of the tests in them.
  public var results: [TestResult]
  /// How often lines were run, by the paths of the files; empty unless that was measured.
  public var lineCounts: [String: [Int: Int]]
}
