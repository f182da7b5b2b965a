import RefoldActions
import RefoldRuntime
import RefoldSandbox

/// What a run of a test has led to: its own end, what the apps hold and have received, and what scripts keep.
struct TestedEnd {
  var ending: RecordedTestRun.Ending?
  var records: [SandboxRecord]
  /// How often each write was applied.
  var writes: [FaultMatrix.Write: Int]
  /// Values of the store, keys of `refold.once` and dead letters, a line each.
  var kept: [String]

  /// Reads what a folder holds.
  init(_ world: TestedWorld, _ run: TestedRun, _ options: TestOptions) throws {
    let recorded = try RecordedTestRun(run, options, statePath: world.statePath)
    defer { recorded.close() }
    try self.init(world, recorded)
  }

  init(_ world: TestedWorld, _ recorded: RecordedTestRun) throws {
    ending = try recorded.ending()
    kept = try recorded.kept()
    let backend = SandboxBackend(testing: world.sandboxPath) { "" }
    records = try backend.allRecords()
    writes = FaultMatrix.writes(in: try backend.ledger())
  }

  /// The differences from what an undisturbed run has led to, for people.
  ///
  /// - Parameters:
  ///   - expected: The undisturbed one.
  ///   - before: The ids of the records that were there before both.
  func differences(from expected: TestedEnd, before: Set<String>) -> [String] {
    let names = Renaming(
      Set(records.map(\.id)).union(expected.records.map(\.id)).subtracting(before))
    return repeated(beside: expected, names)
      + Self.differences(lines(of: records), lines(of: expected.records), names)
      + Self.differences(kept, expected.kept, names) + differences(ofEnding: expected, names)
  }

  private func repeated(beside expected: TestedEnd, _ names: Renaming) -> [String] {
    func counts(_ writes: [FaultMatrix.Write: Int]) -> [String: Int] {
      var counts: [String: Int] = [:]
      for (write, count) in writes where !write.isIdempotent {
        let params = names.plain(Self.sorted(write.params))
        counts["\(write.call)\u{0}\(params)\u{0}\(write.account)", default: 0] += count
      }
      return counts
    }
    let plain = counts(expected.writes)
    return counts(writes).filter { $0.value > max(1, plain[$0.key] ?? 0) }.map { key, count in
      let parts = key.split(separator: "\u{0}", omittingEmptySubsequences: false)
      return "\(parts[0]) was applied \(count) times, undisturbed \(plain[key] ?? 0), "
        + "for \(parts[2]) with \(parts[1])"
    }.sorted()
  }

  private func lines(of records: [SandboxRecord]) -> [String] {
    records.map { record in
      "\(record.app) \(record.kind) of \(record.account) \(Self.sorted(record.body))"
    }
  }

  private static func differences(
    _ found: [String], _ expected: [String], _ names: Renaming
  ) -> [String] {
    if found == expected { return [] }
    var wanted: [String: Int] = [:]
    for line in expected { wanted[names.plain(line), default: 0] += 1 }
    var more: [String] = []
    for line in found.map(names.plain) {
      if let count = wanted[line], count > 0 { wanted[line] = count - 1 } else { more.append(line) }
    }
    return wanted.filter { $0.value > 0 }.keys.sorted().map { "missing: \($0)" }
      + more.sorted().map { "too much: \($0)" }
  }

  /// The code of the failure; nil when the run has returned.
  var failureCode: String? {
    guard let ending, ending.state != .done else { return nil }
    return (try? JSONTree(ending.failure ?? []))?["code"]?.string ?? ending.state.rawValue
  }

  private func differences(ofEnding expected: TestedEnd, _ names: Renaming) -> [String] {
    let (found, wanted) = (Self.text(ending, names), Self.text(expected.ending, names))
    return found == wanted ? [] : ["the run \(found), undisturbed it \(wanted)"]
  }

  private static func text(_ ending: RecordedTestRun.Ending?, _ names: Renaming) -> String {
    guard let ending else { return "was never begun" }
    switch ending.state {
    case .done:
      return "returned " + names.plain(sorted(ending.result ?? []))
    case .failed:
      let failure = try? JSONTree(ending.failure ?? [])
      return "failed with '\(failure?["code"]?.string ?? "?")': "
        + (failure?["message"]?.string ?? "")
    default: return "did not end"
    }
  }

  /// JSON text with the names of objects in order, whatever order Lua gave them.
  private static func sorted(_ json: [UInt8]) -> String {
    (try? JSONTree(json))?.text ?? String(decoding: json, as: UTF8.self)
  }
}

/// Takes out of texts what may differ between two runs that did the same: the ids that an app has given, and its times.
private struct Renaming {
  private let ids: Set<Substring>

  init(_ ids: Set<String>) { self.ids = Set(ids.map { $0[...] }) }

  func plain(_ text: String) -> String {
    var plain = ""
    var rest = text[...]
    while let start = rest.firstIndex(where: Self.isWord) {
      plain += rest[..<start]
      let word = rest[start...].prefix(while: Self.isWord)
      plain += ids.contains(word) ? "(id)" : Self.isTime(word) ? "(time)" : word
      rest = rest[word.endIndex...]
    }
    return plain + rest
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-_:.+".contains(character))
  }

  /// Whether a word is a time with its date, as in `2026-01-01T12:00:00.000Z`, or of a test's clock in seconds since 1970.
  private static func isTime(_ word: Substring) -> Bool {
    let seconds = word.split(separator: ".", maxSplits: 1)
    if let first = seconds.first.flatMap({ Int64($0) }),
      seconds.allSatisfy({ $0.allSatisfy(\.isNumber) }),
      (TestWorker.epochSeconds..<TestWorker.epochSeconds + 315_576_000).contains(first)
    {
      return true
    }
    let parts = word.utf8.split(separator: UInt8(ascii: "T"))
    return parts.count == 2 && parts[0].count == 10 && parts[1].count >= 8
      && parts[0].allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
      && parts[1].prefix(2).allSatisfy { (0x30...0x39).contains($0) }
  }
}
