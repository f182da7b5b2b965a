import Foundation
import Testing

/// The program as its users meet it: command lines in, the whole output and the exit code out.
///
/// Each file under `Specs` is one case; `RECORD=1` writes down what the program says now, for review.
@Suite struct SpecTests {
  @Test(arguments: try Spec.all().filter { $0.setting("requires") == nil })
  func `a command does what its file says`(_ spec: Spec) throws { try check(spec) }

  /// Cases that need a disk or a network of their own.
  @Test(
    .enabled(if: try SpecRunner.canUnshare()),
    arguments: try Spec.all().filter { $0.setting("requires") != nil })
  func `a command does what its file says on a machine of its own`(_ spec: Spec) throws {
    try check(spec)
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["CI"] != nil))
  func `no case is left out where changes are judged`() throws {
    #expect(try SpecRunner.canUnshare())
  }

  @Test func `every case of the folder was found`() throws {
    let cases = try Spec.all()
    #expect(cases.count > 130)
    #expect(cases.contains { $0.setting("requires") == "unshare" })
  }

  private func check(_ spec: Spec) throws {
    let outcome = try SpecRunner(spec).run()
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
      try spec.record(outcome)
    } else {
      #expect(outcome.exit == spec.expected.exit)
      #expect(outcome.stderr == spec.expected.stderr)
      #expect(outcome.stdout == spec.expected.stdout)
    }
    #expect(!outcome.text.contains(SpecServer.key), "the key was shown")
  }
}
