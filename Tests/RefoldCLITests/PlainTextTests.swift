import Testing

@testable import RefoldCLI

@Suite struct PlainTextTests {
  @Test(arguments: [
    ("plain é 漢 \u{A0}", "plain é 漢 \u{A0}"), ("", ""), ("a\tb\nc", "a\tb\nc"),
    ("\u{1B}[2J\u{1B}[1A\u{8}\u{7F}", "\\x1b[2J\\x1b[1A\\x08\\x7f"), ("a\r\nb\rc\r", "a\nb\\rc\\r"),
    ("\u{9B}2J \u{0}", "\\u{9b}2J \\x00"), ("\u{1B}]0;title\u{7}", "\\x1b]0;title\\x07"),
    ("\u{1B}[1;31mred\u{1B}[0m!\u{1B}", "\u{1B}[1;31mred\u{1B}[0m!\\x1b"),
    ("\u{1B}[38:5:1mred", "\u{1B}[38:5:1mred\u{1B}[0m"),
    ("\u{1B}[1mb\u{1B}[m", "\u{1B}[1mb\u{1B}[m"),
    ("a\u{202E}b\u{2066}c – ’ \u{200F}", "a\\u{202e}b\\u{2066}c – ’ \u{200F}"),
    ("\u{1B}[", "\\x1b["), ("\u{1B}[31", "\\x1b[31"), ("\u{1B}[3xm", "\\x1b[3xm"),
  ])
  func `control characters are written out, but for line breaks, tabs and colours`(
    text: String, shown: String
  ) {
    #expect(PlainText.safe(text) == shown)
  }
}
