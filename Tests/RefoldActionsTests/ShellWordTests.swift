import RefoldActions
import Testing

/// Texts as words of a command line.
@Suite struct ShellWordTests {
  @Test(arguments: [
    ("welcome:ada@example.com", "welcome:ada@example.com"), ("", "''"), ("a b", "'a b'"),
    ("it's", #"'it'\''s'"#), ("$HOME", "'$HOME'"), ("Zoë", "Zoë"), ("~", "'~'"),
  ]) func quoted(text: String, word: String) {
    #expect(ShellWord.of(text) == word)
  }
}
