import Foundation
import Glibc
import RefoldRuntime
import RefoldTesting
import Testing

/// The program, killed right after a record was given up: the letter is there.
@Suite struct DeadLetterCrashTests {
  /// Says the number of each letter when `refold.dead_letter` has returned, then waits for its end.
  private static let script = """
    for i = 1, refold.input.count do
      refold.dead_letter({ number = i }, "it failed")
      print(i)
    end
    refold.sleep(600)
    """

  @Test(arguments: [1, 2, 7, 40], [true, false])
  func `nothing is lost between the call and the queue`(count: Int, isJournaled: Bool) throws {
    let folder = try TemporaryFolder()
    try Self.script.write(toFile: folder.file("a.lua"), atomically: false, encoding: .utf8)
    let process = Process()
    process.executableURL = SpecRunner.programs.appending(path: "refold")
    process.arguments =
      ["run", "a.lua", "--input", "{\"count\":\(count)}"] + (isJournaled ? [] : ["--no-journal"])
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ["HOME": folder.path, "PATH": "/usr/bin:/bin"]
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = output
    try process.run()
    // What the script prints goes to standard error, as soon as the call before it has returned.
    var text = ""
    while !text.contains("\n\(count)\n") {
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { break }
      text += String(decoding: data, as: UTF8.self)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal, "\(text)")
    let store = SQLiteStateStore(databasePath: folder.file(".refold/state.db"))
    defer { store.close() }
    let letters = try DeadLetters(store)
    let records = try letters.list().map { letter in
      String(decoding: try letters.letter(letter.id)?.record ?? [], as: UTF8.self)
    }
    #expect(records == (1...count).map { "{\"number\":\($0)}" })
  }
}
