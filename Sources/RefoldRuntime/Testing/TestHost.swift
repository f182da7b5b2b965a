import Lua
import Posix
import RefoldActions
import RefoldStdlib

/// What the Lua of a test reaches beyond its state.
final class TestHost {
  let file: TestFile
  let backend: any TestBackend
  /// Which test of the file is run, from 1; 0 names them all.
  let index: Int

  let options: TestOptions
  /// The test that is run; nil while tests are named.
  var test: TestCase?
  /// Where a script was stopped that did not end in time.
  var placeOfTimeout: LuaError.Location?
  /// The snapshots that were made or replaced, as JSON text by their keys.
  var newSnapshots: [String: [UInt8]] = [:]
  /// The keys of the snapshots that were looked at.
  var usedSnapshots: Set<String> = []
  /// Looks at the runs that the test starts; nil when nobody does.
  weak var observer: (any TestedRunObserver)?
  private var startedRuns = 0

  init(_ file: TestFile, _ backend: any TestBackend, index: Int, _ options: TestOptions) {
    self.file = file
    self.backend = backend
    self.index = index
    self.options = options
  }

  /// Runs a test file: its chunk in the task itself, so that it may wait for calls, then the test.
  static let driver = """
    local host = refold.testing
    refold.testing = nil
    local file = host.module().open(host)
    test = file.test
    host.chunk()
    if host.index == 0 then return file.list() end
    return file.run(host.index)
    """

  /// Adds `testing` to the table `refold` on top of the stack.
  func install(in lua: LuaState, on stack: borrowing LuaStack) throws {
    stack.pushTable(fields: 12)
    lua.add(Self.functions, toTableOn: stack)
    stack.push(index)
    stack.setField("index", at: -2)
    try stack.load(Array(Self.module.utf8), name: "=stdlib/test.lua")
    stack.setField("module", at: -2)
    try loadChunk(on: stack)
    stack.setField("chunk", at: -2)
    stack.setField("testing", at: -2)
  }

  private static let module = Stdlib.module(named: "test")?.text ?? ""

  private func loadChunk(on stack: borrowing LuaStack) throws {
    do throws(LuaError) {
      try stack.load(file.script.sourceWithoutShebang, name: "@" + file.path)
    } catch {
      throw RunFailure(
        .script, code: "syntax_error", message: error.message, location: error.location,
        hint: "the file does not compile as Lua 5.4")
    }
  }

  // MARK: - Functions

  private static let functions = LuaLibrary([
    ("run", run), ("seed", seed), ("records", records), ("fixture", fixture), ("time", time),
    ("advance", advance), ("snapshot", snapshot), ("keep", keep),
  ])

  static func context(of stack: borrowing LuaStack) throws -> (run: Run, host: TestHost) {
    let run = try RefoldLibrary.run(of: stack)
    guard let host = run.test else { throw LuaError("the test has ended") }
    return (run, host)
  }

  /// `run(script, input?, account?)`: runs a script of the project to its end, on a state of its own.
  private static func run(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let (run, host) = try context(of: stack)
    let name = try RefoldLibrary.name(1, "script", of: stack)
    let account = try stack.optionalString(3, "account") ?? run.options.account
    try RefoldLibrary.requireSuspendable(stack)
    var options = host.options.runOptions(account: account)
    if !stack.isAbsent(2) {
      do throws(JSONError) {
        options.input = try stack.encodeJSON(at: 2)
      } catch {
        throw stack.argumentError(2, "input", problem: error.message)
      }
    }
    let generation: Generation
    do {
      generation = try host.file.generation(of: name, account: account)
    } catch let failure as RunFailure {
      throw ScriptFailure(failure: failure)
    }
    let pending = PendingCall()
    let lane = run.lane
    let started = try host.noteStart(of: name, options, on: lane)
    let number = lane.nextNumber()
    pending.abandon = { lane.stop(number) }
    lane.request(
      Lane.Request(number: number, generation: generation, options: options) { outcome in
        host.observer?.didEnd(number: started, outcome)
        if case .failure(let failure) = outcome.result, failure.code == "time_limit",
          LuaState.monotonicNanoseconds >= lane.configuration.computeDeadline ?? .max
        {
          host.placeOfTimeout = failure.location
        }
        pending.complete { stack in
          switch outcome.result {
          case .success(let json): try stack.pushJSON(json)
          case .failure(let failure): throw ScriptFailure(failure: failure)
          }
          return 1
        }
      })
    return try run.settle(pending, on: stack)
  }

  /// Tells the observer of a run that starts; returns its number in the test.
  private func noteStart(of script: String, _ options: RunOptions, on lane: Lane) throws -> Int {
    startedRuns += 1
    guard let observer, let store = lane.configuration.store as? MemoryStateStore else {
      return startedRuns
    }
    try observer.willStart(
      TestedRun(
        file: file.path, script: script, account: options.account, input: options.input,
        time: lane.clock.now), number: startedRuns, store: store)
    return startedRuns
  }

  /// `seed(app, table, records, account?)`: replaces the records of a table.
  private static func seed(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let (run, host) = try context(of: stack)
    let app = try RefoldLibrary.name(1, "app", of: stack)
    let table = try RefoldLibrary.name(2, "table", of: stack)
    let account = try stack.optionalString(4, "account") ?? run.options.account
    let rows: [UInt8]
    do throws(JSONError) {
      rows = try stack.encodeJSON(at: 3)
    } catch {
      throw stack.argumentError(3, "records", problem: error.message)
    }
    try host.backend.replace(with: rows, of: account, app: app, table: table)
    return .results(0)
  }

  /// `records(app, table, account?)`: all records of a table.
  private static func records(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let (run, host) = try context(of: stack)
    let app = try RefoldLibrary.name(1, "app", of: stack)
    let table = try RefoldLibrary.name(2, "table", of: stack)
    let account = try stack.optionalString(3, "account") ?? run.options.account
    try stack.pushJSON(try host.backend.records(of: account, app: app, table: table))
    return .results(1)
  }

  /// `fixture(path)`: the bytes of a file beside the test file.
  private static func fixture(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let (_, host) = try context(of: stack)
    let path = try RefoldLibrary.name(1, "path", of: stack)
    stack.push(try host.read(path))
    return .results(1)
  }

  /// `time()`: the seconds since the test began, on its own clock.
  private static func time(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let now = try RefoldLibrary.run(of: stack).lane.clock.now
    if now % 1_000_000_000 == 0 {
      stack.push(now / 1_000_000_000)
    } else {
      stack.push(Double(now) / 1e9)
    }
    return .results(1)
  }

  /// `advance(seconds)`: lets time pass; what is due meanwhile happens.
  private static func advance(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let (run, _) = try context(of: stack)
    let seconds = try stack.number(1, "seconds")
    guard seconds >= 0, seconds <= 315_576_000 else {
      throw stack.argumentError(1, "seconds", problem: "a number from 0 to ten years expected")
    }
    return try RefoldLibrary.wait(.nanoseconds(Int64(seconds * 1e9)), run, on: stack)
  }

  // MARK: - Files

  private func read(_ path: String) throws -> [UInt8] {
    if path.hasPrefix("/") || path.split(separator: "/").contains("..") {
      throw LuaError("a fixture lies beside the test or below, which '\(path)' does not")
    }
    let whole = file.folder == "." ? path : "\(file.folder)/\(path)"
    do {
      return try Files.read(whole)
    } catch {
      throw LuaError("can't read the fixture '\(whole)': \(error.reason)")
    }
  }
}
