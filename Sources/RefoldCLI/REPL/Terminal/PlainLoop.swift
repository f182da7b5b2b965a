import Lua
import Posix
import RefoldRuntime

/// Reads entries line by line: from a pipe, or from a terminal that can do no more.
struct PlainLoop {
  let workbench: Workbench
  /// Shown before each line, for a person; nil in a pipe.
  var prompt: (() -> String)?
  /// A line may have no more bytes than that.
  private static let longestLine = 16 << 20

  /// Takes entries until the end of the input; in a pipe the first failure ends it.
  ///
  /// - Returns: The exit code: that of the first failure.
  func run() throws -> Int32 {
    var input = LineInput(limit: Self.longestLine)
    var entry = ""
    while true {
      if let prompt {
        workbench.reloadChanged()
        if !workbench.hasEnded { ask(entry.isEmpty ? prompt() : "... ") }
      }
      switch input.next(stopsAtSignal: prompt != nil) {
      case .interrupted:
        workbench.session.forgetStop()
        entry = ""
        workbench.console.note("")
      case .tooLong:
        entry = ""
        let status = try workbench.report(
          CommandError(
            code: "line_too_long", message: "a line has more than \(Self.longestLine) bytes",
            hint: "put data into a file, and read it in a script"))
        if prompt == nil { return status }
      case .line(let line):
        entry += entry.isEmpty ? line : "\n" + line
        guard workbench.isComplete(entry) else { continue }
        let text = entry
        entry = ""
        let status = try workbench.enter(text)
        if prompt != nil { workbench.history.add(text) }
        if workbench.hasEnded || (status != 0 && prompt == nil) { return status }
      case .end:
        if prompt != nil { workbench.console.note("") }
        return entry.isEmpty ? 0 : try workbench.enter(entry)
      }
    }
  }

  private func ask(_ text: String) {
    try? Descriptor.standardOutput.writeAll(Array(text.utf8))
  }
}

/// Lines of standard input.
struct LineInput {
  enum Item {
    case line(String)
    case end
    case interrupted
    case tooLong
  }

  private var bytes: [UInt8] = []
  private var start = 0
  private var hasEnded = false
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  mutating func next(stopsAtSignal: Bool) -> Item {
    var searched = start
    while true {
      if let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: bytes[start..<end], as: UTF8.self)
        start = end + 1
        return .line(line.hasSuffix("\r") ? String(line.dropLast()) : line)
      }
      bytes.removeFirst(start)
      start = 0
      if hasEnded {
        defer { bytes = [] }
        return bytes.isEmpty ? .end : .line(String(decoding: bytes, as: UTF8.self))
      }
      if bytes.count > limit { return skip() }
      searched = bytes.count
      if stopsAtSignal {
        while !Descriptor.standardInput.isReadable(within: .milliseconds(500)) {
          if StopSignal.hasArrived { return .interrupted }
        }
      }
      let chunk = (try? Descriptor.standardInput.read(upTo: 1 << 16)) ?? []
      hasEnded = chunk.isEmpty
      bytes += chunk
    }
  }

  /// Drops the rest of a line that is too long.
  private mutating func skip() -> Item {
    bytes = []
    while let chunk = try? Descriptor.standardInput.read(upTo: 1 << 16), !chunk.isEmpty {
      guard let end = chunk.firstIndex(of: UInt8(ascii: "\n")) else { continue }
      bytes = Array(chunk[(end + 1)...])
      break
    }
    return .tooLong
  }
}
