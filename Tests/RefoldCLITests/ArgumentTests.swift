import Testing

@testable import RefoldCLI

@Test(arguments: [
  ("500ms", 0.5), ("30s", 30), ("10m", 600), ("2h", 7200), ("1.5", 1.5), ("7", 7),
])
func `durations are read as people write them`(text: String, seconds: Double) {
  #expect(Quantities.duration(text) == .milliseconds(Int(seconds * 1000)))
}

@Test(arguments: ["", "0", "-1", "s", "10 m", "abc", "1e300", "nan", "inf"])
func `what is no duration is refused`(text: String) {
  #expect(Quantities.duration(text) == nil)
}

@Test(arguments: [("512K", 524_288), ("64M", 67_108_864), ("1g", 1_073_741_824), ("100", 100)])
func `sizes are read as people write them`(text: String, bytes: Int) {
  #expect(Quantities.bytes(text) == bytes)
}

@Test(arguments: ["", "0", "-1", "1.5M", "M", "9999999999999999999", "65G"])
func `what is no size is refused`(text: String) {
  #expect(Quantities.bytes(text) == nil)
}

@Test func `options and words are told apart`() throws {
  let options = try Options(
    ["a", "--account=acme", "--json", "-e", "-1", "--", "--b"], for: "run",
    taking: RunCommand.options)
  #expect(options.words == ["a", "--b"])
  #expect(options.value("--account") == "acme")
  #expect(options.has("--json"))
  #expect(options.value("-e") == "-1")
}

@Test(arguments: [
  (
    ["--acount", "x"], "unknown option '--acount' for 'run'",
    "did you mean '--account'? See 'refold help run'"
  ),
  (["--account"], "option '--account' needs a value", "see 'refold help run'"),
  (["--json=1"], "option '--json' takes no value", "see 'refold help run'"),
])
func `a wrong option is named`(arguments: [String], message: String, hint: String) {
  #expect {
    _ = try Options(arguments, for: "run", taking: RunCommand.options)
  } throws: { error in
    (error as? CommandError)?.message == message && (error as? CommandError)?.hint == hint
  }
}
