import Testing

@testable import RefoldSandbox

@Suite struct SlackTests {
  @Test func `a message is sent, listed first, changed and deleted`() throws {
    try withEngine { engine in
      let sent = try execute(
        engine, "slack", "send_message", ##"{"channel":"#general","text":"Hello"}"##
      ).body
      #expect(
        sent
          == #"{"data":{"channel":"C0GENERAL","message":{"text":"Hello","ts":"1769947200.001001","type":"message","#
          + #""user":"U0BOT"},"ok":true,"ts":"1769947200.001001"},"http_status":200,"node_status":"Success"}"#
      )
      let texts = /"text":"([^"]+)"/
      func listed() throws -> [String] {
        try execute(engine, "slack", "get_messages", #"{"channel":"C0GENERAL"}"#).body
          .matches(of: texts).map { String($0.1) }
      }
      #expect(try listed() == ["Hello", "Good morning, Ada", "Good morning"])
      let place = #""channel":"general","ts":"1769947200.001001""#
      _ = try execute(engine, "slack", "update_message", #"{\#(place),"text":"Hello all"}"#)
      #expect(try listed() == ["Hello all", "Good morning, Ada", "Good morning"])
      _ = try execute(engine, "slack", "delete_message", #"{\#(place)}"#)
      #expect(try listed() == ["Good morning, Ada", "Good morning"])
    }
  }

  @Test(arguments: [
    ("send_message", #"{"channel":"nowhere","text":"x"}"#, "channel_not_found"),
    ("send_message", #"{"channel":"general","text":"  "}"#, "no_text"),
    ("get_messages", #"{"channel":"nowhere"}"#, "channel_not_found"),
    ("update_message", #"{"channel":"general","ts":"1","text":"x"}"#, "message_not_found"),
    ("delete_message", #"{"channel":"nowhere","ts":"1"}"#, "channel_not_found"),
    ("find_user_by_email", #"{"email":"nobody@example.com"}"#, "users_not_found"),
    ("get_users", #"{"cursor":"x"}"#, "invalid_cursor"),
  ])
  func `what fails is refused with a code`(action: String, body: String, code: String) throws {
    try withEngine { engine in
      let answer = try execute(engine, "slack", action, body).body
      #expect(
        answer
          == #"{"data":{"error":"\#(code)","ok":false},"http_status":200,"node_status":"Failed"}"#)
    }
  }

  @Test(arguments: [("get_channels", 3), ("get_users", 3), ("get_messages", 2)])
  func `pages follow their cursors to the end`(action: String, count: Int) throws {
    try withEngine { engine in
      var (cursor, pages) = ("", 0)
      repeat {
        let body = try execute(
          engine, "slack", action, #"{"channel":"general","limit":"1","cursor":"\#(cursor)"}"#
        ).body
        cursor = try #require(body.firstMatch(of: /"next_cursor":"([^"]*)"/).map { String($0.1) })
        pages += 1
      } while !cursor.isEmpty
      #expect(pages == count)
    }
  }

  @Test func `a member is found by e-mail`() throws {
    try withEngine { engine in
      let body = try execute(
        engine, "slack", "find_user_by_email", #"{"email":"Grace.Hopper@example.com"}"#
      ).body
      #expect(body.contains(#""id":"U0GRACE""#))
    }
  }

  @Test func `only messages from a time on are listed`() throws {
    try withEngine { engine in
      let body = try execute(
        engine, "slack", "get_messages", #"{"channel":"general","oldest":"1768901460"}"#
      ).body
      #expect(body.contains("Good morning, Ada") && !body.contains(#""Good morning""#))
    }
  }
}
