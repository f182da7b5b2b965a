import Lua
import RefoldActions

/// Makes a plan of a run: lets its reads through and remembers them, and captures its writes.
///
/// Belongs to the one run of a ``Lane`` whose configuration has it, and is confined to the lane's thread.
public final class Planner {
  /// The writes, in the order in which the script makes them.
  public internal(set) var writes: [PlannedWrite] = []
  /// The reads with their answers, those of the plan itself included.
  public internal(set) var reads: [PlannedRead] = []
  /// The changes of the script's state, in the order in which it makes them.
  public internal(set) var changes: [PlannedChange] = []
  /// What it saw of its state before it changed it.
  public internal(set) var sights: [StateSight] = []
  var state = State()
  /// What is worth knowing about the plan.
  public internal(set) var warnings: [String] = []
  /// Where the plan ends before the script does.
  public internal(set) var end: Plan.End?
  /// The reads, without their answers.
  var known: Set<PlannedRead> = []
  /// How much of their answers is kept, in bytes.
  var answerBytes = 0
  /// The first write that sends a text to an app, by both.
  var sent: [String: Int] = [:]
  let mark: PlaceholderMark
  private var placeholders: [Placeholder] = []
  private var numbers: [Placeholder: Int] = [:]
  /// The actions that read the records of other actions, nil for none.
  var readers: [String: RecordReader?] = [:]
  /// The records that were looked up, as they are after the writes so far.
  var records: [RecordKey: PlanValue?] = [:]

  /// Makes a planner.
  ///
  /// - Parameter number: A random number, by which placeholders are known from data.
  public init(number: UInt64 = .random(in: .min ... .max)) {
    mark = PlaceholderMark(number: number)
  }

  /// Replaces placeholders in what the script logs by words for people.
  public func readable(_ line: LogLine) -> LogLine {
    var line = line
    line.message = readable(line.message)
    line.fields = line.fields.map { Array(readable(String(decoding: $0, as: UTF8.self)).utf8) }
    return line
  }

  private func readable(_ text: String) -> String {
    guard mark.isIn(text), let pieces = mark.pieces(of: text) else { return text }
    return pieces.map { piece in
      switch piece {
      case .plain(let text): text
      case .placeholder(let number): shown(number)
      case .json(let number): JSONText.quoted(shown(number))
      }
    }.joined()
  }

  private func shown(_ number: Int) -> String {
    PlanValue.unknown(placeholder(number)?.parts ?? []).shown.string ?? Placeholder.text
  }

  // MARK: - Placeholders

  /// The number of a placeholder, a new one for one that is not known.
  func number(of placeholder: Placeholder) -> Int {
    if let number = numbers[placeholder] { return number }
    placeholders.append(placeholder)
    numbers[placeholder] = placeholders.count
    return placeholders.count
  }

  /// The placeholder with a number.
  func placeholder(_ number: Int) -> Placeholder? {
    placeholders.indices.contains(number - 1) ? placeholders[number - 1] : nil
  }

  /// Returns the parameters of a call with placeholders where the script has put them; nil when it has changed the text of one.
  func parameters(of call: ActionCall) -> PlanValue? {
    (try? PlanValue(json: call.body)).flatMap(resolved)
  }

  /// Returns a value with placeholders where the script has put them; nil when it has changed the text of one.
  func resolved(_ value: PlanValue) -> PlanValue? {
    if let index = mark.index(of: value) {
      return placeholder(index).map { .unknown($0.parts) }
    }
    switch value {
    case .text(let text): return mark.isIn(text) ? resolved(text) : value
    case .array(let elements):
      let all = elements.compactMap(resolved)
      return all.count == elements.count ? .array(all) : nil
    case .object(let members):
      let all = members.compactMap { member in
        mark.isIn(member.name)
          ? nil
          : resolved(member.value).map { PlanValue.Member(name: member.name, value: $0) }
      }
      return all.count == members.count ? .object(all) : nil
    default: return value
    }
  }

  private func resolved(_ text: String) -> PlanValue? {
    guard let pieces = mark.pieces(of: text) else { return nil }
    var parts: [PlanValue.Part] = []
    for piece in pieces {
      switch piece {
      case .plain(let text): parts.append(.text(text))
      case .placeholder(let index): parts += placeholder(index)?.parts ?? []
      case .json(let index):
        guard let answer = placeholder(index)?.answer else { return nil }
        parts.append(.json(answer))
      }
    }
    return .unknown(Placeholder.text(parts))
  }

  // MARK: - What the script reads of an answer

  /// What a field of a placeholder is.
  enum Field {
    case known(PlanValue)
    case placeholder(Int)
  }

  /// Returns a field of an answer: what was sent under that name, else a placeholder.
  func field(_ name: String, of answer: PlanValue.Answer) -> Field {
    let path = answer.path + [name]
    let below = PlanValue.Answer(write: answer.write, path: path)
    let other = Field.placeholder(number(of: Placeholder(parts: [.answer(below)])))
    guard writes.indices.contains(answer.write - 1) else { return other }
    let write = writes[answer.write - 1]
    guard let sent = sent(name, by: write) else { return other }
    if case .unknown(let parts) = sent {
      return .placeholder(number(of: Placeholder(parts: parts)))
    }
    guard sent.isScalar, sent != .null else { return other }
    let assumption = PlannedWrite.Assumption(path: path, value: sent)
    if !write.assumptions.contains(assumption) {
      writes[answer.write - 1].assumptions.append(assumption)
    }
    return .known(sent)
  }

  /// What a write sends under a name.
  ///
  /// The id of an updated record is the one by which it is updated.
  private func sent(_ name: String, by write: PlannedWrite) -> PlanValue? {
    if write.kind == .create { return name == "id" ? nil : write.parameters[name] }
    guard write.kind == .update else { return nil }
    if name.lowercased() == "id", write.identity.count == 1 {
      return write.parameters[write.identity[0]]
    }
    return write.parameters[name]
  }
}
