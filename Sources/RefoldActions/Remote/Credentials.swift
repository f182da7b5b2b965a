/// Where the API is and the key that opens it.
public struct Credentials: Sendable, Hashable {
  /// The address of the API.
  public var baseURL: BaseURL
  /// The organisation's API key.
  public var key: SecretString

  /// Creates credentials.
  ///
  /// - Throws: `CredentialsError` when a header cannot carry the key.
  public init(baseURL: BaseURL, key: String) throws(CredentialsError) {
    let key = key.trimmingSpaces()
    if key.isEmpty {
      throw CredentialsError(.missingKey, "the API key is empty", hint: Self.keyHint)
    }
    guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw CredentialsError(
        .invalidKey, "the API key holds a space or a character that no key holds",
        hint: "copy it again, without quotes or line breaks")
    }
    self.baseURL = baseURL
    self.key = SecretString(key)
  }

  /// Finds the credentials in the environment, or else in the credentials file.
  ///
  /// `REFOLD_API_KEY` outranks the file, which is then not even read, so that a key is never sent to the address
  /// that belongs to another. `REFOLD_BASE_URL` outranks the address in the file. `REFOLD_ALLOW_HTTP=1` allows
  /// plain HTTP to other machines.
  ///
  /// - Parameters:
  ///   - environment: The variables of the process.
  ///   - readFile: Returns the bytes of the file at a path, or nil when there is none; throws when it is not
  ///     private. Its error is passed on.
  /// - Throws: `CredentialsError`, or what `readFile` throws.
  public static func load(
    environment: [String: String], readFile: (_ path: String) throws -> [UInt8]?
  ) throws -> Credentials {
    let allowsPlainHTTP = environment["REFOLD_ALLOW_HTTP"] == "1"
    let baseURL = try nonEmpty(environment["REFOLD_BASE_URL"]).map {
      text throws(CredentialsError) in
      try BaseURL(text, allowsPlainHTTP: allowsPlainHTTP)
    }
    if let key = nonEmpty(environment["REFOLD_API_KEY"]) {
      return try Credentials(baseURL: baseURL ?? .standard, key: key)
    }
    let named = nonEmpty(environment["REFOLD_CREDENTIALS"])
    if let path = named ?? defaultPath(environment) {
      if let bytes = try readFile(path) {
        return try parse(bytes, path: path, baseURL: baseURL, allowsPlainHTTP: allowsPlainHTTP)
      }
      if named != nil {
        throw CredentialsError(
          .invalidFile, "no credentials file '\(path)'",
          hint: "create it, or unset REFOLD_CREDENTIALS")
      }
    }
    throw CredentialsError(.missingKey, "no API key", hint: keyHint)
  }

  /// Reads the text of a credentials file: `{ "api_key": "…", "base_url": "…" }`; the address may be left out.
  ///
  /// - Parameters:
  ///   - bytes: The text of the file, as JSON.
  ///   - path: Where it is, for messages.
  ///   - baseURL: The address to use instead of the one in the file.
  ///   - allowsPlainHTTP: Whether the key may travel unencrypted to another machine.
  /// - Throws: `CredentialsError`
  public static func parse(
    _ bytes: [UInt8], path: String, baseURL: BaseURL? = nil, allowsPlainHTTP: Bool = false
  ) throws(CredentialsError) -> Credentials {
    let fields = try CredentialsFile(bytes, path: path)
    guard let key = fields.key else {
      throw CredentialsError(
        .invalidFile, "no 'api_key' in '\(path)'", hint: CredentialsFile.formHint)
    }
    if let baseURL { return try Credentials(baseURL: baseURL, key: key) }
    guard let text = fields.baseURL else { return try Credentials(baseURL: .standard, key: key) }
    return try Credentials(
      baseURL: BaseURL(text, allowsPlainHTTP: allowsPlainHTTP), key: key)
  }

  static let keyHint =
    "set REFOLD_API_KEY to a key of your organisation, beginning with 'pk' or 'tk'"

  private static func nonEmpty(_ text: String?) -> String? {
    text.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Where the file is looked for: `refold/credentials.json` in the user's folder for configuration.
  private static func defaultPath(_ environment: [String: String]) -> String? {
    if let folder = nonEmpty(environment["XDG_CONFIG_HOME"]) {
      return "\(folder)/refold/credentials.json"
    }
    return nonEmpty(environment["HOME"]).map { "\($0)/.config/refold/credentials.json" }
  }
}

/// The fields of a credentials file.
private struct CredentialsFile {
  static let formHint = #"it holds { "api_key": "…", "base_url": "https://…" }"#

  var key: String?
  var baseURL: String?

  init(_ bytes: [UInt8], path: String) throws(CredentialsError) {
    var unknown: String?
    var (key, baseURL): (String?, String?)
    do throws(JSONScanError) {
      var scanner = JSONScanner(bytes)
      let isObject = try scanner.members { (name, scanner) throws(JSONScanError) in
        switch name {
        case "api_key": key = try scanner.string()
        case "base_url": baseURL = try scanner.string()
        default: unknown = unknown ?? name
        }
      }
      try scanner.finish()
      if !isObject { throw JSONScanError(message: "expected an object", offset: 0) }
    } catch {
      // The scanner's message may quote what it found, and that may be a part of the key.
      throw CredentialsError(
        .invalidFile, "'\(path)' does not hold a JSON object (see byte \(error.offset))",
        hint: Self.formHint)
    }
    if let unknown {
      let known = ["api_key", "base_url"]
      let nearest = NearestName.of(unknown, in: known).map { "did you mean '\($0)'?" }
      throw CredentialsError(
        .invalidFile, "unknown key '\(OneLine.of(unknown, limit: 40))' in '\(path)'",
        hint: nearest ?? Self.formHint)
    }
    (self.key, self.baseURL) = (key, baseURL)
  }
}
