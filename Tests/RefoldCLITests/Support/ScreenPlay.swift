import Foundation
import Posix
import RefoldTesting

/// A person at a terminal: keys in, whole screens out.
///
/// ```
/// # What the case shows.
/// size: 60x16
/// server: sandbox           (optional: the remote backend, see SpecServer)
/// terminal: dumb            (optional: the value of TERM)
/// command: refold repl      (optional: what is run)
/// == file scripts/a.lua     (any number; after the first screen it is written then)
/// return 1
/// == keys
/// 1 + 1<Enter>
/// == screen
/// …
/// == exit
/// 0
/// ```
struct ScreenPlay: Sendable, CustomStringConvertible {
  enum Step: Sendable {
    case file(name: String, text: String)
    case keys(String)
    case screen(String)
    case exit(Int32)
  }

  var name: String
  var path: String
  var head: [String] = []
  var steps: [Step] = []

  var description: String { name }

  static let folder = Spec.folder.deletingLastPathComponent().appending(path: "Screens")

  static func all() throws -> [ScreenPlay] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".txt") }.sorted().map { name in
        let path = folder.appending(path: name).path
        return try ScreenPlay(
          name: String(name.dropLast(4)), path: path,
          text: String(contentsOfFile: path, encoding: .utf8))
      }
  }

  init(name: String, path: String, text: String) throws {
    (self.name, self.path) = (name, path)
    var section = "head"
    var body: [String] = []
    func finish() throws {
      let text = body.map { $0 + "\n" }.joined()
      switch section {
      case "head": head = body
      case "keys": steps.append(.keys(body.joined(separator: "\n")))
      case "screen": steps.append(.screen(text))
      case "exit":
        steps.append(.exit(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1))
      case _ where section.hasPrefix("file "):
        steps.append(.file(name: String(section.dropFirst(5)), text: text))
      default: throw Spec.Malformed(name: name, section: section)
      }
      body = []
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    for line in lines {
      if line.hasPrefix("== ") {
        try finish()
        section = String(line.dropFirst(3))
      } else {
        body.append(line)
      }
    }
    try finish()
  }

  func setting(_ name: String) -> String? {
    head.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
  }

  func record() throws {
    var lines = head
    for step in steps {
      switch step {
      case .file(let name, let text): lines += ["== file \(name)", String(text.dropLast())]
      case .keys(let keys): lines += ["== keys", keys]
      case .screen(let text):
        lines += ["== screen"] + (text.isEmpty ? [] : [String(text.dropLast())])
      case .exit(let status): lines += ["== exit", String(status)]
      }
    }
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: path, atomically: false, encoding: .utf8)
  }
}

/// A program on a terminal of its own, and what its screen shows.
final class ScreenPlayer {
  private let terminal: PseudoTerminal
  private var screen: TerminalScreen
  let folder: TemporaryFolder
  private let server: SpecServer?
  private(set) var output: [UInt8] = []

  init(_ play: ScreenPlay) throws {
    let size = (play.setting("size") ?? "80x24").split(separator: "x").compactMap { Int($0) }
    folder = try TemporaryFolder()
    server = try play.setting("server").map(SpecServer.init)
    terminal = try PseudoTerminal(columns: size[0], rows: size[1])
    screen = TerminalScreen(columns: size[0], rows: size[1])
    for case .file(let name, let text) in play.steps.prefix(while: { $0.isFile }) {
      try write(name, text)
    }
    var environment = [
      "PATH=\(SpecRunner.programs.path):/usr/bin:/bin", "HOME=\(folder.path)", "LC_ALL=C.UTF-8",
      "TERM=\(play.setting("terminal") ?? "xterm")",
    ]
    if let server {
      environment += [
        "REFOLD_BASE_URL=\(server.url)", "REFOLD_API_KEY=\(SpecServer.key)",
        "REFOLD_ACCOUNT=demo-user-1",
      ]
    }
    try terminal.start(
      ["/bin/sh", "-c", "exec \(play.setting("command") ?? "refold repl")"],
      environment: environment, in: folder.path)
  }

  func stop() { server?.stop() }

  func write(_ name: String, _ text: String) throws {
    let url = URL(fileURLWithPath: folder.file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: url, atomically: true, encoding: .utf8)
  }

  /// What is seen, with what differs from run to run replaced.
  var text: String { SpecRunner.normal(screen.text, folder.path, server?.url) }

  var renditions: [String] { screen.renditions }

  /// What is seen.
  var plainText: String { screen.text }

  /// Reads until the screen shows a text, at most so many seconds.
  func wait(for expected: String) { wait { $0 == expected } }

  func wait(until isReached: (String) -> Bool) {
    let end = ContinuousClock.now + .seconds(20)
    while !isReached(text), ContinuousClock.now < end { read(within: .milliseconds(100)) }
  }

  /// Reads until nothing has been drawn for a while.
  func settle() {
    while read(within: .milliseconds(900)) {}
  }

  @discardableResult
  private func read(within duration: Duration) -> Bool {
    let bytes = terminal.read(within: duration)
    screen.draw(bytes)
    output += bytes
    return !bytes.isEmpty
  }

  func exitStatus() -> Int32 {
    while read(within: .seconds(5)) {}
    return terminal.exitStatus()
  }

  /// Presses keys: text as it is, and names between angle brackets.
  func press(_ keys: String) throws {
    var rest = keys[...]
    while let open = rest.firstIndex(of: "<") {
      try type(rest[..<open])
      guard let close = rest[open...].firstIndex(of: ">"),
        let bytes = try special(String(rest[rest.index(after: open)..<close]))
      else {
        try type("<")
        rest = rest[rest.index(after: open)...]
        continue
      }
      try terminal.controller.writeAll(bytes)
      rest = rest[rest.index(after: close)...]
    }
    try type(rest)
  }

  func type(_ text: some StringProtocol) throws {
    try terminal.controller.writeAll(Array(text.utf8))
  }

  private func special(_ name: String) throws -> [UInt8]? {
    if name.hasPrefix("resize ") {
      let size = name.dropFirst(7).split(separator: "x").compactMap { Int($0) }
      terminal.resize(columns: size[0], rows: size[1])
      screen.resize(columns: size[0], rows: size[1])
      return []
    }
    if name.hasPrefix("C-"), let letter = name.utf8.last { return [letter & 0x1F] }
    if name.hasPrefix("byte "), let byte = UInt8(name.dropFirst(5), radix: 16) { return [byte] }
    let sequences = [
      "Enter": "\r", "Tab": "\t", "Esc": "\u{1B}", "Up": "\u{1B}[A", "Down": "\u{1B}[B",
      "Left": "\u{1B}[D", "Right": "\u{1B}[C", "Home": "\u{1B}[H", "End": "\u{1B}[F",
      "Backspace": "\u{7F}", "paste": "\u{1B}[200~", "/paste": "\u{1B}[201~",
    ]
    return sequences[name].map { Array($0.utf8) }
  }
}

extension ScreenPlay.Step {
  var isFile: Bool {
    if case .file = self { return true }
    return false
  }
}
