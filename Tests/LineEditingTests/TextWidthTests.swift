import LineEditing
import Testing

@Test(arguments: [
  ("", 0), ("abc", 3), ("größe", 5), ("日本語", 6), ("e\u{301}", 1), ("👍", 2), ("a\u{200B}", 1),
])
func `a text takes as many columns as a terminal gives it`(text: String, columns: Int) {
  #expect(TextWidth.of(text) == columns)
}
