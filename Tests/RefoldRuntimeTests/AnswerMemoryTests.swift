import Foundation
import RefoldActions
import RefoldRuntime
import Testing

/// What calls leave behind.
@Suite struct AnswerMemoryTests {
  @Test func `an answer is let go when the script has it`() throws {
    let text = String(repeating: "x", count: 1_000_000)
    let answer = Array(#"{"node_status":"Success","data":"\#(text)"}"#.utf8)
    let backend = ScriptedBackend { call in
      guard case .execute = call.operation else { return nil }
      // A copy of its own for each.
      return .success(Reply(status: 200, body: answer + [0x20]))
    }
    backend.answersLater = true
    let before = Self.residentMegabytes()
    let outcome = run(
      "local n = 0 for _ = 1, 400 do n = n + #refold.exec('crm', 'get_contact').data end return n",
      on: backend)
    #expect(outcome.text == "400000000")
    // All of them together would be 400 MB; other tests run in this process too.
    #expect(Self.residentMegabytes() - before < 250)
  }

  private static func residentMegabytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) / 1000
  }
}
