import CLuaShim

/// What stops a decode; the message is made from it at the end.
struct JSONFault {
  enum Problem {
    case expected(StaticString)
    case byteOrderMark
    case openText
    case trailing
    case control
    case escape
    case codeUnit
    case surrogate
    case utf8
    case leadingZero
    case numberTooLarge
    case depth
    case memory
    case stopped
  }

  let problem: Problem
  /// The offset in the text.
  let offset: Int

  /// Makes the fault that C found; nil when it found none.
  init?(_ fault: rl_json_fault) {
    guard fault.problem != Int32(RL_JSON_OK) else { return nil }
    offset = Int(fault.offset)
    problem =
      switch Int(fault.problem) {
      case RL_JSON_STOPPED: .stopped
      case RL_JSON_DEPTH: .depth
      case RL_JSON_BYTE_ORDER_MARK: .byteOrderMark
      case RL_JSON_EXPECTED_VALUE: .expected("a value")
      case RL_JSON_EXPECTED_KEY: .expected("a key in double quotes")
      case RL_JSON_EXPECTED_COLON: .expected("':' after the key")
      case RL_JSON_EXPECTED_MEMBER: .expected("',' or '}'")
      case RL_JSON_EXPECTED_ELEMENT: .expected("',' or ']'")
      case RL_JSON_EXPECTED_DIGIT: .expected("a digit")
      case RL_JSON_OPEN_TEXT: .openText
      case RL_JSON_TRAILING: .trailing
      case RL_JSON_CONTROL: .control
      case RL_JSON_ESCAPE: .escape
      case RL_JSON_CODE_UNIT: .codeUnit
      case RL_JSON_SURROGATE: .surrogate
      case RL_JSON_UTF8: .utf8
      case RL_JSON_LEADING_ZERO: .leadingZero
      case RL_JSON_NUMBER_TOO_LARGE: .numberTooLarge
      default: .memory
      }
  }
}

extension JSONFault {
  /// Makes the error that users see.
  ///
  /// Costs time in proportion to the offset.
  func error(in input: JSONInput, maximumDepth: Int) -> JSONError {
    let code: JSONError.Code
    switch problem {
    case .memory: return .memory
    case .stopped: return .stopped
    case .depth: code = .depth
    case .numberTooLarge: code = .number
    case .utf8, .byteOrderMark, .surrogate: code = .encoding
    default: code = .syntax
    }
    let offset = min(offset, input.count)
    let (line, column) = input.place(of: offset)
    return JSONError(
      code, describe(in: input, maximumDepth: maximumDepth),
      position: JSONError.Position(line: line, column: column, byte: offset))
  }

  private func describe(in input: JSONInput, maximumDepth: Int) -> String {
    let byte = hex(input[offset])
    return switch problem {
    case .expected(let what): "expected \(what), found \(found(in: input))"
    case .byteOrderMark: "a byte order mark is not part of JSON; save the text without one"
    case .openText: "the string that begins here does not end"
    case .trailing: "unexpected text after the value"
    case .control: "the control character 0x\(byte) in a string must be escaped"
    case .escape: "unknown escape '\\\(excerpt(input, offset + 1, 1))' in a string"
    case .codeUnit: "expected four hexadecimal digits after '\\u'"
    case .surrogate: "'\(excerpt(input, offset, 6))' is half of a surrogate pair"
    case .utf8: "the text is not UTF-8"
    case .leadingZero: "a number must not start with a zero"
    case .numberTooLarge: "the number '\(numberExcerpt(input))' is too large for a double"
    case .depth: "nested deeper than \(maximumDepth) levels"
    case .memory, .stopped: ""
    }
  }

  private func found(in input: JSONInput) -> String {
    if offset >= input.count { return "the end" }
    let byte = input[offset]
    return (0x20..<0x7F).contains(byte)
      ? "'\(excerpt(input, offset, 1))'" : "the byte 0x\(hex(byte))"
  }

  private func numberExcerpt(_ input: JSONInput) -> String {
    var end = offset
    while end < input.count,
      input[end] == UInt8(ascii: "+") || input[end] == UInt8(ascii: "-")
        || input[end] == UInt8(ascii: ".") || input[end] | 0x20 == UInt8(ascii: "e")
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(input[end])
    {
      end += 1
    }
    return end - offset <= 20
      ? excerpt(input, offset, end - offset) : excerpt(input, offset, 17) + "…"
  }

  /// The printable ASCII of a few bytes; what else is there shows as `?`.
  private func excerpt(_ input: JSONInput, _ offset: Int, _ length: Int) -> String {
    var text = ""
    for index in offset..<max(offset, min(offset + length, input.count)) {
      let byte = input[index]
      text.unicodeScalars.append((0x20..<0x7F).contains(byte) ? Unicode.Scalar(byte) : "?")
    }
    return text
  }
}

/// Two hexadecimal digits.
private func hex(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return digits.count == 1 ? "0" + digits : digits
}

extension JSONInput {
  /// Returns the line and the character in the line of an offset, both counted from 1.
  func place(of offset: Int) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    for index in 0..<offset {
      if self[index] == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if self[index] & 0xC0 != 0x80 {
        column += 1
      }
    }
    return (line, column)
  }
}
