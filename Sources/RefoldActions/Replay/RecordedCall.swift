/// One attempt at a call, with what came back.
package struct RecordedCall: Sendable, Hashable {
  /// What came back.
  package enum Answer: Sendable, Hashable {
    /// A usable reply.
    case reply(status: Int, contentType: String?, body: Body)
    /// A failure, without the trace id, which is another one each time.
    case failure(ActionError)
    /// Nothing came before the call was given up.
    case givenUp
  }

  /// What a reply holds.
  package enum Body: Sendable, Hashable {
    case json(JSONTree)
    /// Something else that is UTF-8.
    case text(String)
    case bytes([UInt8])
  }

  package var identity: CallIdentity
  /// What an action does to the app.
  package var effect: Effect = .read
  /// Where in the course of the run it was made; empty for a look-up.
  package var path: [Int] = []
  /// How many calls of the run had been answered with it; 0 for a look-up, and for one that was given up.
  package var answered = 0
  package var answer: Answer

  /// The task of the run that made it: the path without its last step.
  var task: ArraySlice<Int> { path.dropLast() }
}

/// What makes calls the same: the operation, the account, and what is sent.
package struct CallIdentity: Sendable, Hashable {
  /// `execute`, or what is looked up: `accounts`, `apps`, `app`, `config`, `actions`, `schema`.
  package var operation: String
  package var account: String
  package var app: String?
  package var action: String?
  /// The page of a list of accounts.
  package var page: Int?
  /// What `execute` sends; null for a look-up.
  package var params: JSONTree = .null

  /// Whether the call only asks what there is, and its answer may serve many times.
  var isLookUp: Bool { operation != "execute" }

  /// Describes a call, with what is hidden in recordings hidden.
  package init(_ call: ActionCall, _ redaction: Redaction) {
    account = redaction.redact(call.account)
    app = call.app
    action = call.action
    switch call.operation {
    case .accounts(let number): (operation, page) = ("accounts", number)
    case .applications: operation = "apps"
    case .application: operation = "app"
    case .config: operation = "config"
    case .actions: operation = "actions"
    case .schema: operation = "schema"
    case .execute:
      operation = "execute"
      // What a script sends is JSON; a text that is none stands for itself.
      let text = String(decoding: call.body, as: UTF8.self)
      let tree = (try? JSONTree(call.body.isEmpty ? Array("{}".utf8) : call.body)) ?? .string(text)
      params = redaction.redact(tree)
    }
  }

  init(operation: String, account: String) {
    self.operation = operation
    self.account = account
  }

  /// What is called, for people: `hubspot.create_contact`, `the parameters of 'hubspot.create_contact'`.
  package var name: String {
    let app = app ?? "?"
    return switch operation {
    case "accounts": "the list of accounts"
    case "apps": "the list of apps"
    case "app": "the state of '\(app)'"
    case "config": "the config of '\(app)'"
    case "actions": "the actions of '\(app)'"
    case "schema": "the parameters of '\(app).\(action ?? "?")'"
    default: "\(app).\(action ?? "?")"
    }
  }
}
