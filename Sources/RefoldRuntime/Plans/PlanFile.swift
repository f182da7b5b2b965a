import RefoldActions

/// A plan as a file: JSON with a version, and a checksum over all that it says.
public enum PlanFile {
  /// The version of the format that is written.
  ///
  /// The first version, which knew no changes of the state, is read as well.
  public static let version = 2
  private static let format = "refold-plan"

  /// Why a file is no plan that can be applied.
  public struct Problem: Error, Sendable, Equatable {
    /// A stable code, such as `plan_edited`.
    public var code: String
    /// What is wrong, as the rest of a sentence about the file.
    public var message: String
    /// How to fix it.
    public var hint: String
  }

  /// Returns the id of a plan: the SHA-256 of what its file says.
  public static func id(of plan: Plan) -> String { Fingerprint.of(plan.value.json) }

  /// Writes a plan.
  public static func text(of plan: Plan) -> [UInt8] {
    let content = plan.value
    let document = PlanValue.fields([
      "format": .text(format), "format_version": .number(String(version)),
      "sha256": .text(Fingerprint.of(content.json)), "plan": content,
    ])
    return Array((document.prettyJSON() + "\n").utf8)
  }

  /// Reads a plan.
  ///
  /// - Throws: ``Problem`` with the code `plan_truncated`, `plan_not_json`, `plan_foreign`, `plan_version`, `plan_edited` or
  ///   `plan_invalid`.
  public static func plan(in text: [UInt8]) throws(Problem) -> Plan {
    let again = "make the plan again with 'refold plan SCRIPT --out FILE'"
    let document: PlanValue
    do throws(JSONScanError) {
      document = try PlanValue(json: text)
    } catch {
      let last = text.last { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }
      let isCut =
        error.offset >= text.count
        || (text.first == UInt8(ascii: "{") && last != UInt8(ascii: "}"))
      throw Problem(
        code: isCut ? "plan_truncated" : "plan_not_json",
        message: isCut
          ? "ends in the middle, after \(text.count) bytes" : "is no JSON: \(error.description)",
        hint: isCut ? again : "give a file that 'refold plan SCRIPT --out FILE' has written")
    }
    guard document["format"]?.string == format, let found = document["format_version"]?.integer
    else {
      throw Problem(
        code: "plan_foreign", message: "is JSON, but no plan",
        hint: "give a file that 'refold plan SCRIPT --out FILE' has written")
    }
    guard (1...version).contains(found) else {
      throw Problem(
        code: "plan_version",
        message: "has format version \(found), and this refold reads versions up to \(version)",
        hint: found > version ? "use the newer refold, or \(again)" : again)
    }
    guard let content = document["plan"], let sum = document["sha256"]?.string,
      Fingerprint.of(content.json) == sum
    else {
      throw Problem(
        code: "plan_edited", message: "is not as it was made: its checksum does not fit",
        hint:
          "a plan is applied exactly or not at all: change the script or its input, and \(again)")
    }
    guard let plan = Plan(content) else {
      throw Problem(code: "plan_invalid", message: "lacks fields that a plan has", hint: again)
    }
    return plan
  }
}

extension Plan {
  /// What the plan is in its file.
  var value: PlanValue {
    .fields([
      "script": .text(script), "generation": .text(generation),
      "entry": entry.map { .text($0) },
      "files": .array(files.map { .fields(["path": .text($0.path), "sha256": .text($0.hash)]) }),
      "project": .text(project), "account": .text(account),
      "backend": .fields(["name": .text(backend), "location": .text(location)]),
      "made": .text(made), "token": .text(token), "input_sha256": .text(inputHash),
      "reads": .array(reads.map(\.value)), "writes": .array(writes.map(\.value)),
      // A plan of the first version stays the same plan, so what was applied of it is known.
      "changes": changes.isEmpty ? nil : .array(changes.map(\.value)),
      "state": sights.isEmpty ? nil : .array(sights.map(\.value)),
      "complete": .bool(end == nil),
      "ends": end.map { end in
        .fields(["script": end.place.map { .text($0) }, "reason": .text(end.reason)])
      },
      "warnings": .array(warnings.map { .text($0) }),
      "summary": .fields([
        "create": .number(String(count(.create))), "update": .number(String(count(.update))),
        "delete": .number(String(count(.delete))), "call": .number(String(count(.call))),
        "unchanged": .number(String(unchanged)),
      ]),
    ])
  }

  init?(_ value: PlanValue) {
    guard let script = value["script"]?.string, let project = value["project"]?.string,
      let account = value["account"]?.string, let backend = value["backend"]?["name"]?.string,
      let location = value["backend"]?["location"]?.string, let made = value["made"]?.string,
      let reads = value["reads"]?.elements, let writes = value["writes"]?.elements,
      let files = value["files"]?.elements
    else { return nil }
    self.init(
      script: script, generation: value["generation"]?.string ?? "", project: project,
      account: account, backend: backend, location: location,
      made: made, inputHash: value["input_sha256"]?.string ?? "")
    self.reads = reads.compactMap(PlannedRead.init)
    self.writes = writes.compactMap(PlannedWrite.init)
    self.files = files.compactMap { file in
      guard let path = file["path"]?.string, let hash = file["sha256"]?.string else { return nil }
      return File(path: path, hash: hash)
    }
    let (changes, sights) = (value["changes"]?.elements ?? [], value["state"]?.elements ?? [])
    self.changes = changes.compactMap(PlannedChange.init)
    self.sights = sights.compactMap(StateSight.init)
    entry = value["entry"]?.string
    token = value["token"]?.string ?? ""
    warnings = value["warnings"]?.texts ?? []
    if value["complete"]?.boolean == false {
      end = End(
        place: value["ends"]?["script"]?.string, reason: value["ends"]?["reason"]?.string ?? "")
    }
    // Numbers are positions: references of later writes count on it.
    let isWhole =
      self.reads.count == reads.count && self.writes.count == writes.count
      && self.files.count == files.count && self.changes.count == changes.count
      && self.sights.count == sights.count
      && self.changes.enumerated().allSatisfy { $0 + 1 == $1.number }
      && self.writes.enumerated().allSatisfy { $0 + 1 == $1.number }
    if !isWhole { return nil }
  }

  /// The plan for programs: what the file says, without what the reads answered.
  public var summaryJSON: [UInt8] {
    guard case .object(let members) = value else { return [] }
    let shown = members.map { member in
      switch member.name {
      case "reads":
        PlanValue.Member(
          name: "reads",
          value: .array(
            reads.map { read in
              var read = read
              read.answer = nil
              return read.value
            }))
      case "writes":
        PlanValue.Member(
          name: "writes",
          value: .array(
            writes.map { write in
              write.value.replacing(["parameters"], with: write.parameters.shown)
            }))
      case "changes":
        PlanValue.Member(
          name: "changes",
          value: .array(
            changes.map { $0.value.replacing(["content"], with: $0.content.shown) }))
      case "state":
        PlanValue.Member(
          name: "state",
          value: .array(
            sights.map { sight in
              var sight = sight
              sight.seen = nil
              return sight.value
            }))
      default: member
      }
    }
    return Array(PlanValue.object(shown).json.utf8)
  }
}
