import Testing

@testable import RefoldActions

@Suite struct RedactionTests {
  private func redacted(_ json: String, _ words: [String] = []) throws -> String {
    let tree = try JSONTree(Array(json.utf8))
    var redaction = Redaction(words: words)
    redaction.learn(from: tree)
    return redaction.redact(tree).text
  }

  @Test(arguments: [
    "password", "Password", "access_token", "accessToken", "X-Api-Key", "client_secret",
    "Authorization", "set-cookie", "private key",
  ])
  func `the value under a name of a secret is hidden`(name: String) throws {
    #expect(
      try redacted(#"{"\#(name)":"hunter2hunter2","n":1}"#).contains(#""\#(name)":"[redacted]""#))
  }

  @Test(arguments: [
    "next_page_token", "pageToken", "after", "token_count", "sync_token", "secretary",
  ])
  func `what pages are asked for with stays`(name: String) throws {
    let json = #"{"\#(name)":"abcdefgh12345678"}"#
    #expect(try redacted(json) == json)
  }

  @Test func `nothing is hidden where there is nothing`() throws {
    let json = #"{"password":"","secret":null,"token":true}"#
    #expect(try redacted(json) == #"{"password":"","secret":null,"token":true}"#)
  }

  @Test func `whatever stands under such a name is hidden whole, and where else its text stands`()
    throws
  {
    let json = #"{"credentials":{"user":"u","key":"abcdefgh"},"log":"sent abcdefgh twice"}"#
    #expect(
      try redacted(json) == #"{"credentials":"[redacted]","log":"sent [redacted] twice"}"#)
  }

  @Test func `further names can be given`() throws {
    let json = #"{"Internal Note":"x","note":"y"}"#
    #expect(
      try redacted(json, ["internal_note"]) == #"{"Internal Note":"[redacted]","note":"y"}"#)
  }

  @Test func `addresses become pseudonyms, the same for the same address`() throws {
    let json =
      #"{"a":"Ada@Example.com","b":"mail ada@example.com, or <bob.k+x@mail.example.co>.","c":"a@b"}"#
    let text = try redacted(json, ["email"])
    let ada = EmailText.pseudonym(of: "ada@example.com")
    #expect(ada == "user-266811ad9b55c572@redacted.invalid")
    #expect(
      text
        == #"{"a":"\#(ada)","b":"mail \#(ada), or <\#(EmailText.pseudonym(of: "bob.k+x@mail.example.co"))>.","c":"a@b"}"#
    )
    #expect(try redacted(text, ["email"]) == text)
    #expect(try redacted(json) == json)
  }
}

@Suite struct SecretShapeTests {
  @Test(arguments: [
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "a private key"),
    ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-1", "a JSON Web Token"),
    ("pk_" + "1234567890abcdef", "a Refold key"), ("tk_" + "1234567890abcdef", "a Refold key"),
    ("AKIA" + "IOSFODNN7EXAMPLE", "an AWS access key"),
    ("AIza" + "SyA1234567890abcdefghijklmnopqrstuv", "a Google API key"),
    ("use ghp_" + "1234567890abcdefghijklmnopqrstuvwxyz", "a GitHub token"),
    ("xoxb-" + "123456789012-abc", "a Slack token"),
    ("sk_live_" + "1234567890abcdef", "a Stripe key"),
    ("pat-na1-" + "12345678-1234-1234-1234-123456789012", "a HubSpot token"),
    ("Bearer " + "abcdefghijklmnopqrstuvwxyz", "a bearer token"),
    ("postgres://user:pass@db.example.com/x", "a URL with a password"),
  ])
  func `a secret is known by its shape`(text: String, kind: String) {
    #expect(SecretShape.kind(of: text) == kind)
  }

  @Test(arguments: [
    "tk_short", "a stock_pk_1234567890abcdef", "https://example.com/a:b@c", "Bearer of good news",
    "AKIA is a name", "eyJ is how it begins", "https://example.com:8080/x", "pat-na1-short", "",
    "the PRIVATE KEY of success is work",
  ])
  func `what only resembles one is none`(text: String) {
    #expect(SecretShape.kind(of: text) == nil)
  }

  @Test func `the place is told, the value is not`() throws {
    let tree = try JSONTree(
      Array(#"{"data":{"results":[{},{"odd name":"tk_1234567890abcdef"}]}}"#.utf8))
    let found = try #require(SecretShape.first(in: tree))
    #expect(found.path == #"$.data.results[1]["odd name"]"#)
    #expect(found.kind == "a Refold key")
  }
}
