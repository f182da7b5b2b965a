extension ActionError: CustomStringConvertible {
  /// The error as a block of text for people.
  public var description: String { block(at: nil) }

  /// Returns the error as a block of text for people: what failed, where, how to fix it, and the facts.
  ///
  /// ```
  /// hubspot.create_contact: the API key was refused: 'Invalid Credentials'
  ///   at sync.lua:12
  ///   fix: check REFOLD_API_KEY: keys begin with 'pk' (production) or 'tk' (test)
  ///   status 401, code SERVER_ERROR, trace id 7f3a
  /// ```
  ///
  /// - Parameter location: The place in the script, as `file:line`.
  public func block(at location: String?) -> String {
    var lines = [headline]
    if let location { lines.append("  at \(location)") }
    if let hint { lines.append("  fix: \(hint)") }
    var facts: [String] = []
    if let status { facts.append("status \(status)") }
    facts.append("code \(code)")
    if let traceID { facts.append("trace id \(traceID)") }
    lines.append("  " + facts.joined(separator: ", "))
    return lines.joined(separator: "\n")
  }

  /// The first line: the message, after what it is about unless the message says so itself.
  private var headline: String {
    guard let subject, !message.contains(subject) else { return message }
    return "\(subject): \(message)"
  }

  private var subject: String? {
    guard let app else { return nil }
    guard let action else { return app }
    return "\(app).\(action)"
  }
}
