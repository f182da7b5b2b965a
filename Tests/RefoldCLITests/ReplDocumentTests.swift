import Foundation
import Testing

/// The session that `docs/repl.md` shows, typed in.
@Suite struct ReplDocumentTests {
  private static let prompt = "demo-user-1@sandbox> "

  @Test func `the session of the page is what a terminal shows`() throws {
    let path = DocumentTests.root.appending(path: "docs/repl.md")
    var page = try String(contentsOf: path, encoding: .utf8)
    let block = try #require(
      DocumentTests.Block.all(in: page).first { $0.language == "terminal" })
    let play = try ScreenPlay(name: "docs/repl.md", path: "", text: "size: 110x60")
    let player = try ScreenPlayer(play)
    defer { player.stop() }
    player.wait { $0.hasSuffix(Self.prompt.dropLast() + "\n") }
    try player.press("<C-l>")
    let keys = block.lines.compactMap { line -> String? in
      for start in [Self.prompt, "... "] where line.hasPrefix(start) {
        return String(line.dropFirst(start.count)) + "\r"
      }
      return nil
    }
    #expect(keys.count > 5)
    for line in keys { try player.type(line) }
    let shown = block.lines.joined(separator: "\n")
    let expected = SpecRunner.normal(shown) + Self.prompt.dropLast() + "\n"
    guard ProcessInfo.processInfo.environment["RECORD"] == "1" else {
      player.wait(for: expected)
      #expect(player.text == expected)
      return
    }
    player.settle()
    let recorded = player.plainText.dropLast(Self.prompt.count)
    page = page.replacingOccurrences(of: shown, with: recorded.trimmingCharacters(in: .newlines))
    try page.write(to: path, atomically: false, encoding: .utf8)
  }
}
