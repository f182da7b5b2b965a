import Foundation
import Testing

/// The prompt as a person meets it, on a terminal.
///
/// Each file under `Screens` is one case; `RECORD=1` writes down what the screens show now, for review.
@Suite struct ScreenTests {
  @Test(arguments: try ScreenPlay.all())
  func `a terminal shows what its file says`(_ play: ScreenPlay) throws {
    let isRecording = ProcessInfo.processInfo.environment["RECORD"] == "1"
    var recorded = play
    let player = try ScreenPlayer(play)
    defer { player.stop() }
    var hasBegun = false
    for (index, step) in play.steps.enumerated() {
      switch step {
      case .file(let name, let text):
        if hasBegun { try player.write(name, text) }
      case .keys(let keys): try player.press(keys)
      case .screen(let expected):
        hasBegun = true
        if isRecording {
          player.settle()
          recorded.steps[index] = .screen(player.text)
        } else {
          player.wait(for: expected)
          #expect(player.text == expected)
        }
      case .exit(let status):
        let actual = player.exitStatus()
        if isRecording {
          recorded.steps[index] = .exit(actual)
        } else {
          #expect(actual == status)
        }
      }
    }
    if isRecording { try recorded.record() }
    let output = String(decoding: player.output, as: UTF8.self)
    // A key that was typed is on the screen by the person's own doing.
    if play.setting("types") != "key" { #expect(!output.contains(SpecServer.key)) }
    let history = player.folder.file(".local/state/refold/history")
    if let kept = try? String(contentsOfFile: history, encoding: .utf8) {
      #expect(!kept.contains(SpecServer.key), "the key was kept")
    }
  }
}
