import Foundation
import RefoldTesting

/// How a run of the program ended.
struct ProgramRun {
  /// The exit code; negative for the signal that ended it.
  var exit: Int32
  var output: String
  var notes: String

  /// Runs the program in a folder, with nothing typed in, and waits for its end.
  ///
  /// - Parameters:
  ///   - server: The API that it calls, and that may kill it; the sandbox when there is none.
  init(_ arguments: [String], in folder: TemporaryFolder, server: DeadlyServer? = nil) throws {
    let process = Process()
    process.executableURL = SpecRunner.programs.appending(path: "refold")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ["HOME": folder.path]
    if let server {
      // The address stays the run's own, although the port differs when the API is started anew.
      let variables = ["REFOLD_BASE_URL": server.url, "REFOLD_API_KEY": SpecServer.key]
      process.environment?.merge(variables) { _, new in new }
      process.environment?["REFOLD_ACCOUNT"] = "demo-user-1"
    }
    process.standardInput = FileHandle.nullDevice
    // Files rather than pipes: the output may be larger than a pipe holds.
    let outputs = try TemporaryFolder()
    for name in ["out", "err"] {
      try Data().write(to: URL(fileURLWithPath: outputs.file(name)))
    }
    process.standardOutput = FileHandle(forWritingAtPath: outputs.file("out"))
    process.standardError = FileHandle(forWritingAtPath: outputs.file("err"))
    try process.run()
    server?.target(process.processIdentifier)
    process.waitUntilExit()
    let wasKilled = process.terminationReason == .uncaughtSignal
    exit = wasKilled ? -process.terminationStatus : process.terminationStatus
    output = try String(contentsOfFile: outputs.file("out"), encoding: .utf8)
    notes = try String(contentsOfFile: outputs.file("err"), encoding: .utf8)
  }
}
