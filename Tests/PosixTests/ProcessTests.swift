import Foundation
import Posix
import RefoldTesting
import Synchronization
import Testing

@Suite struct ProcessTests {
  @Test func `variables are found by name and all together`() {
    #expect(Environment.value("PATH") == ProcessInfo.processInfo.environment["PATH"])
    #expect(Environment.value("REFOLD_SURELY_NOT_SET") == nil)
    #expect(Environment.all() == ProcessInfo.processInfo.environment)
  }

  @Test func `a program runs to its end, with what it printed in a file`() throws {
    let folder = try TemporaryFolder()
    let output = folder.file("out")
    let arguments = ["/bin/sh", "-c", "echo \"$A\"; echo oops >&2; cat; exit 7"]
    #expect(
      try Subprocess.run(arguments, environment: ["A": "b c"], output: output) == .exited(7))
    #expect(String(decoding: try Files.read(output), as: UTF8.self) == "b c\noops\n")
    let killed = try Subprocess.run(
      ["/bin/sh", "-c", "kill -9 $$"], environment: [:], output: output)
    #expect(killed == .killed(.kill))
    #expect(try Files.read(output).isEmpty)
    let error = #expect(throws: PosixError.self) {
      try Subprocess.run([folder.file("none")], environment: [:], output: output)
    }
    #expect(error?.code == .notFound)
  }

  @Test func `a process ends itself as kill -9 does`() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { ThisProcess.kill() }
    #expect(try ThisProcess.path().hasPrefix("/"))
  }

  @Test func `the clock goes forward`() {
    let first = MonotonicTime.now()
    let second = MonotonicTime.now()
    #expect(first > .zero)
    #expect(second >= first)
  }

  @Test func `bytes pass through a pipe`() throws {
    let ends = try Descriptor.pipe()
    #expect(!ends.read.isTerminal)
    let bytes = [UInt8](repeating: 7, count: 300_000)
    try Threads.start {
      // The reader counts the bytes; a write that fails shows there.
      try? ends.write.writeAll(bytes)
      ends.write.close()
    }
    #expect(try ends.read.readAll(limit: bytes.count) == bytes)
    ends.read.close()
  }

  @Test func `more than the limit is refused`() throws {
    let ends = try Descriptor.pipe()
    try ends.write.writeAll([1, 2, 3])
    ends.write.close()
    let error = #expect(throws: PosixError.self) {
      try ends.read.readAll(limit: 2, name: "standard input")
    }
    #expect(error?.message == "cannot read 'standard input': larger than 2 bytes")
    ends.read.close()
  }

  @Test func `a closed descriptor is an error`() {
    let error = #expect(throws: PosixError.self) {
      try Descriptor(rawValue: -1).writeAll([1], name: "standard output")
    }
    #expect(error?.message == "cannot write 'standard output': bad file descriptor")
  }

  @Test func `a pipe that nobody reads is an error and not the end`() async {
    await #expect(processExitsWith: .success) {
      Signals.ignoreBrokenPipe()
      let ends = try Descriptor.pipe()
      ends.read.close()
      let error = #expect(throws: PosixError.self) { try ends.write.writeAll([1]) }
      #expect(error?.code == .brokenPipe)
      #expect(error?.message == "cannot write: broken pipe")
    }
  }

  @Test func `signals reach the function that watches, each of them`() async {
    await #expect(processExitsWith: .success) {
      let ends = try Descriptor.pipe()
      try Signals.watch([.interrupt, .terminate]) { signal in
        // A failure shows as a byte that never comes.
        try? ends.write.writeAll([UInt8(signal.rawValue)])
      }
      kill(getpid(), SIGINT)
      #expect(try ends.read.read(upTo: 1) == [UInt8(SIGINT)])
      kill(getpid(), SIGTERM)
      #expect(try ends.read.read(upTo: 1) == [UInt8(SIGTERM)])
      let error = #expect(throws: PosixError.self) { try Signals.watch([.hangUp]) { _ in } }
      #expect(error?.description == "signals are being watched already")
    }
  }

  @Test(arguments: [(Signals.Signal.interrupt, 130 as Int32), (.terminate, 143), (.hangUp, 129)])
  func `a signal has the exit status that shells give it`(signal: Signals.Signal, status: Int32) {
    #expect(signal.exitStatus == status)
  }
}
