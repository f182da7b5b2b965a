// How a call stands in a recording: a line of JSON with sorted names.

extension RecordedCall {
  /// The line, as `{ type: "call"|"lookup", call, account, app?, action?, params?, effect?, at?, answered?, answer | error }`.
  var tree: JSONTree {
    let isLookUp = identity.isLookUp
    var (reply, failure): (JSONTree?, JSONTree?)
    switch answer {
    case .reply(let status, let contentType, let body):
      reply = .of([
        "status": .number(String(status)), "content_type": contentType.map { .string($0) },
        body.name: body.tree,
      ])
    case .failure(let error): failure = Self.tree(of: error)
    case .givenUp: failure = .of(["kind": .string("given_up")])
    }
    return .of([
      "type": .string(isLookUp ? "lookup" : "call"), "call": .string(identity.operation),
      "account": identity.account.isEmpty ? nil : .string(identity.account),
      "app": identity.app.map { .string($0) }, "action": identity.action.map { .string($0) },
      "page": identity.page.map { .number(String($0)) },
      "params": isLookUp ? nil : identity.params,
      "effect": isLookUp ? nil : .string(effect.rawValue),
      "at": path.isEmpty ? nil : .string(path.map(String.init).joined(separator: ".")),
      "answered": answered == 0 ? nil : .number(String(answered)),
      "answer": reply, "error": failure,
    ])
  }

  private static func tree(of error: ActionError) -> JSONTree {
    .of([
      "kind": .string(error.kind.rawValue), "code": .string(error.code),
      "message": .string(error.message), "hint": error.hint.map { .string($0) },
      "status": error.status.map { .number(String($0)) },
      "retryable": error.retryable ? .bool(true) : nil,
      "retry_after_ms": error.retryAfter.map { .number(String($0.wholeMilliseconds)) },
    ])
  }

  /// Reads what ``tree`` wrote.
  init(_ tree: JSONTree) throws(RecordingProblem) {
    guard let operation = tree["call"]?.string,
      ["execute", "accounts", "apps", "app", "config", "actions", "schema"].contains(operation)
    else { throw RecordingProblem("'call' names no operation") }
    identity = CallIdentity(operation: operation, account: tree["account"]?.string ?? "")
    identity.app = tree["app"]?.string
    identity.action = tree["action"]?.string
    identity.page = tree["page"]?.integer.map { Int(clamping: $0) }
    if !identity.isLookUp {
      guard identity.app != nil, identity.action != nil, let params = tree["params"] else {
        throw RecordingProblem("a call needs 'app', 'action' and 'params'")
      }
      identity.params = params
    }
    effect = tree["effect"]?.string == "write" ? .write : .read
    path = (tree["at"]?.string ?? "").split(separator: ".").compactMap { Int($0) }
    answered = tree["answered"]?.integer.map { Int(clamping: $0) } ?? 0
    if let reply = tree["answer"] {
      answer = try Self.reply(reply)
    } else if let error = tree["error"] {
      answer = try Self.failure(error, of: identity)
    } else {
      throw RecordingProblem("a call needs 'answer' or 'error'")
    }
  }

  private static func reply(_ tree: JSONTree) throws(RecordingProblem) -> Answer {
    guard let status = tree["status"]?.integer, (200..<300).contains(status) else {
      throw RecordingProblem("'answer' needs a 'status' from 200 to 299; failures are an 'error'")
    }
    let body: Body
    if let json = tree["body"] {
      body = .json(json)
    } else if let text = tree["text"]?.string {
      body = .text(text)
    } else if let digits = tree["bytes"]?.string, let bytes = Hexadecimal.bytes(digits) {
      body = .bytes(bytes)
    } else {
      throw RecordingProblem("'answer' needs a 'body'")
    }
    return .reply(
      status: Int(status), contentType: tree["content_type"]?.string, body: body)
  }

  private static func failure(
    _ tree: JSONTree, of identity: CallIdentity
  ) throws(RecordingProblem) -> Answer {
    if tree["kind"]?.string == "given_up" { return .givenUp }
    guard let kind = tree["kind"]?.string.flatMap(ActionError.Kind.init(rawValue:)),
      let code = tree["code"]?.string, let message = tree["message"]?.string
    else { throw RecordingProblem("'error' needs 'kind', 'code' and 'message'") }
    return .failure(
      ActionError(
        kind: kind, status: tree["status"]?.integer.map { Int(clamping: $0) }, code: code,
        message: message, hint: tree["hint"]?.string, app: identity.app, action: identity.action,
        account: identity.account, retryable: tree["retryable"] == .bool(true),
        retryAfter: tree["retry_after_ms"]?.integer.map { .milliseconds($0) }))
  }
}

extension RecordedCall.Body {
  /// Tells JSON from other text, and text from other bytes.
  init(_ bytes: [UInt8]) {
    if let tree = try? JSONTree(bytes) {
      self = .json(tree)
    } else if let text = String(validating: bytes, as: UTF8.self) {
      self = .text(text)
    } else {
      self = .bytes(bytes)
    }
  }

  /// The member of an answer that holds it.
  fileprivate var name: String {
    switch self {
    case .json: "body"
    case .text: "text"
    case .bytes: "bytes"
    }
  }

  fileprivate var tree: JSONTree {
    switch self {
    case .json(let tree): tree
    case .text(let text): .string(text)
    case .bytes(let bytes): .string(Hexadecimal.text(bytes))
    }
  }

  /// The bytes that a backend answers with.
  var bytes: [UInt8] {
    switch self {
    case .json(let tree): Array(tree.text.utf8)
    case .text(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    }
  }
}

/// What is wrong with one line of a recording.
struct RecordingProblem: Error {
  let text: String

  init(_ text: String) { self.text = text }
}

/// Bytes as pairs of digits.
enum Hexadecimal {
  static func text(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  static func bytes(_ text: String) -> [UInt8]? {
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}

extension Duration {
  var wholeMilliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
