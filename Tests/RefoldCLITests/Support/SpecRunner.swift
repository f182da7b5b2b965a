import Foundation
import RefoldSandbox
import RefoldTesting
import SQLite

/// Runs the command of a case in a folder of its own, with an environment that holds nothing else.
struct SpecRunner {
  let spec: Spec

  init(_ spec: Spec) { self.spec = spec }

  /// The folder of the programs that were built, the tests among them.
  static let programs = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()

  func run() throws -> Spec.Outcome {
    let folder = try TemporaryFolder()
    for file in spec.files {
      let url = URL(fileURLWithPath: folder.file(file.name))
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try file.text.write(to: url, atomically: false, encoding: .utf8)
    }
    if let project = spec.setting("project") {
      try FileManager.default.copyItem(
        atPath: DocumentTests.root.appending(path: project).path, toPath: folder.file(project))
    }
    let server = try spec.setting("server").map(SpecServer.init)
    defer { server?.stop() }
    let lock = try spec.setting("lock").map { try DatabaseLock(folder.file($0)) }
    defer { lock?.release() }
    var environment = Self.environment(folder)
    if let server {
      environment["REFOLD_BASE_URL"] = server.url
      environment["REFOLD_API_KEY"] = SpecServer.key
      environment["REFOLD_ACCOUNT"] = "demo-user-1"
    }
    var outcome = try Self.shell(spec.command, in: folder, environment)
    outcome.stdout = Self.normal(outcome.stdout, folder.path, server?.url)
    outcome.stderr = Self.normal(outcome.stderr, folder.path, server?.url)
    return outcome
  }

  private static func environment(_ folder: TemporaryFolder) -> [String: String] {
    [
      "PATH": "\(programs.path):/usr/local/bin:/usr/bin:/bin", "HOME": folder.path,
      "LC_ALL": "C.UTF-8",
    ]
  }

  /// What a command prints on both streams together, as a terminal shows it.
  static func combinedOutput(of command: String, in folder: TemporaryFolder) throws -> String {
    let outcome = try shell("exec 2>&1\n\(command)", in: folder, environment(folder))
    return normal(outcome.stdout, folder.path)
  }

  /// Whether a process may have a disk and a network of its own here.
  static func canUnshare() throws -> Bool {
    let path = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
    return try shell("unshare -rmn true", in: TemporaryFolder(), path).exit == 0
  }

  private static func shell(
    _ command: String, in folder: TemporaryFolder, _ environment: [String: String]
  ) throws -> Spec.Outcome {
    // Files rather than pipes: the output may be larger than a pipe holds.
    let outputs = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["-s", "KILL", "60", "/bin/sh", "-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    for name in ["stdout", "stderr"] {
      try Data().write(to: URL(fileURLWithPath: outputs.file(name)))
    }
    process.standardOutput = FileHandle(forWritingAtPath: outputs.file("stdout"))
    process.standardError = FileHandle(forWritingAtPath: outputs.file("stderr"))
    try process.run()
    process.waitUntilExit()
    func text(_ name: String) throws -> String {
      String(
        decoding: try Data(contentsOf: URL(fileURLWithPath: outputs.file(name))), as: UTF8.self)
    }
    return Spec.Outcome(
      stdout: try text("stdout"), stderr: try text("stderr"), exit: process.terminationStatus)
  }

  /// Replaces what differs from run to run.
  static func normal(_ text: String, _ folder: String = "[FOLDER]", _ url: String? = nil) -> String
  {
    var text = text.replacingOccurrences(of: folder, with: "[FOLDER]")
    if let url { text = text.replacingOccurrences(of: url, with: "[SERVER]") }
    text.replace(/127\.0\.0\.1:[0-9]+|localhost:[0-9]+/, with: "[ADDRESS]")
    text.replace(/, [0-9]+ ms/, with: ", [N] ms")
    text.replace(/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/, with: "[TIME]")
    text.replace(/\b[0-9a-f]{32}\b/, with: "[TRACE]")
    text.replace(/OpenSSL\/[0-9.a-z]+/, with: "OpenSSL/[VERSION]")
    text.replace(/again in [0-9.]+ s/, with: "again in [N] s")
    text.replace(/run_[0-9a-z]{20}/, with: "[RUN]")
    text.replace(/dl_[0-9a-z]{20}/, with: "[LETTER]")
    return text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
  }
}

/// Another user of a sandbox's database, who is in the middle of a write.
private final class DatabaseLock {
  private let database: SQLiteConnection

  init(_ path: String) throws {
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    _ = try SandboxEngine(databasePath: path)
    database = try SQLiteConnection(path)
    try database.execute("BEGIN IMMEDIATE")
  }

  func release() { try? database.execute("ROLLBACK") }
}
