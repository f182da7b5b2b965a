import RefoldActions

/// A run as a file that others can look at: a line of JSON for the run, one for each step, and an end with their count.
///
/// Names are sorted. What a step is matched by is left out, so that an exported run can be looked at and not resumed.
public struct ExportedRun: Sendable {
  /// The version of the format that this program writes and reads.
  public static let version = 1
  static let format = "refold-run"

  /// The run.
  public var run: RunRecord
  /// Its steps, by their numbers.
  public var steps: [StepRecord]

  init(run: RunRecord, steps: [StepRecord]) {
    self.run = run
    self.steps = steps
  }

  // MARK: - Writing

  /// Returns the bytes of the file.
  ///
  /// - Parameters:
  ///   - words: What is hidden beside secrets: `email`, or names of members.
  ///   - key: The API key, taken out wherever it stands.
  /// - Throws: `ActionError` with the code `export_holds_secret` when something is left that looks like a secret.
  public func bytes(hiding words: [String] = [], key: SecretString? = nil) throws(ActionError)
    -> [UInt8]
  {
    let redaction = Redaction(words: words)
    let end = JSONTree.of(["type": .string("end"), "steps": .number(String(steps.count))])
    do {
      let lines = try redaction.redacted(
        [head(redaction.words)] + steps.map(Self.tree) + [end], key: key)
      return Array(lines.map { $0.text + "\n" }.joined().utf8)
    } catch {
      throw ActionError(
        kind: .permanent, code: "export_\(error.code)",
        message: "nothing is exported: \(error.message)", hint: error.hint)
    }
  }

  private func head(_ hidden: [String]) -> JSONTree {
    .of([
      "type": .string("run"), "format": .string(Self.format),
      "version": .number(String(Self.version)), "hidden": .array(hidden.map { .string($0) }),
      "id": .string(run.id), "script": .string(run.script),
      "source": run.source.map { .string(String(decoding: $0, as: UTF8.self)) },
      "account": .string(run.account), "backend": .string(run.backend),
      "input": Self.document(run.input), "seed": .number(String(run.seed)),
      "state": .string(run.state.rawValue), "started": .number(String(run.started)),
      "ended": run.ended.map { .number(String($0)) },
      "resumptions": .number(String(run.resumptions)), "failure": Self.document(run.failure),
    ])
  }

  private static func tree(_ step: StepRecord) -> JSONTree {
    .of([
      "type": .string("step"), "number": .number(String(step.number)),
      "kind": .string(step.kind.rawValue), "name": .string(step.name),
      "account": .string(step.account), "parameters": document(step.parameters),
      "place": step.place.map { .string($0) }, "state": .string(step.state.rawValue),
      "status": step.status.map { .number(String($0)) }, "reply": document(step.reply),
      "failure": document(step.failure), "attempts": .number(String(step.attempts)),
      "began": .number(String(step.began)), "ended": step.ended.map { .number(String($0)) },
      "known_by": step.knownBy.map { .string($0.rawValue) },
    ])
  }

  /// A document as it is, or its text when it is none.
  private static func document(_ json: [UInt8]?) -> JSONTree? {
    json.map { (try? JSONTree($0)) ?? .string(String(decoding: $0, as: UTF8.self)) }
  }

  // MARK: - Reading

  /// Reads a file.
  ///
  /// - Parameter path: Where it is, for messages.
  /// - Throws: `ActionError`: `export_invalid`, `export_version`, `export_cut_short`.
  public init(_ bytes: [UInt8], at path: String) throws(ActionError) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    guard let first = lines.first, let head = try? JSONTree(Array(first)),
      head["format"]?.string == Self.format
    else { throw Self.invalid(path, 1, "it is no exported run") }
    guard let version = head["version"]?.integer, version == Self.version else {
      let found = head["version"]?.text ?? "none"
      throw ActionError(
        kind: .permanent, code: "export_version",
        message: "'\(path)' has version \(found), and this refold knows version \(Self.version)",
        hint: "import it with the refold that has exported it, or export it again")
    }
    let run = try Fields(tree: head, path: path, line: 1).run()
    var (steps, end) = ([StepRecord](), JSONTree?.none)
    for (index, line) in lines.enumerated().dropFirst() {
      if end != nil { throw Self.invalid(path, index + 1, "nothing may follow the end") }
      guard let tree = try? JSONTree(Array(line)) else {
        if index == lines.count - 1 { throw Self.cutShort(path) }
        throw Self.invalid(path, index + 1, "it is not JSON")
      }
      if tree["type"]?.string == "end" {
        end = tree
        continue
      }
      let step = try Fields(tree: tree, path: path, line: index + 1).step()
      guard step.number > steps.last?.number ?? 0, step.number < Journal.mostSteps else {
        throw Self.invalid(path, index + 1, "its number does not follow that of the step before")
      }
      steps.append(step)
    }
    guard let end else { throw Self.cutShort(path) }
    guard end["steps"]?.integer == Int64(steps.count) else {
      throw Self.invalid(path, lines.count, "the steps are \(steps.count), and it says otherwise")
    }
    self.init(run: run, steps: steps)
  }

  private static func cutShort(_ path: String) -> ActionError {
    ActionError(
      kind: .permanent, code: "export_cut_short",
      message: "'\(path)' is cut short: its end is missing",
      hint: "copy the file again, or export the run again")
  }

  fileprivate static func invalid(_ path: String, _ line: Int, _ problem: String) -> ActionError {
    ActionError(
      kind: .permanent, code: "export_invalid", message: "'\(path)', line \(line): \(problem)",
      hint: "export the run again with 'refold runs export'")
  }

  /// The members of a line, each of which is there and of its kind or complained about.
  private struct Fields {
    let tree: JSONTree
    let path: String
    let line: Int

    private func text(_ name: String) throws(ActionError) -> String {
      guard let text = tree[name]?.string else {
        throw ExportedRun.invalid(path, line, "'\(name)' is no text")
      }
      return text
    }

    private func number(_ name: String) throws(ActionError) -> Int64 {
      guard let number = tree[name]?.integer else {
        throw ExportedRun.invalid(path, line, "'\(name)' is no whole number")
      }
      return number
    }

    private func bytes(_ name: String) -> [UInt8]? { tree[name].map { Array($0.text.utf8) } }

    private func word<Word: RawRepresentable<String>>(
      _ name: String, _ type: Word.Type
    ) throws(ActionError) -> Word {
      let text = try text(name)
      guard let word = Word(rawValue: text) else {
        throw ExportedRun.invalid(path, line, "'\(name)' can't be '\(text)'")
      }
      return word
    }

    func run() throws(ActionError) -> RunRecord {
      let id = try text("id")
      let isID = id.utf8.dropFirst(4).allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
      }
      guard id.hasPrefix("run_"), isID, (5...64).contains(id.utf8.count) else {
        throw ExportedRun.invalid(path, line, "'id' is no id of a run")
      }
      let (script, state) = (try text("script"), try word("state", RunRecord.State.self))
      if state == .running { throw ExportedRun.invalid(path, line, "'state' can't be 'running'") }
      let started = try number("started")
      return RunRecord(
        id: id, script: script, path: script, source: tree["source"]?.string.map { Array($0.utf8) },
        account: try text("account"), backend: try text("backend"), input: bytes("input"),
        seed: try number("seed"), state: state, started: started,
        ended: tree["ended"] == nil ? started : try number("ended"),
        resumptions: Int(try number("resumptions")), failure: bytes("failure"), steps: 0,
        unknownWrites: 0, isImported: true)
    }

    func step() throws(ActionError) -> StepRecord {
      StepRecord(
        number: Int(try number("number")), key: "", kind: try word("kind", StepRecord.Kind.self),
        name: try text("name"), account: try text("account"),
        parameters: bytes("parameters") ?? [], hash: "", place: tree["place"]?.string, readings: 0,
        state: try word("state", StepRecord.State.self),
        status: tree["status"]?.integer.flatMap { Int(exactly: $0) }, reply: bytes("reply"),
        failure: bytes("failure"), attempts: Int(try number("attempts")),
        began: try number("began"), ended: tree["ended"] == nil ? nil : try number("ended"),
        knownBy: tree["known_by"] == nil ? nil : try word("known_by", StepRecord.Witness.self))
    }
  }
}
