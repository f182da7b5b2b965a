import Testing

@testable import RefoldActions

/// How recordings are written, and what is said about those that cannot be read.
@Suite struct RecordingTextTests {
  static func call(
    _ action: String, _ params: String, at path: [Int] = [1], answered: Int = 1,
    _ answer: RecordedCall.Answer? = nil
  ) throws -> RecordedCall {
    let call = ActionCall(
      operation: .execute(app: "crm", action: action), account: "acme", body: Array(params.utf8),
      origin: CallOrigin(account: "acme", path: path))
    return RecordedCall(
      identity: CallIdentity(call, Redaction()), effect: action.hasPrefix("get") ? .read : .write,
      path: path, answered: answered,
      answer: answer
        ?? .reply(status: 200, contentType: nil, body: .init(Array(#"{"data":{"n":1}}"#.utf8))))
  }

  static let header = Recording.Header(
    script: "a", account: "acme", backend: "sandbox", version: "1", runID: "run_1", seed: 7,
    started: 100, input: .of(["x": .number("1")]))

  static func recording(_ calls: [RecordedCall]) -> Recording {
    var recording = Recording(header: header)
    recording.calls = calls
    return recording
  }

  private func sample() throws -> Recording {
    let failure = ActionError(
      kind: .transient, status: 503, code: "c", message: "m", hint: "h", app: "crm",
      action: "get_x", account: "acme", retryable: true, retryAfter: .seconds(2))
    var recording = Self.recording([
      try Self.call("get_x", #"{"b":2,"a":[1.50,null]}"#, .failure(failure)),
      try Self.call("get_x", #"{"b":2,"a":[1.50,null]}"#, answered: 2),
      try Self.call("add_x", "{}", at: [2, 1, 1], answered: 0, .givenUp),
      try Self.call(
        "add_x", "{}", at: [3], answered: 3,
        .reply(status: 200, contentType: "text/plain", body: .text("plain"))),
      try Self.call(
        "add_x", "{}", at: [4], answered: 4,
        .reply(status: 200, contentType: nil, body: .bytes([0xFF, 0]))),
    ])
    recording.kept = [.init(.store, key: "k", value: nil), .init(.once, key: "o", value: .null)]
    recording.readings = [.init(number: 1, seconds: 5)]
    recording.effects = [.init(app: "crm", action: "add_x", effect: .write)]
    let lookUp = ActionCall(operation: .schema(app: "crm", action: "add_x"), account: "acme")
    recording.lookUps = [
      RecordedCall(
        identity: CallIdentity(lookUp, Redaction()),
        answer: .reply(status: 200, contentType: nil, body: .json(.array([]))))
    ]
    return recording
  }

  @Test func `a recording is read as it was written`() throws {
    let recording = try sample()
    #expect(try Recording(recording.bytes, at: "r.jsonl") == recording)
  }

  @Test func `it is lines of JSON with sorted names`() throws {
    let lines = String(decoding: try sample().bytes, as: UTF8.self).split(separator: "\n")
    #expect(
      lines.first
        == #"{"account":"acme","backend":"sandbox","format":"refold recording","format_version":1,"input":{"x":1},"redact":[],"refold":"1","run_id":"run_1","script":"a","seed":"7","started":100,"type":"header"}"#
    )
    #expect(
      lines[7]
        == #"{"account":"acme","action":"get_x","answer":{"body":{"data":{"n":1}},"status":200},"answered":2,"app":"crm","at":"1","call":"execute","effect":"read","params":{"a":[1.50,null],"b":2},"type":"call"}"#
    )
    #expect(lines.last == #"{"calls":5,"outcome":"ok","type":"end"}"#)
  }

  private func message(_ change: (inout [String]) -> Void) throws -> String {
    var lines = String(decoding: try sample().bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    change(&lines)
    do {
      _ = try Recording(Array(lines.joined(separator: "\n").utf8), at: "r.jsonl")
      return "no error"
    } catch {
      return error.description
    }
  }

  private static let mend =
    "\n  fix: mend the line, or record the run again with '--record FOLDER --overwrite'"
  private static let again =
    "\n  fix: record the run again with '--record FOLDER --overwrite'"

  @Test func `what is cut short is refused`() throws {
    let expected = "the recording 'r.jsonl' is cut short: its last lines are missing" + Self.again
    #expect(try message { $0.removeLast(2) } == expected)
    #expect(
      try message { lines in
        lines.removeLast(2)
        lines[lines.count - 1].removeLast(20)
      } == expected)
  }

  @Test func `what is no recording is refused`() throws {
    let expected = "'r.jsonl' is no recording: its first line is no header" + Self.again
    #expect(try message { $0 = [] } == expected)
    #expect(try message { $0[0] = "{}" } == expected)
    #expect(try message { $0[0] = "hello" } == expected)
  }

  @Test func `a newer version is refused`() throws {
    #expect(
      try message { $0[0].replace(#""format_version":1"#, with: #""format_version":2"#) }
        == "the recording 'r.jsonl' has format version 2, and this program reads up to 1\n"
        + "  fix: use a newer refold, or record the run again with '--record FOLDER --overwrite'")
  }

  @Test func `a line that was changed by hand is refused with what is wrong`() throws {
    let start = "line 8 of the recording 'r.jsonl' can't be used: "
    let changes: [(String, String, String)] = [
      (
        #""status":200"#, #""status":500"#,
        "'answer' needs a 'status' from 200 to 299; failures are an 'error'"
      ),
      (#""type":"call""#, #""type":"cal""#, "there is no type 'cal'"),
      (#""params""#, #""param""#, "a call needs 'app', 'action' and 'params'"),
      (#""answer""#, #""answers""#, "a call needs 'answer' or 'error'"),
      (#""call":"execute""#, #""call":"exec""#, "'call' names no operation"),
      ("{\"account", "{account", "it is not JSON: expected a name in quotes, found 'a' at byte 1"),
    ]
    for (old, new, problem) in changes {
      #expect(try message { $0[7].replace(old, with: new) } == start + problem + Self.mend)
    }
  }

  @Test func `calls taken out by hand are noticed`() throws {
    #expect(
      try message { $0.remove(at: 7) }
        == "the recording 'r.jsonl' holds 4 calls, and its last line says 5\n"
        + "  fix: calls were taken out or added by hand: set 'calls' of the last line, or record again"
    )
  }
}
