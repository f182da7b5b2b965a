import Lua
import RefoldActions

extension Run {
  /// Reads entries of the store in the order of their keys, or gives those that an earlier attempt read.
  ///
  /// - Parameters:
  ///   - prefix: What the keys begin with.
  ///   - key: The entries after this key; nil for those from the first.
  ///   - limit: How many at most.
  func storedEntries(
    _ prefix: String, after key: String?, limit: Int, in store: any StateStore,
    at place: LuaError.Location?
  ) throws(ActionError) -> [StateEntry] {
    guard let journal, current?.lookUp == nil else {
      let entries = try store.entries(on: shelf, prefix: prefix, after: key, limit: limit)
      lane.planner?.see(entries, prefix: prefix, after: key, limit: limit, on: shelf)
      return entries
    }
    let after = key.map { ",\"after\":\(JSONText.quoted($0))" } ?? ""
    var step = journal.step(
      .get, "store.each", account: options.account,
      parameters: Array("{\"prefix\":\(JSONText.quoted(prefix))\(after)}".utf8),
      place: place?.description)
    if case .done(_, let reply, let found) = try journal.verdict(on: step) {
      return try Self.entries(in: reply, of: found)
    }
    let entries = try store.entries(on: shelf, prefix: prefix, after: key, limit: limit)
    step.state = .done
    (step.status, step.reply) = (200, Self.json(of: entries))
    journal.add(step)
    return entries
  }

  /// Entries as a JSON array of keys and values by turns.
  private static func json(of entries: [StateEntry]) -> [UInt8] {
    var json: [UInt8] = [UInt8(ascii: "[")]
    for (index, entry) in entries.enumerated() {
      if index > 0 { json.append(UInt8(ascii: ",")) }
      json += JSONText.quoted(entry.key).utf8
      json.append(UInt8(ascii: ","))
      json += entry.value
    }
    json.append(UInt8(ascii: "]"))
    return json
  }

  /// Reads what ``json(of:)`` wrote; the versions are none that a value has.
  private static func entries(
    in reply: [UInt8], of step: StepRecord
  ) throws(ActionError) -> [StateEntry] {
    guard let elements = (try? JSONTree(reply))?.elements, elements.count % 2 == 0 else {
      throw ActionError(
        kind: .permanent, code: "state_corrupt",
        message: "what step \(step.number), store.each, has read is no longer legible",
        hint: "start a new run")
    }
    return stride(from: 0, to: elements.count, by: 2).map { index in
      StateEntry(
        key: elements[index].string ?? "", value: Array(elements[index + 1].text.utf8), version: -1)
    }
  }
}
