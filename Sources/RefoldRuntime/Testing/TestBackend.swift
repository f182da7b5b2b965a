import RefoldActions

/// A backend with records that a test can read and replace.
public protocol TestBackend: Backend {
  /// Removes all accounts and records; an account is made, with what it begins with, when it is first used.
  func reset() throws(ActionError)

  /// Returns all records of a table as a JSON array, oldest first.
  ///
  /// - Throws: `ActionError` for an unknown app or table.
  func records(of account: String, app: String, table: String) throws(ActionError) -> [UInt8]

  /// Replaces all records of a table by those of a JSON array.
  ///
  /// - Throws: `ActionError` for an unknown app or table.
  func replace(
    with rows: [UInt8], of account: String, app: String, table: String) throws(ActionError)
}
