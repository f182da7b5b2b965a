import Lua
import Measuring
import Posix

/// How long a key takes to be seen at the prompt, with a large result as the last value.
enum ReplBenchmarks {
  struct Silent: Error, CustomStringConvertible {
    let wanted: String
    let seen: String
    var description: String { "the prompt does not show '\(wanted)', but '\(seen.suffix(200))'" }
  }

  static func run(_ folder: BenchmarkFolder) throws {
    print("\nThe prompt, from a key to the screen, with a result of 1 MB in '_'")
    let terminal = try PseudoTerminal(columns: 100, rows: 40)
    let working = try Folders.working()
    try terminal.start(
      [folder.refold, "repl", "--no-history", "--color=never"],
      environment: [
        "HOME=\(working)", "TERM=xterm", "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin",
      ], in: working)
    _ = try wait(for: "sandbox> ", on: terminal)
    let value = """
      (function() local t = {} for i = 1, 5000 do t[i] = { id = i, name = ("x"):rep(200) } end return t end)()\r
      """
    try terminal.controller.writeAll(Array(value.utf8))
    let seen = try wait(for: "5000 records", on: terminal)
    let isPromptThere = seen.split(separator: "5000 records").last?.contains("sandbox> ") == true
    if !isPromptThere { _ = try wait(for: "sandbox> ", on: terminal) }
    var times: [Double] = []
    for index in 0..<400 {
      let letter = String(Unicode.Scalar(UInt8(ascii: "a") + UInt8(index % 26)))
      times.append(try milliseconds(letter, on: terminal))
      if index % 60 == 59 {
        try terminal.controller.writeAll([0x15])
        _ = try wait(for: "sandbox> ", on: terminal)
      }
    }
    report("a letter", times)
    try terminal.controller.writeAll([0x15])
    _ = try wait(for: "sandbox> ", on: terminal)
    try terminal.controller.writeAll(Array("_[4711].".utf8))
    _ = try wait(for: "[4711].", on: terminal)
    let tabs = try (0..<20).map { _ in try milliseconds("\t", "name", on: terminal) }
    report("Tab behind '_[4711].'", tabs)
  }

  private static func report(_ name: String, _ times: [Double]) {
    let sorted = times.sorted()
    let (median, worst) = (sorted[sorted.count / 2], sorted[sorted.count * 99 / 100])
    Figure(
      name: name, value: "\(median.hundredths) ms, 99 % within \(worst.hundredths) ms",
      target: "≤ 20 ms", isReached: worst <= 20
    ).print()
  }

  private static func milliseconds(
    _ key: String, _ shown: String? = nil, on terminal: PseudoTerminal
  ) throws -> Double {
    let start = LuaState.monotonicNanoseconds
    try terminal.controller.writeAll(Array(key.utf8))
    _ = try wait(for: shown ?? key, on: terminal)
    return Double(LuaState.monotonicNanoseconds - start) / 1e6
  }

  /// Reads until a text was drawn.
  private static func wait(for text: String, on terminal: PseudoTerminal) throws -> String {
    var seen = ""
    while !seen.contains(text) {
      let bytes = terminal.read(within: .seconds(10))
      if bytes.isEmpty { throw Silent(wanted: text, seen: seen) }
      seen += String(decoding: bytes, as: UTF8.self)
    }
    return seen
  }
}
