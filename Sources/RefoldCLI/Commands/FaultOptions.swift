import RefoldSandbox

/// What a command line says about the faults of the sandbox.
enum FaultOptions {
  static let options = [
    Options.Declared(
      "--fault", "NAME[@N|@N+|@P%][:APP[.ACTION]]  fail a call; see 'refold help faults'"),
    Options.Declared("--fault-seed", "NUMBER  for faults by chance; 0 is the default"),
  ]

  /// The faults, nil when there are none; each that happens is noted.
  static func plan(_ options: Options, _ console: Console) throws(CommandError) -> FaultPlan? {
    let texts = options.all("--fault")
    var seed: UInt64 = 0
    if let text = options.value("--fault-seed") {
      guard let number = UInt64(text), !texts.isEmpty else {
        throw CommandError(
          code: "usage",
          message: texts.isEmpty
            ? "'--fault-seed' goes with '--fault'" : "'\(text)' is no seed: use a whole number",
          hint: "see 'refold help faults'")
      }
      seed = number
    }
    guard !texts.isEmpty else { return nil }
    return FaultPlan(try faults(options), seed: seed) { hit in
      console.note("fault: \(hit.fault.kind.rawValue) at call \(hit.number), \(hit.call)")
    }
  }

  /// The faults as they are written.
  static func faults(_ options: Options) throws(CommandError) -> [Fault] {
    var faults: [Fault] = []
    for text in options.all("--fault") {
      do throws(FaultError) {
        faults.append(try Fault(text))
      } catch {
        throw CommandError(code: "unknown_fault", message: error.message, hint: error.hint)
      }
    }
    return faults
  }

  /// Says which faults no call has met, since that is seldom what was meant.
  static func noteMissed(_ plan: FaultPlan?, _ console: Console) {
    for (fault, calls) in plan?.missed ?? [] {
      let count = OutcomeReport.counted(calls, "such call")
      let verb = calls == 1 ? "was" : "were"
      console.note("warning: the fault '\(fault)' did not happen: there \(verb) \(count)")
    }
  }

  /// What `refold help faults` prints.
  static var help: String {
    let width = (Fault.Kind.allCases.map(\.rawValue.count).max() ?? 0) + 2
    let rows = Fault.Kind.allCases.map { kind in
      let gap = String(repeating: " ", count: width - kind.rawValue.count)
      return "  \(kind.rawValue)\(gap)\(kind.summary)"
    }
    return """
      --fault NAME[@WHEN][:APP[.ACTION]] makes the sandbox fail executed actions on purpose, for
      'run', 'apply', 'exec' and 'sandbox serve'. It may be given several times. 'refold test --faults' runs each
      test with each of them at each call.

        @3      at the third call that matches; '@1' when nothing is said
        @3+     at the third and all that follow
        @10%    at one of ten, by chance; the same '--fault-seed' gives the same calls

      \(rows.joined(separator: "\n"))

      Over HTTP a call without an answer ends with a closed connection. What reached the sandbox, and
      whether it was applied, is in 'refold sandbox ledger'.

        refold run scripts/contacts/import.lua --fault timeout-after:hubspot.create_contact
        refold run scripts/contacts/import.lua --fault rate-limit@20% --fault-seed 7
      """
  }
}
