import Lua
import Posix
import RefoldActions
import RefoldRuntime
import RefoldSandbox

/// A folder with what a run of a test finds: the records of the apps, and what scripts have kept.
struct TestedWorld {
  let folder: String

  var sandboxPath: String { "\(folder)/sandbox.db" }
  var statePath: String { "\(folder)/state.db" }
  var answersPath: String { "\(folder)/answers.jsonl" }
  private var runPath: String { "\(folder)/run.json" }
  private var inputPath: String { "\(folder)/input.json" }
  private var timePath: String { "\(folder)/time" }
  /// What a process that was started for it has found out.
  var reportPath: String { "\(folder)/report.json" }
  /// What such a process has printed.
  var outputPath: String { "\(folder)/output" }

  // MARK: - Making

  /// Makes an empty folder for several of them, where the system keeps what lies for a while.
  static func temporaryFolder(_ environment: [String: String]) throws -> String {
    let parent = environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    return try Folders.makeTemporary(in: parent, prefix: "refold-crash-")
  }

  /// Makes the folder as it is before a run.
  static func make(
    at folder: String, _ run: TestedRun, _ options: TestOptions, _ backend: SandboxBackend,
    _ store: MemoryStateStore
  ) throws -> TestedWorld {
    let world = TestedWorld(folder: folder)
    try Folders.create(folder, mode: 0o700)
    try backend.copy(to: world.sandboxPath)
    try RecordedTestRun.prepare(world.statePath, store)
    if let input = run.input { try Files.append(input, to: world.inputPath) }
    let text = JSONText.object([
      "file": JSONText.quoted(run.file), "script": JSONText.quoted(run.script),
      "account": JSONText.quoted(run.account), "time": String(run.time),
      "seed": JSONText.quoted(String(options.seed)),
      "timeout": String(options.timeout.wholeMilliseconds),
    ])
    try Files.append(Array(text.utf8), to: world.runPath)
    return world
  }

  /// Makes a copy, which must not exist yet.
  func copy(to folder: String) throws(PosixError) -> TestedWorld {
    try Folders.create(folder, mode: 0o700)
    for name in try Folders.list(self.folder) {
      try Files.append(Files.read("\(self.folder)/\(name)"), to: "\(folder)/\(name)")
    }
    return TestedWorld(folder: folder)
  }

  /// Removes the folder.
  func remove() {
    // What is left of it lies among the system's temporary files, which the system clears.
    try? Folders.remove(folder)
  }

  // MARK: - Using

  /// The run, and what of the options it depends on.
  func run(_ options: inout TestOptions) throws -> TestedRun {
    let tree = try JSONTree(Files.read(runPath))
    options.seed = tree["seed"]?.string.flatMap { UInt64($0) } ?? 0
    options.timeout = .milliseconds(tree["timeout"]?.integer ?? 10_000)
    return TestedRun(
      file: tree["file"]?.string ?? "", script: tree["script"]?.string ?? "",
      account: tree["account"]?.string ?? "",
      input: try Files.status(inputPath) == nil ? nil : try Files.read(inputPath),
      time: tree["time"]?.integer ?? 0)
  }

  /// The time at which a process left it, in nanoseconds; nil when none did.
  func timeLeft() throws(PosixError) -> Int64? {
    guard try Files.status(timePath) != nil else { return nil }
    return Int64(String(decoding: try Files.read(timePath), as: UTF8.self))
  }

  /// Keeps the time at which the process leaves it.
  func leave(at time: Int64) throws(PosixError) {
    try Files.write(Array(String(time).utf8), to: timePath)
  }

  /// The apps as the run finds them.
  func backend(_ clock: LaneClock, faults: FaultPlan? = nil) -> SandboxBackend {
    let backend = SandboxBackend(testing: sandboxPath, faults: faults) { clock.sandboxTime }
    let answers = answersPath
    backend.onWrite = { call, reply in
      // Should that fail, the write is told from the others by its absence, and the comparison shows it.
      try? Files.append(Array((AppliedWrite(call, reply).json + "\n").utf8), to: answers)
    }
    return backend
  }

  /// The writes that the apps have applied since it was made, and what they answered.
  func applied() throws -> [AppliedWrite] {
    guard try Files.status(answersPath) != nil else { return [] }
    return try Files.read(answersPath, limit: 1 << 30).split(separator: UInt8(ascii: "\n"))
      .map { AppliedWrite(try JSONTree(Array($0))) }
  }
}

/// A write that an app has applied, with its answer: what a person finds who looks in the app.
struct AppliedWrite: Equatable {
  /// What was called, as `app.action`.
  var name: String
  var account: String
  /// The parameters as JSON text.
  var params: String
  /// The answer as JSON text.
  var reply: String

  init(_ call: ActionCall, _ reply: Reply) {
    name = "\(call.app ?? "").\(call.action ?? "")"
    account = call.account
    params = String(decoding: call.body, as: UTF8.self)
    self.reply = String(decoding: reply.body, as: UTF8.self)
  }

  init(_ tree: JSONTree) {
    name = tree["name"]?.string ?? ""
    account = tree["account"]?.string ?? ""
    params = tree["params"]?.string ?? ""
    reply = tree["reply"]?.string ?? ""
  }

  var json: String {
    JSONText.object([
      "name": JSONText.quoted(name), "account": JSONText.quoted(account),
      "params": JSONText.quoted(params), "reply": JSONText.quoted(reply),
    ])
  }
}

extension Duration {
  fileprivate var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }
}
