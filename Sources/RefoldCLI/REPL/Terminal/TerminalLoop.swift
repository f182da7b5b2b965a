import LineEditing
import Lua
import Posix
import RefoldRuntime

/// The prompt of a terminal.
final class TerminalLoop {
  private let workbench: Workbench
  private var editor: LineEditor
  private var decoder = KeyDecoder()
  /// Keys that were pressed before the prompt was there.
  private var keys: [Key] = []
  private let input = Descriptor.standardInput

  init(_ workbench: Workbench) {
    self.workbench = workbench
    editor = LineEditor(
      prompt: Prompt("", plain: ""), history: InputHistory(workbench.history.entries))
  }

  /// Takes entries until the person leaves.
  func run(isDumb: Bool) throws -> Int32 {
    let console = workbench.console
    if let problem = workbench.history.problem { console.note(problem) }
    guard !isDumb, let cooked = TerminalMode(of: input) else {
      workbench.confirm = { question in
        self.write(question)
        guard let answer = try? self.input.read(upTo: 1 << 10) else { return false }
        return Self.isYes(String(decoding: answer, as: UTF8.self))
      }
      return try PlainLoop(workbench: workbench) { [workbench] in
        ReplPrompt(workbench).plain
      }.run()
    }
    Signals.noticeResizes()
    workbench.confirm = { self.confirm($0, cooked) }
    defer { cooked.apply(to: input) }
    workbench.clearScreen = { self.write("\u{1B}[H\u{1B}[2J") }
    console.note("':help' lists the commands, Tab completes, Ctrl-D leaves")
    while !workbench.hasEnded {
      workbench.reloadChanged()
      switch readEntry(cooked) {
      case .entered(let text):
        let isKept = !text.allSatisfy(\.isWhitespace)
        if isKept, console.redact(text) == text { editor.history.add(text) }
        if isKept { workbench.history.add(text) }
        let status = try workbench.enter(text)
        if status == 130 { keys = [] }
      case .interrupted: break
      case .suspended:
        cooked.apply(to: input)
        ThisProcess.suspend()
      case .ended: return 0
      }
    }
    return 0
  }

  // MARK: - One entry

  private func readEntry(_ cooked: TerminalMode) -> LineEditor.Event {
    cooked.keyByKey().apply(to: input)
    // Marks around what is pasted, so that a block is one entry.
    write("\u{1B}[?2004h")
    defer {
      write("\u{1B}[?2004l")
      // What is typed while a line runs is seen when the next prompt is there.
      cooked.unseen().apply(to: input)
    }
    workbench.session.forgetStop()
    measure()
    editor.prompt = ReplPrompt(workbench).prompt(columns: editor.size.columns)
    write(editor.drawAnew())
    while true {
      while !keys.isEmpty {
        let key = keys.removeFirst()
        let isQuiet = !keys.isEmpty || input.isReadable(within: .zero)
        let (output, event) = editor.handle(
          key, isQuiet: isQuiet, isComplete: workbench.isComplete,
          complete: { [workbench] text in workbench.completion(of: text) })
        // Once the entry is seen to be taken, Ctrl-C has to stop it.
        if event != nil { cooked.unseen().apply(to: input) }
        write(output)
        guard let event else { continue }
        if case .entered = event { takeEarlyInterrupt() }
        return event
      }
      guard readKeys() else { return .ended }
    }
  }

  /// Stops the entry when Ctrl-C came right behind it, as on a slow line: it is among the keys then, and no signal.
  private func takeEarlyInterrupt() {
    if input.isReadable(within: .zero), let bytes = try? input.read(upTo: 1 << 16) {
      keys += decoder.decode(bytes)
    }
    guard let interrupt = keys.firstIndex(of: .interrupt) else { return }
    keys.removeFirst(interrupt + 1)
    ThisProcess.interrupt()
  }

  /// Waits for keys; returns false when the terminal is gone.
  private func readKeys() -> Bool {
    let pause: Duration =
      decoder.isWaiting ? .milliseconds(50) : .milliseconds(workbench.isLookingUp ? 20 : 500)
    guard input.isReadable(within: pause) else {
      if StopSignal.hasArrived {
        workbench.session.forgetStop()
        keys.append(.interrupt)
      }
      if decoder.isWaiting { keys += decoder.flush() }
      if measure() {
        editor.prompt = ReplPrompt(workbench).prompt(columns: editor.size.columns)
        write(editor.redraw())
      }
      idle()
      return true
    }
    guard let bytes = try? input.read(upTo: 1 << 16), !bytes.isEmpty else { return false }
    keys += decoder.decode(bytes)
    return true
  }

  /// What happens while nobody types: answers of the network, files that changed.
  private func idle() {
    workbench.pollLookUps()
    let notices = workbench.session.reloadChanged()
    if !notices.isEmpty { write(editor.show(notices.map(\.text))) }
  }

  /// Asks the terminal for its size; returns whether it has changed.
  @discardableResult
  private func measure() -> Bool {
    let size = (
      columns: Descriptor.standardOutput.terminalColumns ?? 80,
      rows: Descriptor.standardOutput.terminalRows ?? 24
    )
    defer { editor.size = size }
    return size != editor.size
  }

  private func confirm(_ question: String, _ cooked: TerminalMode) -> Bool {
    // Only an answer to the question counts, not what was pasted behind the command.
    keys = []
    TerminalMode.discardInput(of: input)
    cooked.apply(to: input)
    defer { cooked.unseen().apply(to: input) }
    write(workbench.console.style(.failure, question))
    let answer = (try? input.read(upTo: 1 << 10)) ?? []
    return Self.isYes(String(decoding: answer, as: UTF8.self))
  }

  private static func isYes(_ answer: String) -> Bool {
    let word = answer.lowercased().filter { !$0.isWhitespace }
    return word == "y" || word == "yes"
  }

  private func write(_ text: String) {
    if text.isEmpty { return }
    // A terminal that is gone ends the loop at the next read.
    try? Descriptor.standardOutput.writeAll(Array(text.utf8))
  }
}
