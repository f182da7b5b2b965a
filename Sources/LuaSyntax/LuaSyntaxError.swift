/// Why a text is not Lua 5.4.
package struct LuaSyntaxError: Error, Sendable, Equatable {
  /// What is wrong, in the words of the Lua compiler: `'end' expected near <eof>`.
  package var message: String
  /// The line that the Lua compiler names.
  package var line: Int
  /// Where the word stands at which the compiler gave up, in bytes.
  package var offset: Int

  /// Makes an error.
  package init(message: String, line: Int, offset: Int) {
    self.message = message
    self.line = line
    self.offset = offset
  }
}
