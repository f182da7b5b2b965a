import RefoldCheck
import Testing

/// What is said about a name that a failed run found nothing behind.
@Suite struct NilHintTests {
  @Test(arguments: [
    (
      "attempt to index a nil value (global 'list')", "list.map({})",
      "write 'local list = require(\"list\")' first"
    ),
    ("attempt to call a nil value (global 'pritn')", "pritn(1)", "did you mean 'print'?"),
    (
      "attempt to index a nil value (global 'io')", "io.open()",
      "scripts have no 'io'; see 'refold help scripts'"
    ),
    (
      "attempt to call a nil value (global 'test')", "test()",
      "it is there in a run of 'refold test'"
    ),
    (
      "attempt to call a nil value (field 'exce')", "refold.exce()", "did you mean 'refold.exec'?"
    ),
    (
      "attempt to call a nil value (field 'fliter')", "local l = require 'list' l.fliter()",
      "did you mean 'l.filter'?"
    ),
    (
      "attempt to call a nil value (field 'parse')",
      "local json <const> = require(\"json\") json.parse()",
      "'json' has array, copy, decode, encode, lines, null, object"
    ),
    (
      "attempt to call a table value (field 'log')", "refold.log()",
      "call one of its functions; 'refold.log' has debug, error, info, warn"
    ),
  ]) func meant(message: String, line: String, hint: String) {
    #expect(NilHint.of(message, lines: [line], line: 1) == hint)
  }

  @Test(arguments: [
    // A table of the script's own that is called like a module.
    ("attempt to call a nil value (field 'fliter')", "local list = {} list.fliter()"),
    ("attempt to call a nil value (field 'fliter')", "mylist = require('list') list.fliter()"),
    // Two owners in a line.
    ("attempt to call a nil value (field 'exce')", "refold.exce(contact.exce())"),
    ("attempt to call a nil value (field 'exce')", "f().exce()"),
    // A field that is there, which only this once was nil.
    ("attempt to call a nil value (field 'exec')", "refold.exec()"),
    ("attempt to index a nil value (local 'contact')", "contact.email = 1"),
    ("attempt to call a nil value (global 'zzzzzz')", "zzzzzz()"),
    ("attempt to compare number with nil", "x = 1 < nil"),
    ("attempt to call a nil value (field '?')", "t[1]()"),
    ("boom", "error('boom')"), ("", ""),
  ]) func saysNothing(message: String, line: String) {
    #expect(NilHint.of(message, lines: [line], line: 1) == nil)
  }

  @Test func sourceThatIsGone() {
    let field = "attempt to call a nil value (field 'exce')"
    #expect(NilHint.of(field, lines: [], line: 3) == nil)
    let global = "attempt to call a nil value (global 'pritn')"
    #expect(NilHint.of(global, lines: [], line: 3) == "did you mean 'print'?")
  }
}
