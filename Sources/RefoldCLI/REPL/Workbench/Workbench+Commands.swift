import Posix
import RefoldActions
import RefoldRuntime

/// What the commands of the prompt do.
extension Workbench {
  func perform(_ command: ReplCommandLine) throws -> Int32 {
    let verb = try ReplVerb.named(command.verb)
    switch verb {
    case .help: try help(command.words.first)
    case .actions, .app, .schema: return try lookUp(verb, command.words)
    case .account: try changeAccount(command.words)
    case .writes: try changeWrites(command.words)
    case .all: return try showAll(command.rest)
    case .time: return try time(command.rest)
    case .mem: try showMemory()
    case .set: try set(command.words)
    case .load: return try load(command.rest)
    case .reload: reload()
    case .run: return try runScript(command)
    case .plan: return try plan(command.rest)
    case .record: try record(command.rest)
    case .save: try save(to: command.rest)
    case .history: try showHistory(command.rest)
    case .clear: clearScreen()
    case .quit: hasEnded = true
    }
    return 0
  }

  func usage(_ verb: ReplVerb, _ problem: String) -> CommandError {
    CommandError(code: "usage", message: problem, hint: "write '\(verb.usage)'")
  }

  private func help(_ word: String?) throws {
    if let word {
      let verb = try ReplVerb.named(word.first == ":" ? String(word.dropFirst()) : word)
      try console.line("\(console.style(.bold, verb.usage))  \(verb.summary)")
      return
    }
    let width = (ReplVerb.allCases.map(\.usage.count).max() ?? 0) + 2
    for verb in ReplVerb.allCases {
      let gap = String(repeating: " ", count: width - verb.usage.count)
      try console.line("\(console.style(.bold, verb.usage))\(gap)\(verb.summary)")
    }
    try console.line(
      """

      An expression shows its value. '_' is the last value, '_err' the last error.
      Tab completes, Ctrl-C stops a line, Ctrl-R searches what was typed.
      """)
  }

  private func changeAccount(_ words: [String]) throws {
    guard let account = words.first else {
      try console.line(session.account)
      return
    }
    guard words.count == 1 else { throw usage(.account, "one account at a time") }
    try open(account: account)
    console.note("a new session for account '\(account)'; the values of the other one are gone")
  }

  private func changeWrites(_ words: [String]) throws {
    let place = "'\(session.account)' on \(backend.name)"
    switch words {
    case []: try console.line(areWritesOn ? "on" : "off")
    case ["off"]:
      setWrites(false)
      console.note("writes are off for \(place)")
    case ["on"]:
      if areWritesOn {
        console.note("writes are on already for \(place)")
        return
      }
      if isRemote {
        guard let confirm else {
          throw CommandError(
            code: "nobody_to_ask",
            message: "':writes on' asks first, and nobody is there to answer",
            hint: "use 'refold run' for what writes without a person at the prompt")
        }
        guard confirm("let lines write to the records of \(place) (\(backend.location))? [y/N] ")
        else {
          console.note("writes stay off")
          return
        }
      }
      setWrites(true)
      console.note("writes are on for \(place)")
    default: throw usage(.writes, "'on' or 'off' is needed")
    }
  }

  private func showAll(_ rest: String) throws -> Int32 {
    let layout = settings.layout.unfolded()
    if rest.isEmpty {
      try show(session.lastValue(.all), layout)
      return 0
    }
    return try evaluate(rest, layout: layout)
  }

  private func time(_ rest: String) throws -> Int32 {
    guard !rest.isEmpty else { throw usage(.time, "nothing to run") }
    let clock = ContinuousClock()
    let start = clock.now
    let status = try evaluate(rest)
    let milliseconds = (clock.now - start) / .milliseconds(1)
    let tenths = Int((milliseconds * 10).rounded())
    console.note("\(tenths / 10).\(tenths % 10) ms")
    return status
  }

  private func showMemory() throws {
    session.collectGarbage()
    func shown(_ bytes: Int) -> String {
      if bytes < 10 << 20 { return "\((bytes + 1023) / 1024) KiB" }
      return "\((bytes + (1 << 19)) / (1 << 20)) MiB"
    }
    try console.line(
      "\(shown(session.memoryUsed)) in use, \(shown(session.memoryPeak)) at most, "
        + "limit \(shown(session.budget.memoryBytes))")
  }

  private func set(_ words: [String]) throws {
    switch words.count {
    case 0:
      for row in settings.rows {
        let name = row.name + String(repeating: " ", count: 10 - row.name.count)
        let value = row.value + String(repeating: " ", count: max(1, 8 - row.value.count))
        try console.line(console.style(.bold, name) + value + console.style(.faint, row.meaning))
      }
    case 1:
      guard let row = settings.rows.first(where: { $0.name == words[0] }) else {
        return try settings.set(words[0], to: "")
      }
      try console.line(row.value)
    case 2: try settings.set(words[0], to: words[1])
    default: throw usage(.set, "a name and a value are needed")
    }
  }

  private func showHistory(_ text: String) throws {
    let width = String(history.entries.count).count
    for (index, entry) in history.entries.enumerated() where text.isEmpty || entry.contains(text) {
      let number = String(index + 1)
      let margin = String(repeating: " ", count: width - number.count)
      let shown = entry.replacing("\n", with: "\n" + String(repeating: " ", count: width + 2))
      try console.line(console.style(.faint, "\(margin)\(number)") + "  \(shown)")
    }
  }
}
