import Foundation
import RefoldActions
import Testing

@Suite struct CredentialsTests {
  struct NotPrivate: Error, Equatable {}

  static func load(
    _ environment: [String: String], files: [String: String] = [:]
  ) throws -> (baseURL: String, key: String) {
    let credentials = try Credentials.load(environment: environment) { path in
      files[path].map { Array($0.utf8) }
    }
    return (credentials.baseURL.description, credentials.key.revealed())
  }

  @Test(arguments: [
    (["REFOLD_API_KEY": "tk_1"], "https://app.refold.ai", "tk_1"),
    (["REFOLD_API_KEY": " tk_1\n", "REFOLD_BASE_URL": ""], "https://app.refold.ai", "tk_1"),
    (
      ["REFOLD_API_KEY": "tk_1", "REFOLD_BASE_URL": "http://127.0.0.1:8080/"],
      "http://127.0.0.1:8080", "tk_1"
    ),
    (
      ["REFOLD_API_KEY": "tk_1", "REFOLD_BASE_URL": "http://h", "REFOLD_ALLOW_HTTP": "1"],
      "http://h", "tk_1"
    ),
    (["HOME": "/h"], "https://file", "tk_file"),
    (["HOME": "/h", "REFOLD_API_KEY": ""], "https://file", "tk_file"),
    (["HOME": "/h", "REFOLD_API_KEY": "tk_1"], "https://app.refold.ai", "tk_1"),
    (["HOME": "/h", "REFOLD_BASE_URL": "https://other"], "https://other", "tk_file"),
    (["HOME": "/h", "XDG_CONFIG_HOME": "/x"], "https://app.refold.ai", "tk_xdg"),
    (["HOME": "/h", "REFOLD_CREDENTIALS": "/c"], "http://h", "tk_c"),
  ])
  func `credentials come from the environment, or else from the file`(
    environment: [String: String], baseURL: String, key: String
  ) throws {
    let files = [
      "/h/.config/refold/credentials.json":
        #"{"api_key":"tk_file","base_url":"https://file/"}"#,
      "/x/refold/credentials.json": #" {"api_key" : "tk_xdg"} "#,
      "/c": #"{"base_url":"http://h","api_key":"tk_c"}"#,
    ]
    var environment = environment
    if environment["REFOLD_CREDENTIALS"] != nil { environment["REFOLD_ALLOW_HTTP"] = "1" }
    let loaded = try Self.load(environment, files: files)
    #expect(loaded.baseURL == baseURL)
    #expect(loaded.key == key)
  }

  @Test(arguments: [
    (
      [:],
      """
      no API key
        fix: set REFOLD_API_KEY to a key of your organisation, beginning with 'pk' or 'tk'
      """
    ),
    (
      ["HOME": "/none"],
      """
      no API key
        fix: set REFOLD_API_KEY to a key of your organisation, beginning with 'pk' or 'tk'
      """
    ),
    (
      ["REFOLD_API_KEY": "  "],
      """
      the API key is empty
        fix: set REFOLD_API_KEY to a key of your organisation, beginning with 'pk' or 'tk'
      """
    ),
    (
      ["REFOLD_API_KEY": "tk_SECRET\r\nX-Evil: 1"],
      """
      the API key holds a space or a character that no key holds
        fix: copy it again, without quotes or line breaks
      """
    ),
    (
      ["REFOLD_API_KEY": "clé_SECRET"],
      """
      the API key holds a space or a character that no key holds
        fix: copy it again, without quotes or line breaks
      """
    ),
    (
      ["REFOLD_CREDENTIALS": "/none"],
      """
      no credentials file '/none'
        fix: create it, or unset REFOLD_CREDENTIALS
      """
    ),
    (
      ["REFOLD_CREDENTIALS": "/raw"],
      """
      '/raw' does not hold a JSON object (see byte 1)
        fix: it holds { "api_key": "…", "base_url": "https://…" }
      """
    ),
    (
      ["REFOLD_CREDENTIALS": "/array"],
      """
      '/array' does not hold a JSON object (see byte 0)
        fix: it holds { "api_key": "…", "base_url": "https://…" }
      """
    ),
    (
      ["REFOLD_CREDENTIALS": "/typo"],
      """
      unknown key 'apikey' in '/typo'
        fix: did you mean 'api_key'?
      """
    ),
    (
      ["REFOLD_CREDENTIALS": "/nokey"],
      """
      no 'api_key' in '/nokey'
        fix: it holds { "api_key": "…", "base_url": "https://…" }
      """
    ),
    (
      ["REFOLD_CREDENTIALS": "/plain"],
      """
      the base URL 'http://h' would send the key unencrypted
        fix: use https://, or set REFOLD_ALLOW_HTTP=1 if the network is your own
      """
    ),
  ])
  func `what is wrong with credentials is said without them`(
    environment: [String: String], message: String
  ) {
    let files = [
      "/raw": "tk_SECRET", "/array": #"["tk_SECRET"]"#, "/typo": #"{"apikey":"tk_SECRET"}"#,
      "/nokey": #"{"base_url":"https://h","api_key":null}"#,
      "/plain": #"{"base_url":"http://h","api_key":"tk_SECRET"}"#,
    ]
    let error = #expect(throws: CredentialsError.self) {
      try Self.load(environment, files: files)
    }
    #expect(error?.description == message)
    #expect(error?.description.contains("SECRET") == false)
  }

  @Test func `a file that is refused is refused here too`() {
    #expect(throws: NotPrivate()) {
      try Credentials.load(environment: ["HOME": "/h"]) { _ in throw NotPrivate() }
    }
  }

  @Test func `the file is not read when the environment holds the key`() throws {
    let credentials = try Credentials.load(environment: ["HOME": "/h", "REFOLD_API_KEY": "tk_1"]) {
      _ in throw NotPrivate()
    }
    #expect(credentials.key == SecretString("tk_1"))
  }

  @Test func `a secret never prints`() throws {
    let credentials = try Credentials(baseURL: .standard, key: "tk_SECRET")
    var dumped = ""
    dump(credentials, to: &dumped)
    let texts = [
      "\(credentials.key)", String(reflecting: credentials.key), "\(credentials)", dumped,
      String(reflecting: credentials), "\(Optional(credentials.key) as Any)",
    ]
    for text in texts {
      #expect(!text.contains("SECRET"))
    }
    #expect("\(credentials.key)" == "[redacted]")
  }
}
