import RefoldActions
import Testing

/// The scanner against documents that were damaged at random, the same ones in every run.
@Suite struct JSONFuzzTests {
  /// A small generator of Marsaglia's xorshift kind; only its repeatability matters.
  struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  static let documents = [
    #"{"status_code":404,"error":{"code":"A_B","message":["x\u00e9","\ud83d\ude00"]},"n":-1.5e+3}"#,
    #"[{"action_id":"a","name":"b","tag":null},{"parameters":[[],{},[{"k":true}]],"x":"\\\"\/"}]"#,
    #"{"node_status":"Success","success":true,"http_status":200,"data":{"results":[1,2,3]}}"#,
  ]

  @Test(arguments: documents)
  func `damaged documents are read or refused, and nothing else`(document: String) {
    var dice = Dice(state: 0x9E37_79B9_7F4A_7C15)
    let original = Array(document.utf8)
    for _ in 0..<5000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &dice) { Self.damage(&bytes, &dice) }
      Self.check(bytes)
    }
  }

  static func damage(_ bytes: inout [UInt8], _ dice: inout Dice) {
    guard let place = bytes.indices.randomElement(using: &dice) else { return }
    switch dice.next() % 5 {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
    case 1: bytes[place] = Array(#"{}[]",:\u0-e"#.utf8).randomElement(using: &dice) ?? 0
    case 2: bytes.remove(at: place)
    case 3: bytes.insert(bytes[place], at: place)
    default: bytes.removeSubrange(place...)
    }
  }

  static func check(_ bytes: [UInt8]) {
    var scanner = JSONScanner(bytes)
    do throws(JSONScanError) {
      var previous = -1
      while try scanner.next() != .endOfText {
        #expect(scanner.offset > previous)
        previous = scanner.offset
      }
    } catch {
      #expect((0...bytes.count).contains(error.offset))
      #expect(!error.message.isEmpty)
    }
    // The readers agree with the scanner on what is JSON, and survive what is not.
    _ = try? ActionSummary.list(in: bytes)
    _ = try? ActionParameter.list(in: bytes)
    _ = try? ApplicationStatus.one(in: bytes)
    _ = try? Envelope.read(from: bytes)
    let call = ActionCall(operation: .actions(app: "a"), account: "b")
    #expect(ReplyClassifier.failure(of: Reply(status: 400, body: bytes), to: call) != nil)
  }
}
