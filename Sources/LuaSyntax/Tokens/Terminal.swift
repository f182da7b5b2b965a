/// What the parser tells apart: keywords, symbols, and the kinds of words that carry a value.
enum Terminal: String {
  case and, `break`, `do`, `else`, elseif, end, `false`, `for`, function, goto, `if`, `in`, local
  case `nil`, not, or, `repeat`, `return`, then, `true`, until, `while`
  case integerDivide = "//"
  case concatenate = ".."
  case dots = "..."
  case equal = "=="
  case greaterOrEqual = ">="
  case lessOrEqual = "<="
  case notEqual = "~="
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case doubleColon = "::"
  case plus = "+"
  case minus = "-"
  case times = "*"
  case divide = "/"
  case modulo = "%"
  case power = "^"
  case length = "#"
  case bitAnd = "&"
  case tilde = "~"
  case bitOr = "|"
  case less = "<"
  case greater = ">"
  case assign = "="
  case openParenthesis = "("
  case closeParenthesis = ")"
  case openBrace = "{"
  case closeBrace = "}"
  case openBracket = "["
  case closeBracket = "]"
  case semicolon = ";"
  case colon = ":"
  case comma = ","
  case dot = "."
  case endOfFile = "<eof>"
  case name = "<name>"
  case string = "<string>"
  case integer = "<integer>"
  case float = "<number>"
  /// A byte that stands in no Lua source.
  case other = ""

  /// How messages write it when it is expected: `'end'`, `<name>`.
  var expectedText: String {
    switch self {
    case .endOfFile, .name, .string, .integer, .float: rawValue
    default: "'\(rawValue)'"
    }
  }
}

/// A word as the parser takes it.
struct Token {
  var terminal: Terminal
  var range: Range<Int>
  /// The line in which it ends.
  var line: Int
  /// The bytes of a string, with escapes resolved.
  var bytes: [UInt8] = []
  /// The value of a whole number.
  var integer: Int64 = 0
  /// The value of another number.
  var float: Double = 0
}
