import Lua
import Posix
import RefoldActions
import RefoldRuntime

/// The process that `refold test --crash-points` kills, and the one that goes on after it.
///
/// `refold crash-case FOLDER [N]` is not for people, and no help names it. It runs what the folder says (``TestedWorld``), and with N
/// kills itself at the N-th moment. Without, it goes on until the run has ended, and writes into the folder what it has found out.
enum CrashCase {
  /// The word by which it is called.
  static let word = "crash-case"

  /// What a process has found out.
  struct Report {
    var moments: [String] = []
    var reconciled = RunCompletion.Reconciled()
    /// Why the run could not be ended.
    var failure: String?

    init() {}

    init(_ tree: JSONTree) {
      moments = tree["moments"]?.elements?.compactMap(\.string) ?? []
      func count(_ name: String) -> Int { Int(tree[name]?.integer ?? 0) }
      reconciled.lookedUpApplied = count("looked_up_applied")
      reconciled.lookedUpAbsent = count("looked_up_absent")
      reconciled.toldApplied = count("told_applied")
      reconciled.toldAbsent = count("told_absent")
      reconciled.left = count("left")
      failure = tree["failure"]?.string
    }

    var json: String {
      JSONText.object([
        "moments": JSONText.array(moments.map(JSONText.quoted)),
        "looked_up_applied": String(reconciled.lookedUpApplied),
        "looked_up_absent": String(reconciled.lookedUpAbsent),
        "told_applied": String(reconciled.toldApplied),
        "told_absent": String(reconciled.toldAbsent), "left": String(reconciled.left),
        "failure": failure.map(JSONText.quoted) ?? "null",
      ])
    }
  }

  static func run(_ arguments: [String], _ context: CommandContext) throws -> Int32 {
    guard let folder = arguments.first, try Files.status(folder)?.kind == .folder else {
      throw CommandError(
        code: "usage", message: "'\(word)' is what 'refold test --crash-points' starts",
        hint: "see 'refold help test'")
    }
    let world = TestedWorld(folder: folder)
    var options = TestOptions()
    options.config = try context.config()
    let run = try world.run(&options)
    let last = arguments.dropFirst().first.flatMap { Int($0) }
    let clock = LaneClock.virtual(from: try world.timeLeft() ?? run.time)
    let points = CrashPoints { number in
      guard number == last else { return }
      // Without the time the wait of a run begins anew, which the comparison shows.
      try? world.leave(at: clock.now)
      ThisProcess.kill()
    }
    let recorded = try RecordedTestRun(
      run, options, statePath: world.statePath, clock: clock, points: points)
    defer { recorded.close() }
    var report = Report()
    if try recorded.ending().map({ $0.state == .interrupted }) ?? true {
      var completion = RunCompletion(recorded, world)
      let outcome = try completion.perform()
      if case .failure(let failure) = outcome.result { report.failure = failure.message }
      report.reconciled = completion.reconciled
    }
    report.moments = try recorded.moments()
    try Files.append(Array(report.json.utf8), to: world.reportPath)
    return 0
  }
}
