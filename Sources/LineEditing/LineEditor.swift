/// A line editor for a terminal: takes keys, and says what to write.
///
/// Knows no terminal and no clock. An entry may have several lines; Enter ends it when it is complete.
///
/// ```swift
/// var editor = LineEditor(prompt: Prompt("> ", plain: "> "))
/// editor.size = (80, 24)
/// terminal.write(editor.redraw())
/// let (output, event) = editor.handle(.character("x"), isComplete: { _ in true }, complete: { _ in Completion() })
/// ```
public struct LineEditor {
  /// What a key led to.
  public enum Event: Sendable, Equatable {
    /// An entry is complete.
    case entered(String)
    /// Ctrl-C: what was typed is gone.
    case interrupted
    /// Ctrl-D with nothing typed.
    case ended
    /// Ctrl-Z: the program is to stop until it is continued.
    case suspended
  }

  private struct Search {
    var query = ""
    var position: Int?
    var hasFailed = false
  }

  /// The columns and rows of the terminal.
  public var size: (columns: Int, rows: Int) = (80, 24)
  /// What stands before what is typed.
  public var prompt: Prompt
  /// What was typed before.
  public var history: InputHistory
  /// What is being typed.
  public private(set) var buffer = EditBuffer()
  private var painter = ScreenPainter()
  private var below: [String] = []
  private var search: Search?

  /// Makes an editor with nothing typed.
  public init(prompt: Prompt, history: InputHistory = InputHistory()) {
    self.prompt = prompt
    self.history = history
  }

  private var picture: ScreenPainter.Picture {
    guard let search else {
      return .init(
        prompt: prompt, characters: buffer.characters, cursor: buffer.cursor, below: below)
    }
    let label = search.hasFailed ? "(no entry with) " : "(search) "
    let text = "\(label)\(search.query): "
    return .init(
      prompt: Prompt(text, plain: text), characters: buffer.characters, cursor: buffer.cursor)
  }

  // MARK: - Drawing

  /// Draws everything again in its place.
  public mutating func redraw() -> String {
    painter.draw(picture, columns: size.columns, rows: size.rows)
  }

  /// Draws everything on a fresh line: the first time, or after something else was written.
  public mutating func drawAnew() -> String {
    painter.forget()
    return redraw()
  }

  /// Writes lines above the prompt while something is being typed.
  public mutating func show(_ lines: [String]) -> String {
    let erased = painter.erase()
    return erased + lines.map { $0 + "\r\n" }.joined() + redraw()
  }

  /// Begins the next entry with nothing typed.
  public mutating func reset() {
    buffer.set("")
    below = []
    search = nil
    history.reset()
    painter.forget()
  }

  // MARK: - Keys

  /// Takes a key.
  ///
  /// - Parameters:
  ///   - isComplete: Whether a text is an entry, or the beginning of one.
  ///   - complete: What the word at the end of a text can become.
  /// - Returns: What to write, which is empty while `isQuiet`, and what the key led to.
  public mutating func handle(
    _ key: Key, isQuiet: Bool = false, isComplete: (String) -> Bool,
    complete: (String) -> Completion
  ) -> (output: String, event: Event?) {
    below = []
    if search != nil, !handleSearch(key) { return (isQuiet ? "" : redraw(), nil) }
    var isRefused = false
    switch key {
    case .character(let character): isRefused = !buffer.insert(character)
    case .paste(let text): isRefused = !buffer.insert(text)
    case .enter:
      if isComplete(buffer.text) { return enter() }
      buffer.moveToEnd()
      buffer.insert("\n")
    case .newline: buffer.insert("\n")
    case .tab: isRefused = !self.complete(with: complete)
    case .interrupt:
      let output = painter.finish(picture, columns: size.columns, rows: size.rows)
      reset()
      return (output, .interrupted)
    case .endOfInput:
      guard buffer.isEmpty else {
        isRefused = !buffer.delete(.delete)
        break
      }
      return (painter.finish(picture, columns: size.columns, rows: size.rows), .ended)
    case .suspend: return (painter.erase(), .suspended)
    case .clearScreen: return ("\u{1B}[H\u{1B}[2J" + drawAnew(), nil)
    case .up, .olderEntry: isRefused = !moveUp(key)
    case .down, .newerEntry: isRefused = !moveDown(key)
    case .search: search = Search()
    case .yank: buffer.yank()
    case .transpose: buffer.transpose()
    case .backspace, .delete, .deleteWordBack, .deleteWordForward, .killToStart, .killToEnd:
      isRefused = !buffer.delete(key)
    case .left, .right, .home, .end, .wordLeft, .wordRight: isRefused = !buffer.move(key)
    case .escape, .cancel: break
    }
    let bell = isRefused ? "\u{07}" : ""
    return (isQuiet ? bell : redraw() + bell, nil)
  }

  private mutating func enter() -> (String, Event?) {
    let text = buffer.text
    let output = painter.finish(picture, columns: size.columns, rows: size.rows)
    reset()
    return (output, .entered(text))
  }

  private mutating func moveUp(_ key: Key) -> Bool {
    if key == .up, buffer.move(.up) { return true }
    guard let entry = history.older(than: buffer.text) else { return false }
    buffer.set(entry)
    return true
  }

  private mutating func moveDown(_ key: Key) -> Bool {
    if key == .down, buffer.move(.down) { return true }
    guard let entry = history.newer() else { return false }
    buffer.set(entry)
    return true
  }

  /// Completes the word before the cursor as far as that is certain, and lists what is possible.
  private mutating func complete(with complete: (String) -> Completion) -> Bool {
    let completion = complete(buffer.textBeforeCursor)
    guard !completion.candidates.isEmpty else {
      if let message = completion.message { below = [message] }
      return completion.message != nil
    }
    let start = max(0, buffer.cursor - completion.replaced)
    let word = String(buffer.characters[start..<buffer.cursor])
    let prefix = completion.commonPrefix
    if prefix != word, prefix.count >= word.count { buffer.replace(from: start, with: prefix) }
    if completion.candidates.count > 1 {
      below = completion.lines(columns: size.columns, limit: max(1, min(12, size.rows - 2)))
    }
    return true
  }

  // MARK: - Search

  /// Takes a key while the history is searched; returns whether it has to be handled as usual.
  private mutating func handleSearch(_ key: Key) -> Bool {
    guard var search else { return true }
    switch key {
    case .character(let character):
      search.query.append(character)
      search.position = search.position.map { $0 + 1 }
    case .paste(let text): search.query += text
    case .backspace:
      if search.query.isEmpty { break }
      search.query.removeLast()
      search.position = nil
    case .search: break
    case .escape, .cancel, .interrupt:
      self.search = nil
      buffer.set("")
      return false
    default:
      self.search = nil
      return true
    }
    if search.query.isEmpty {
      search.hasFailed = false
    } else if let found = history.search(search.query, before: search.position) {
      search.position = found.position
      search.hasFailed = false
      buffer.set(found.entry)
    } else {
      search.hasFailed = true
    }
    self.search = search
    return false
  }
}
