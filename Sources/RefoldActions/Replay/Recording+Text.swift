// How a recording is written and read.

extension Recording {
  /// The documents of the file, one for each line.
  var lines: [JSONTree] {
    var lines: [JSONTree] = [header.tree]
    lines += kept.map { kept in
      .of(["type": .string(kept.sort.rawValue), "key": .string(kept.key), "value": kept.value])
    }
    lines += readings.map { reading in
      .of([
        "type": .string("time"), "reading": .number(String(reading.number)),
        "seconds": .number(String(reading.seconds)),
      ])
    }
    lines += effects.map { declared in
      .of([
        "type": .string("effect"), "app": .string(declared.app),
        "action": .string(declared.action), "effect": .string(declared.effect.rawValue),
      ])
    }
    lines += lookUps.map(\.tree) + calls.map(\.tree)
    lines.append(
      .of([
        "type": .string("end"), "calls": .number(String(calls.count)),
        "outcome": .string(outcome),
      ]))
    return lines
  }

  /// The bytes of the file.
  package var bytes: [UInt8] { Array((lines.map(\.text).joined(separator: "\n") + "\n").utf8) }

  /// Reads a recording.
  ///
  /// - Parameter path: Where it is, for messages.
  /// - Throws: ``RecordingError``: no recording, cut short, changed so that it says nothing, or of a newer version.
  package init(_ bytes: [UInt8], at path: String) throws(RecordingError) {
    let newline = UInt8(ascii: "\n")
    let lines = bytes.split(separator: newline, omittingEmptySubsequences: false)
    guard let first = lines.first, let tree = try? JSONTree(Array(first)) else {
      throw RecordingError(
        "recording_invalid", "'\(path)' is no recording: its first line is no header",
        hint: Self.again)
    }
    try self.init(header: Header(tree, path))
    var end: JSONTree?
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      if end != nil {
        throw Self.invalid(path, index + 1, "nothing may follow the line of type 'end'")
      }
      do {
        let tree = try JSONTree(Array(line))
        if tree["type"]?.string == "end" { end = tree } else { try take(tree) }
      } catch let error as JSONScanError {
        if index == lines.count - 1 { throw Self.cutShort(path) }
        throw Self.invalid(path, index + 1, "it is not JSON: \(error.description)")
      } catch let problem as RecordingProblem {
        throw Self.invalid(path, index + 1, problem.text)
      } catch {
        throw Self.invalid(path, index + 1, String(describing: error))
      }
    }
    guard let end else { throw Self.cutShort(path) }
    outcome = end["outcome"]?.string ?? "ok"
    guard let count = end["calls"]?.integer, Int(count) == calls.count else {
      let said = end["calls"]?.integer.map { String($0) } ?? "no number of"
      throw RecordingError(
        "recording_invalid",
        "the recording '\(path)' holds \(calls.count) calls, and its last line says \(said)",
        hint: "calls were taken out or added by hand: set 'calls' of the last line, or record again"
      )
    }
  }

  private mutating func take(_ tree: JSONTree) throws(RecordingProblem) {
    switch tree["type"]?.string {
    case "call":
      let call = try RecordedCall(tree)
      guard !call.identity.isLookUp else {
        throw RecordingProblem("a line of type 'call' has 'execute' as its 'call'")
      }
      calls.append(call)
    case "lookup": lookUps.append(try RecordedCall(tree))
    case "store", "once":
      guard let key = tree["key"]?.string else { throw RecordingProblem("'key' is missing") }
      kept.append(
        Kept(tree["type"]?.string == "once" ? .once : .store, key: key, value: tree["value"]))
    case "time":
      guard let number = tree["reading"]?.integer, let seconds = tree["seconds"]?.integer else {
        throw RecordingProblem("'reading' and 'seconds' are needed, as whole numbers")
      }
      readings.append(Reading(number: Int(clamping: number), seconds: seconds))
    case "effect":
      guard let app = tree["app"]?.string, let action = tree["action"]?.string,
        let effect = tree["effect"]?.string.flatMap(Effect.init(rawValue:))
      else { throw RecordingProblem("'app', 'action' and 'effect' are needed") }
      effects.append(DeclaredEffect(app: app, action: action, effect: effect))
    case let type?: throw RecordingProblem("there is no type '\(OneLine.of(type, limit: 40))'")
    case nil: throw RecordingProblem("'type' is missing")
    }
  }

  // MARK: - What is wrong

  /// What to do about a recording that cannot be used.
  package static let again = "record the run again with '--record FOLDER --overwrite'"

  private static func cutShort(_ path: String) -> RecordingError {
    RecordingError(
      "recording_cut_short", "the recording '\(path)' is cut short: its last lines are missing",
      hint: again)
  }

  private static func invalid(_ path: String, _ line: Int, _ problem: String) -> RecordingError {
    RecordingError(
      "recording_invalid", "line \(line) of the recording '\(path)' can't be used: \(problem)",
      hint: "mend the line, or \(again)")
  }
}

extension Recording.Header {
  private static let format = "refold recording"

  fileprivate var tree: JSONTree {
    .of([
      "type": .string("header"), "format": .string(Self.format),
      "format_version": .number(String(Recording.formatVersion)), "script": .string(script),
      "account": .string(account), "backend": .string(backend), "refold": .string(version),
      "run_id": .string(runID), "seed": .string(String(seed)), "started": .number(String(started)),
      "input": input, "redact": .array(hidden.map { .string($0) }),
    ])
  }

  fileprivate init(_ tree: JSONTree, _ path: String) throws(RecordingError) {
    guard tree["format"]?.string == Self.format, let version = tree["format_version"]?.integer
    else {
      throw RecordingError(
        "recording_invalid", "'\(path)' is no recording: its first line is no header",
        hint: Recording.again)
    }
    guard version <= Recording.formatVersion else {
      throw RecordingError(
        "recording_too_new",
        "the recording '\(path)' has format version \(version), and this program reads "
          + "up to \(Recording.formatVersion)",
        hint: "use a newer refold, or \(Recording.again)")
    }
    guard version >= 1, let script = tree["script"]?.string, let account = tree["account"]?.string
    else {
      throw RecordingError(
        "recording_invalid", "the header of the recording '\(path)' misses 'script' or 'account'",
        hint: Recording.again)
    }
    self.init(
      script: script, account: account, backend: tree["backend"]?.string ?? "",
      version: tree["refold"]?.string ?? "", runID: tree["run_id"]?.string ?? "",
      seed: tree["seed"]?.string.flatMap { UInt64($0) } ?? 0,
      started: tree["started"]?.integer ?? 0, input: tree["input"])
    hidden = (tree["redact"]?.elements ?? []).compactMap(\.string)
  }
}
