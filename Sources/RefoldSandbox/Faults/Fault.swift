import RefoldActions

/// One way in which the sandbox fails, and at which calls.
///
/// ```swift
/// try Fault("timeout-after@2:hubspot.create_contact")  // the second of these calls is applied, and not answered
/// ```
public struct Fault: Sendable, Hashable, CustomStringConvertible {
  /// At which of the calls that match.
  public enum Occasion: Sendable, Hashable {
    /// At one of them, counted from 1.
    case at(Int)
    /// At that one and all that follow.
    case from(Int)
    /// At so many percent of them, by chance.
    case share(percent: Int)
  }

  /// What goes wrong.
  public var kind: Kind
  /// When it does.
  public var occasion: Occasion
  /// The app whose calls match; nil for all.
  public var app: String?
  /// The action whose calls match; nil for all.
  public var action: String?

  /// Makes a fault.
  public init(
    _ kind: Kind, _ occasion: Occasion = .at(1), app: String? = nil, action: String? = nil
  ) {
    self.kind = kind
    self.occasion = occasion
    self.app = app
    self.action = action
  }

  /// Reads `NAME[@N|@N+|@P%][:APP[.ACTION]]`.
  ///
  /// - Throws: ``FaultError`` that says what is wrong, with the nearest name.
  public init(_ text: String) throws(FaultError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let words = parts[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(words[0])
    guard let kind = Kind(rawValue: name) else {
      let nearest = NearestName.of(name, in: Kind.allCases.map(\.rawValue))
      throw FaultError(
        message: "there is no fault '\(name)'",
        hint: (nearest.map { "did you mean '\($0)'? " } ?? "") + "See 'refold help faults'")
    }
    self.init(kind)
    if words.count > 1 { occasion = try Self.occasion(String(words[1]), in: text) }
    guard parts.count > 1 else { return }
    let target = parts[1].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard target.allSatisfy({ !$0.isEmpty }) else {
      throw FaultError(
        message: "the fault '\(text)' names no app after ':'",
        hint: "write ':hubspot' or ':hubspot.create_contact'")
    }
    app = String(target[0])
    action = target.count > 1 ? String(target[1]) : nil
  }

  private static func occasion(_ text: String, in fault: String) throws(FaultError) -> Occasion {
    if text.hasSuffix("%"), let percent = Int(text.dropLast()), (1...100).contains(percent) {
      return .share(percent: percent)
    }
    if text.hasSuffix("+"), let number = Int(text.dropLast()), number > 0 { return .from(number) }
    if let number = Int(text), number > 0 { return .at(number) }
    throw FaultError(
      message: "the fault '\(fault)' does not say when: '\(text)'",
      hint: "write '@3' for the third such call, '@3+' for it and all later ones, '@10%' for chance"
    )
  }

  /// The fault as it is written.
  public var description: String {
    let when =
      switch occasion {
      case .at(let number): "@\(number)"
      case .from(let number): "@\(number)+"
      case .share(let percent): "@\(percent)%"
      }
    let target = app.map { ":\($0)" + (action.map { ".\($0)" } ?? "") } ?? ""
    return kind.rawValue + when + target
  }
}

/// Why a text names no fault.
public struct FaultError: Error, Sendable, Hashable {
  /// What is wrong.
  public var message: String
  /// How to fix it.
  public var hint: String

  /// Creates an error.
  public init(message: String, hint: String) {
    self.message = message
    self.hint = hint
  }
}
