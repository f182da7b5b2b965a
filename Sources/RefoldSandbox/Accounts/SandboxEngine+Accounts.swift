import Lua
import RefoldActions
import SQLite

extension SandboxEngine {
  /// What can be done with linked accounts.
  enum AccountOperation: Equatable {
    /// One page, counted from 1, of those whose id or name holds a text.
    case list(page: Int, limit: Int, search: String)
    case get(String)
    case create([UInt8])
    /// Creates or changes; the second is the account of the header, for a body without an id.
    case upsert([UInt8], header: String?)
    case delete(String)
  }

  /// Answers an operation on linked accounts as the API does.
  ///
  /// - Throws: `ActionError` when the database fails.
  func reply(to operation: AccountOperation) throws(ActionError) -> Reply {
    do {
      return switch operation {
      case .list(let page, let limit, let search): try list(page, limit, search)
      case .get(let id): try get(id)
      case .create(let body): try store.transaction { try create(body) }
      case .upsert(let body, let header): try store.transaction { try upsert(body, header) }
      case .delete(let id): try store.transaction { try delete(id) }
      }
    } catch {
      throw .sandbox(error, path: path)
    }
  }

  // The envelope of mongoose-paginate, as the API's other lists have it.
  private func list(_ page: Int, _ limit: Int, _ search: String) throws -> Reply {
    let offset = (page - 1) * limit
    let (accounts, total) = try store.accounts(matching: search, offset: offset, limit: limit)
    let pages = max(1, (total + limit - 1) / limit)
    return .json(
      JSONText.object([
        "docs": JSONText.array(
          try accounts.map { $0.json(integrations: try integrations($0.id)) }),
        "totalDocs": String(total), "limit": String(limit), "totalPages": String(pages),
        "page": String(page), "pagingCounter": String(offset + 1),
        "hasPrevPage": String(page > 1), "hasNextPage": String(page < pages),
        "prevPage": page > 1 ? String(page - 1) : "null",
        "nextPage": page < pages ? String(page + 1) : "null",
      ]))
  }

  private func get(_ id: String) throws -> Reply {
    guard let account = try store.account(id) else { return .unknownAccount(id) }
    return .json(account.json(integrations: try integrations(id)))
  }

  private func create(_ body: [UInt8]) throws -> Reply {
    let given: LinkedAccountBody
    do throws(LinkedAccountBody.Problem) {
      given = try LinkedAccountBody(body)
    } catch {
      return .badRequest(error.message)
    }
    guard let id = given.id, !id.isEmpty else { return .missingAccountID }
    if try store.hasAccount(id) {
      return .badAccountID("linked_account_id '\(id)' already exists in the test environment")
    }
    let now = clock()
    let account = LinkedAccount(
      id: id, name: given.name ?? id, fields: LinkedAccountBody.json(given.fields ?? []),
      createdAt: now, updatedAt: now)
    try store.put(account)
    return .json(account.json(integrations: "null"))
  }

  private func upsert(_ body: [UInt8], _ header: String?) throws -> Reply {
    let given: LinkedAccountBody
    do throws(LinkedAccountBody.Problem) {
      given = try LinkedAccountBody(body)
    } catch {
      return .badRequest(error.message)
    }
    if given.hasEmptyApp { return .badRequest("your_app is empty") }
    guard let id = given.id ?? header, !id.isEmpty else { return .missingAccountID }
    let now = clock()
    let old = try store.account(id)
    var account =
      old ?? LinkedAccount(id: id, name: id, fields: "[]", createdAt: now, updatedAt: now)
    account.name = given.name ?? account.name
    account.fields = given.fields.map(LinkedAccountBody.json) ?? account.fields
    account.updatedAt = now
    try store.put(account)
    return .json(account.json(integrations: try integrations(id), isNew: old == nil))
  }

  private func delete(_ id: String) throws -> Reply {
    guard try store.hasAccount(id) else { return .unknownAccount(id) }
    try store.clear(id)
    return .json(JSONText.object(["message": JSONText.quoted("User deleted successfully")]))
  }

  /// The apps that an account has connected, as the account shows them.
  private func integrations(_ account: String) throws -> String {
    try lua.withStack { stack in
      try pushList("integration", account: account, on: stack) { $0.type(at: -1) == .table }
      var options = JSONEncodingOptions()
      options.sortsKeys = true
      return String(decoding: try stack.encodeJSON(at: -1, options: options), as: UTF8.self)
    }
  }
}

extension Reply {
  fileprivate static var missingAccountID: Reply { .badAccountID("linked_account_id required") }

  fileprivate static func badAccountID(_ message: String) -> Reply {
    .error(
      400, type: "BAD_REQUEST", code: "INVALID_LINKED_ACCOUNT_ID", key: "error", message: message)
  }
}
