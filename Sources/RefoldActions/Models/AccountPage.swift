/// One page of the linked accounts.
public struct AccountPage: Sendable, Hashable {
  /// How many accounts are asked for at a time.
  ///
  /// The API publishes no maximum; 100 is the default of its larger lists.
  public static let limit = 100

  /// The ids of the accounts, in the order of the API.
  public var ids: [String]
  /// Whether there is a page behind this one.
  public var hasNext: Bool

  /// Creates a page.
  public init(ids: [String], hasNext: Bool) {
    self.ids = ids
    self.hasNext = hasNext
  }

  /// Returns the page in the body of a reply: `{ docs: [{ account_id, … }], hasNextPage, page, limit, totalDocs }`.
  ///
  /// `hasNextPage` is missing in some replies; then the count of all decides. Takes a bare array as well.
  ///
  /// - Throws: `JSONScanError` when the body is not JSON or holds no list.
  public static func page(_ number: Int, in body: [UInt8]) throws(JSONScanError) -> AccountPage {
    var ids: [String] = []
    try ListBody.read(body, wrappedIn: "docs") { (scanner) throws(JSONScanError) in
      var (accountID, otherID): (String?, String?)
      try scanner.members { (key, scanner) throws(JSONScanError) in
        switch key {
        case "account_id": accountID = try scanner.string()
        case "linked_account_id": otherID = try scanner.string()
        default: break
        }
      }
      if let id = accountID ?? otherID { ids.append(id) }
    }
    var (hasNext, total): (Bool?, Int?)
    var scanner = JSONScanner(body)
    if try scanner.next() == .beginObject {
      scanner = JSONScanner(body)
      try scanner.members { (key, scanner) throws(JSONScanError) in
        switch key {
        case "hasNextPage": hasNext = try scanner.bool()
        case "totalDocs": total = try scanner.integer()
        default: break
        }
      }
    }
    let isFull = ids.count >= limit
    return AccountPage(
      ids: ids, hasNext: hasNext ?? total.map { $0 > number * limit } ?? isFull)
  }
}
