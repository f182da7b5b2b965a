extension ReplyClassifier {
  /// The largest body that is searched for an envelope that tells of a failure; those are small.
  private static let largestEnvelope = 16 << 10
  /// How far from the start and the end of a body the words of success are looked for.
  private static let reach = 48

  /// Returns the failure that the body of a 2xx reply to a read is, as far as that can be seen without decoding it.
  ///
  /// For whoever decides whether to read again: the failure itself is described by whoever decodes the body. Costs a look at
  /// both ends of the body when it tells of success there, as replies do.
  public static func failureInBody(of reply: Reply, to call: ActionCall) -> ActionError? {
    guard case .execute = call.operation, call.effect == .read else { return nil }
    let end = reply.body.lastIndex { !isSpace($0) }
    guard let end, reply.body[end] == UInt8(ascii: "}") || reply.body[end] == UInt8(ascii: "]")
    else { return unusable(reply, to: call, because: "it has no end") }
    // A list has no envelope; what to make of it is for whoever decodes it.
    let isList = reply.body.first { !isSpace($0) } == UInt8(ascii: "[")
    if isList || reply.body.count > largestEnvelope || tellsOfSuccess(reply.body[...end]) {
      return nil
    }
    do throws(JSONScanError) {
      let envelope = try Envelope.read(from: reply.body)
      return failure(ofEnvelope: envelope, reply: reply, call: call)
    } catch {
      return unusable(reply, to: call, because: error.description)
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  private static let words = ["\"Success\"", "\"success\":true"].map { BytePattern($0) }

  /// Whether the first or the last words of a body are those of a success.
  private static func tellsOfSuccess(_ body: ArraySlice<UInt8>) -> Bool {
    [body.prefix(reach), body.suffix(reach)].contains { part in
      let bytes = Array(part)
      return words.contains { $0.firstMatch(in: bytes) != nil }
    }
  }
}
