/// The address under which the API is reached: scheme, host, port, and perhaps a path before the API's own.
public struct BaseURL: Sendable, Hashable, CustomStringConvertible {
  /// The API's own address.
  public static let standard = BaseURL(checked: "https://app.refold.ai")

  /// The URL, without a slash at its end.
  public let description: String

  private init(checked text: String) {
    description = text
  }

  /// Checks a URL.
  ///
  /// - Parameters:
  ///   - text: The URL; slashes at its end do not matter.
  ///   - allowsPlainHTTP: Whether the key may travel unencrypted to another machine.
  /// - Throws: `CredentialsError` with the code `invalidBaseURL`. The URL is quoted unless it holds a password.
  public init(_ text: String, allowsPlainHTTP: Bool = false) throws(CredentialsError) {
    let text = text.trimmingSpaces()
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !#""<>\^`{|}"#.utf8.contains($0) })
    else {
      throw Self.error("the base URL holds a character that no URL holds")
    }
    let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    let scheme = parts[0].lowercased()
    guard parts.count >= 3, parts[1].isEmpty, scheme == "https:" || scheme == "http:" else {
      throw Self.error("the base URL '\(Self.shown(text))' does not begin with https://")
    }
    guard !parts[2].contains("@") else {
      throw Self.error(
        "the base URL holds a user name or password", hint: "give the key in REFOLD_API_KEY")
    }
    guard !text.contains("?"), !text.contains("#") else {
      throw Self.error("the base URL '\(text)' holds a query or a fragment")
    }
    guard let host = Self.host(of: parts[2]) else {
      throw Self.error("the base URL '\(text)' has no valid host and port")
    }
    if scheme == "http:" && !allowsPlainHTTP && !Self.isLoopback(host) {
      throw CredentialsError(
        .invalidBaseURL, "the base URL '\(text)' would send the key unencrypted",
        hint: "use https://, or set REFOLD_ALLOW_HTTP=1 if the network is your own")
    }
    var path = parts.count > 3 ? parts[3] : ""
    while path.hasSuffix("/") { path.removeLast() }
    description = "\(scheme)//\(parts[2].lowercased())" + (path.isEmpty ? "" : "/\(path)")
  }

  private static func error(_ message: String, hint: String? = nil) -> CredentialsError {
    CredentialsError(
      .invalidBaseURL, message,
      hint: hint ?? "set REFOLD_BASE_URL to a URL such as 'https://app.refold.ai'")
  }

  /// The text, unless it may hold a password.
  private static func shown(_ text: String) -> String {
    text.contains("@") ? "…" : text
  }

  /// Returns the host in lower case; nil when host or port are none.
  private static func host(of authority: Substring) -> String? {
    var host = authority
    var port: Substring?
    if let bracket = authority.lastIndex(of: "]") {
      host = authority[...bracket]
      let rest = authority[authority.index(after: bracket)...]
      if !rest.isEmpty {
        guard rest.hasPrefix(":") else { return nil }
        port = rest.dropFirst()
      }
    } else if let colon = authority.firstIndex(of: ":") {
      host = authority[..<colon]
      port = authority[authority.index(after: colon)...]
    }
    if let port {
      guard let number = UInt16(port), number > 0, port.allSatisfy(\.isNumber) else { return nil }
    }
    return isHost(host) ? host.lowercased() : nil
  }

  private static func isHost(_ host: Substring) -> Bool {
    if host.hasPrefix("[") {
      return host.count > 3
        && host.dropFirst().dropLast().allSatisfy {
          $0.isHexDigit || $0 == ":" || $0 == "."
        }
    }
    return !host.isEmpty && host.allSatisfy { $0.isLetter || $0.isNumber || "-._".contains($0) }
  }

  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
    let bytes = host.split(separator: ".", omittingEmptySubsequences: false)
    return bytes.count == 4 && bytes[0] == "127" && bytes.allSatisfy { UInt8($0) != nil }
  }
}

extension String {
  /// Returns the text without white space around it.
  func trimmingSpaces() -> String {
    let start = drop { $0.isWhitespace }
    let end = start.lastIndex { !$0.isWhitespace }
    return end.map { String(start[...$0]) } ?? ""
  }
}
