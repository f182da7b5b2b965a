import RefoldActions

/// What a write changes, field by field.
extension Planner {
  /// Fills in what a captured write changes.
  ///
  /// - Parameter order: The names of the action's parameters, in the order of its schema.
  func describe(_ number: Int, order: [String], record: FoundRecord?) {
    var write = writes[number - 1]
    if write.identity.isEmpty, write.kind != .create, write.kind != .call {
      let names = order.isEmpty ? (write.parameters.members ?? []).map(\.name) : order
      write.identity = names.filter { Self.isIdentity($0) && write.parameters[$0] != nil }
    }
    var before: PlanValue?
    switch record {
    case .known(let record):
      before = record
      write.isBeforeKnown = true
      write.title = Self.title(of: record)
    case .unknown(let remark): write.remark = remark
    case nil: break
    }
    let sent = Self.fields(of: write, order: order)
    if write.kind == .delete {
      write.changes = before.map(Self.removed) ?? []
    } else {
      write.changes = sent.compactMap { field, value in
        let old = before.flatMap { Self.field(field, of: $0) }
        if let old, old.saysSame(as: value) { return nil }
        if write.isBeforeKnown, old == nil, value == .null { return nil }
        return PlannedWrite.Change(field: field, before: old, after: value)
      }
    }
    writes[number - 1] = write
    remember(write, before)
  }

  /// Keeps the record as it is after the write, for the next one that changes it.
  private func remember(_ write: PlannedWrite, _ before: PlanValue?) {
    guard var record = before,
      case .some(.some(let reader)) = readers[write.name]
    else { return }
    let members = (write.parameters.members ?? []).filter { reader.identity.contains($0.name) }
    let key = RecordKey(
      account: write.account, reader: reader.action, parameters: .object(members))
    if write.kind == .delete {
      records[key] = .some(nil)
      return
    }
    for change in write.changes {
      guard let after = change.after else { continue }
      record = Self.setting(change.field, to: after, in: record)
    }
    records[key] = record
  }

  private static func isIdentity(_ name: String) -> Bool {
    name == "id" || name.hasSuffix("_id") || name.hasSuffix("Id")
      || ["ts", "channel"].contains(name)
  }

  /// The fields that a write sends: its parameters, and the members of those that are objects or JSON text.
  private static func fields(
    of write: PlannedWrite, order: [String]
  ) -> [(String, PlanValue)] {
    let places = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
    let members = (write.parameters.members ?? []).sorted { first, second in
      let (one, two) = (places[first.name] ?? .max, places[second.name] ?? .max)
      return one == two ? first.name < second.name : one < two
    }
    return members.filter { !write.identity.contains($0.name) }.flatMap { member in
      var value = member.value
      if case .text(let text) = value, text.first == "{",
        let parsed = try? PlanValue(json: Array(text.utf8))
      {
        value = parsed
      }
      guard case .object(let inner) = value, !inner.isEmpty else { return [(member.name, value)] }
      return inner.map { ("\(member.name).\($0.name)", $0.value) }
    }
  }

  // MARK: - Records

  /// Where apps keep the fields of a record, beside the record itself.
  private static let containers = ["properties", "fields", "attributes", "record"]

  /// Returns a field of a record: in it, or in what apps call its properties.
  static func field(_ name: String, of record: PlanValue) -> PlanValue? {
    let inner = name.split(separator: ".").last.map(String.init) ?? name
    for name in name == inner ? [name] : [name, inner] {
      if let value = record[name] { return value }
      for container in containers {
        if let value = record[container]?[name] { return value }
      }
    }
    return nil
  }

  private static func setting(
    _ name: String, to value: PlanValue, in record: PlanValue
  ) -> PlanValue {
    let inner = name.split(separator: ".").last.map(String.init) ?? name
    for name in [name, inner] {
      if record[name] != nil { return record.replacing([name], with: value) }
      for container in containers where record[container]?[name] != nil {
        return record.replacing([container, name], with: value)
      }
    }
    let container = containers.first { record[$0]?.members != nil }
    let members = (container.flatMap { record[$0] } ?? record).members ?? []
    let grown = PlanValue.object(
      (members + [PlanValue.Member(name: inner, value: value)]).sorted { $0.name < $1.name })
    return container.map { record.replacing([$0], with: grown) } ?? grown
  }

  /// The fields that go away with a record.
  private static func removed(_ record: PlanValue) -> [PlannedWrite.Change] {
    let container = containers.compactMap { record[$0] }.first { $0.members != nil } ?? record
    return (container.members ?? []).filter { member in
      member.value.isScalar && member.value != .null && member.value != .text("")
        && !PlannedRead.isPassing(member.name)
    }.map { PlannedWrite.Change(field: $0.name, before: $0.value, after: nil) }
  }

  /// What people call a record.
  private static func title(of record: PlanValue) -> String? {
    let names = [
      "email", "Email", "name", "Name", "dealname", "hs_task_subject", "companyName", "tranId",
    ]
    return names.lazy.compactMap { field($0, of: record)?.string }.first { !$0.isEmpty }
  }
}
