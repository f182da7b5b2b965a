import RefoldActions

/// A linked account as the API shows it.
struct LinkedAccount: Equatable {
  /// The id that the caller chose.
  var id: String
  var name: String
  /// The user-defined fields as the JSON text of an array of `{ key_name, key_value }`.
  var fields: String
  var createdAt: String
  var updatedAt: String

  /// The organisation that every account of the sandbox belongs to.
  private static let organisation = "64f0a1b2c3d4e5f6000000ff"

  /// The JSON text of the account.
  ///
  /// - Parameters:
  ///   - integrations: The JSON text of the connected apps; `null` right after the account was made.
  ///   - isNew: Whether an upsert made the account; nil leaves that out.
  func json(integrations: String, isNew: Bool? = nil) -> String {
    var members: [(name: String, value: String)] = [
      ("_id", JSONText.quoted(objectID)),
      ("associated_org", JSONText.quoted(Self.organisation)),
      ("account_id", JSONText.quoted(id)),
      ("name", JSONText.quoted(name)),
      ("environment", JSONText.quoted("test")),
      ("udf", fields),
      ("integrations", integrations),
      ("createdAt", JSONText.quoted(createdAt)),
      ("updatedAt", JSONText.quoted(updatedAt)),
    ]
    if let isNew { members.append(("new_account", String(isNew))) }
    return JSONText.object(members)
  }

  /// 24 hexadecimal digits made from the id alone, so that they stay the same: FNV-1a, 64 bits, behind a fixed part.
  private var objectID: String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let digits = String(hash, radix: 16)
    return "65a00000" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// What a client sends to create an account or to change it.
struct LinkedAccountBody: Equatable {
  var id: String?
  var name: String?
  /// The user-defined fields, nil when none were sent.
  var fields: [Field]?
  /// Whether `your_app` was sent without a single credential.
  var hasEmptyApp = false

  struct Field: Equatable {
    var name: String
    var value: String
  }

  /// Reads the body; members under `payload` win over the flat ones.
  ///
  /// - Throws: `Problem` with the words for the client.
  init(_ body: [UInt8]) throws(Problem) {
    do throws(JSONScanError) {
      var scanner = JSONScanner(body)
      var payload: [UInt8]?
      let isObject = try scanner.members { (key, scanner) throws(JSONScanError) in
        guard key == "payload" else { return try read(key, &scanner) }
        let start = scanner.offset
        try scanner.skipValue()
        payload = Array(body[start..<scanner.offset])
      }
      try scanner.finish()
      guard isObject else { throw JSONScanError(message: "an object is needed", offset: 0) }
      if let payload {
        var inner = JSONScanner(payload)
        try inner.members { (key, scanner) throws(JSONScanError) in try read(key, &scanner) }
      }
    } catch {
      throw Problem(message: "the body is not a JSON object: \(error.message)")
    }
  }

  /// Why a body is refused.
  struct Problem: Error, Equatable {
    var message: String
  }

  private mutating func read(
    _ key: String, _ scanner: inout JSONScanner
  ) throws(JSONScanError) {
    switch key {
    case "account_id", "linked_account_id": id = try scanner.string() ?? id
    case "name": name = try scanner.string() ?? name
    case "udf":
      var fields: [Field] = []
      try scanner.members { (key, scanner) throws(JSONScanError) in
        if let value = try scanner.scalarText() { fields.append(Field(name: key, value: value)) }
      }
      self.fields = fields
    case "your_app":
      var hasMembers = false
      let isObject = try scanner.members { (_, _) throws(JSONScanError) in hasMembers = true }
      hasEmptyApp = isObject && !hasMembers
    default: break
    }
  }

  /// The fields as the API gives them back: an object goes in, an array comes out.
  static func json(_ fields: [Field]) -> String {
    JSONText.array(
      fields.map { field in
        JSONText.object([
          "key_name": JSONText.quoted(field.name), "key_value": JSONText.quoted(field.value),
        ])
      })
  }
}
