import LineEditing
import RefoldTesting
import Testing

/// An editor in front of a screen; entries end where `end` does not follow `do`.
private struct Desk {
  var editor = LineEditor(
    prompt: Prompt("> ", plain: "> "), history: InputHistory(["old", "older"]))
  var screen: TerminalScreen
  var events: [LineEditor.Event] = []
  var candidates: [Completion.Candidate] = []

  init(columns: Int = 20, rows: Int = 6) {
    editor.size = (columns, rows)
    screen = TerminalScreen(columns: columns, rows: rows)
    screen.draw(Array(editor.drawAnew().utf8))
  }

  mutating func press(_ keys: Key...) {
    for key in keys {
      let (output, event) = editor.handle(
        key, isComplete: { !$0.hasPrefix("do") || $0.hasSuffix("end") },
        complete: { [candidates] text in
          let word = text.split(separator: " ").last ?? ""
          return Completion(
            replaced: word.count, candidates: candidates.filter { $0.text.hasPrefix(word) })
        })
      screen.draw(Array(output.utf8))
      if let event { events.append(event) }
    }
  }

  mutating func type(_ text: String) {
    for character in text { press(.character(character)) }
  }
}

@Test func `text is put in where the cursor is`() {
  var desk = Desk()
  desk.type("größe")
  desk.press(.left, .left, .character("日"), .home, .delete, .end, .backspace)
  #expect(desk.screen.text == "> rö日ß\n")
  #expect(desk.screen.cursor.column == 7)
}

@Test func `a line longer than the terminal goes on in the next row`() {
  var desk = Desk(columns: 10, rows: 4)
  desk.type("0123456789abcdefghijkl")
  #expect(desk.screen.text == "> 01234567\n89abcdefgh\nijkl\n")
  desk.press(.home)
  #expect(desk.screen.cursor == (0, 2))
  desk.press(.killToEnd)
  #expect(desk.screen.text == ">\n")
}

@Test func `a row that is exactly full leaves the cursor in the next`() {
  var desk = Desk(columns: 10)
  desk.type("01234567")
  #expect(desk.screen.cursor == (1, 0))
  desk.press(.enter)
  #expect(desk.events == [.entered("01234567")])
}

@Test func `an entry of several lines is edited as one`() {
  var desk = Desk()
  desk.type("do")
  desk.press(.enter)
  desk.type("x")
  desk.press(.enter)
  desk.type("end")
  desk.press(.up, .character("y"))
  #expect(desk.screen.text == "> do\n... xy\n... end\n")
  desk.press(.enter)
  #expect(desk.events == [.entered("do\nxy\nend")])
}

@Test func `more lines than the screen has are shown around the cursor`() {
  var desk = Desk(columns: 20, rows: 3)
  desk.press(.paste("do\na\nb\nc\nd"))
  #expect(desk.screen.text == "... b\n... c\n... d\n")
  desk.press(.up, .up, .up, .up)
  #expect(desk.screen.text == "> do\n... a\n... b\n")
}

@Test func `the history comes back, and the draft after it`() {
  var desk = Desk()
  desk.type("dra")
  desk.press(.up, .up, .up)
  #expect(desk.screen.text == "> old\n")
  desk.press(.down, .down)
  #expect(desk.screen.text == "> dra\n")
}

@Test func `one candidate is taken, several are listed`() {
  var desk = Desk()
  desk.candidates = ["print", "pairs", "pcall"].map { .init($0) }
  desk.type("pr")
  desk.press(.tab)
  #expect(desk.screen.text == "> print\n")
  desk.press(.deleteWordBack, .character("p"), .tab)
  #expect(desk.screen.text == "> p\nprint  pcall\npairs\n")
  desk.press(.character("a"))
  #expect(desk.screen.text == "> pa\n")
}

@Test func `Ctrl-C drops what is typed, Ctrl-D leaves when nothing is`() {
  var desk = Desk()
  desk.type("abc")
  desk.press(.home, .endOfInput, .interrupt, .endOfInput)
  #expect(desk.events == [.interrupted, .ended])
}

@Test func `lines are shown above what is being typed`() {
  var desk = Desk()
  desk.type("abc")
  desk.screen.draw(Array(desk.editor.show(["a notice"]).utf8))
  #expect(desk.screen.text == "a notice\n> abc\n")
}
