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

  /// The first difference from what an undisturbed run has led to, for people; nil when there is none.
  ///
  /// - Parameters:
  ///   - expected: The undisturbed one.
  ///   - before: The ids of the records that were there before both.
  func difference(from expected: TestedEnd, before: Set<String>) -> String? {
    let names = Renaming(
      Set(records.map(\.id)).union(expected.records.map(\.id)).subtracting(before))
    return repeated(beside: expected, names) ?? difference(ofRecords: expected, names)
      ?? difference(ofLines: kept, expected.kept, names) ?? difference(ofEnding: expected, names)
  }

  private func repeated(beside expected: TestedEnd, _ names: Renaming) -> String? {
    func counts(_ writes: [FaultMatrix.Write: Int]) -> [String: Int] {
      var counts: [String: Int] = [:]
      for (write, count) in writes where !write.isIdempotent {
        let params = names.plain(String(decoding: write.params, as: UTF8.self))
        counts["\(write.call)\u{0}\(write.account)\u{0}\(params)", default: 0] += count
      }
      return counts
    }
    let plain = counts(expected.writes)
    let more = counts(writes).filter { $0.value > plain[$0.key] ?? 0 && $0.value > 1 }
    return more.map { key, count in
      let parts = key.split(separator: "\u{0}")
      return "\(parts[0]) was applied \(OutcomeReport.counted(count, "time")), and undisturbed "
        + "\(plain[key] ?? 0), with \(Self.shortened(String(parts.last ?? "")))"
    }.min()
  }

  private func difference(ofRecords expected: TestedEnd, _ names: Renaming) -> String? {
    func lines(_ records: [SandboxRecord]) -> [String] {
      records.map { record in
        "\(record.app) \(record.kind) of \(record.account): "
          + String(decoding: record.body, as: UTF8.self)
      }
    }
    return difference(ofLines: lines(records), lines(expected.records), names)
  }

  private func difference(
    ofLines found: [String], _ expected: [String], _ names: Renaming
  ) -> String? {
    if found == expected { return nil }
    var wanted: [String: Int] = [:]
    for line in expected { wanted[names.plain(line), default: 0] += 1 }
    var more: [String] = []
    for line in found.map(names.plain) {
      if let count = wanted[line], count > 0 { wanted[line] = count - 1 } else { more.append(line) }
    }
    let less = wanted.filter { $0.value > 0 }.keys.sorted()
    guard let first = more.min() ?? less.first else { return nil }
    let what = more.isEmpty ? "is missing" : less.isEmpty ? "is there, and should not be" : "differs"
    return "\(Self.shortened(first)) \(what)"
      + (more.isEmpty || less.isEmpty ? "" : "; undisturbed it is \(Self.shortened(less[0]))")
  }

  private func difference(ofEnding expected: TestedEnd, _ names: Renaming) -> String? {
    let (found, wanted) = (Self.text(ending, names), Self.text(expected.ending, names))
    return found == wanted ? nil : "the run \(found), and undisturbed it \(wanted)"
  }

  private static func text(_ ending: RecordedTestRun.Ending?, _ names: Renaming) -> String {
    guard let ending else { return "was never begun" }
    switch ending.state {
    case .done:
      return "returned "
        + shortened(names.plain(String(decoding: ending.result ?? [], as: UTF8.self)))
    case .failed:
      let failure = try? JSONTree(ending.failure ?? [])
      return "failed with "
        + shortened("'\(failure?["code"]?.string ?? "?")': \(failure?["message"]?.string ?? "")")
    default: return "did not end"
    }
  }

  private static func shortened(_ text: String) -> String {
    text.count <= 300 ? text : text.prefix(299) + "…"
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

  /// Whether a word is a time with its date, as in `2026-01-01T12:00:00.000Z`.
  private static func isTime(_ word: Substring) -> Bool {
    let parts = word.utf8.split(separator: UInt8(ascii: "T"))
    return parts.count == 2 && parts[0].count == 10 && parts[1].count >= 8
      && parts[0].allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
      && parts[1].prefix(2).allSatisfy { (0x30...0x39).contains($0) }
  }
}
