import LineEditing
import Testing

private func keys(_ chunks: [UInt8]...) -> [Key] {
  var decoder = KeyDecoder(pasteLimit: 16)
  return chunks.flatMap { decoder.decode($0) } + decoder.flush()
}

@Test(
  arguments: [
    ("a\r", [.character("a"), .enter]), ("\u{1B}[A\u{1B}OB", [.up, .down]),
    ("\u{1B}[1;5C\u{1B}b", [.wordRight, .wordLeft]), ("\u{1B}[3~\u{7F}", [.delete, .backspace]),
    ("\u{1B}", [.escape]), ("\u{1B}[99;99R", []),
    ("\u{01}\u{05}\u{0B}\u{12}", [.home, .end, .killToEnd, .search]),
    ("日", [.character("日")]), ("\u{202E}x", [.character("x")]),
  ] as [(String, [Key])])
func `bytes become keys`(text: String, expected: [Key]) {
  #expect(keys(Array(text.utf8)) == expected)
}

@Test func `keys may come byte by byte`() {
  let bytes = Array("\u{1B}[200~a\tb\r\nc\u{1B}[201~é\u{1B}[D".utf8)
  var decoder = KeyDecoder()
  let all = bytes.flatMap { decoder.decode([$0]) }
  #expect(all == [.paste("a  b\nc"), .character("é"), .left])
}

@Test func `bytes that are no text are seen, and nothing crashes`() {
  #expect(keys([0xFF, 0x61]) == [.character("\u{FFFD}"), .character("a")])
  #expect(
    keys([0xE2, 0x82], [0x61]) == [.character("\u{FFFD}"), .character("\u{FFFD}"), .character("a")])
  #expect(keys([0x00, 0x1C]) == [])
  var random = SystemRandomNumberGenerator()
  for _ in 0..<2000 {
    var decoder = KeyDecoder()
    let bytes = (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }
    _ = decoder.decode(bytes) + decoder.flush()
  }
}

@Test func `a paste is taken up to its limit`() {
  let text = String(repeating: "x", count: 40)
  #expect(keys(Array("\u{1B}[200~\(text)\u{1B}[201~".utf8)) == [.paste(String(text.prefix(16)))])
}
