import RefoldActions

/// The commands of the prompt.
enum ReplVerb: String, CaseIterable {
  case help, actions, schema, app, account, writes, all, time, mem, set, load, reload, run, plan,
    record
  case save
  case history, clear, quit

  /// How it is written.
  var usage: String {
    switch self {
    case .help: ":help [COMMAND]"
    case .actions: ":actions [APP]"
    case .schema: ":schema APP ACTION"
    case .app: ":app [APP]"
    case .account: ":account [NAME]"
    case .writes: ":writes on|off"
    case .all: ":all [EXPR]"
    case .time: ":time EXPR"
    case .mem: ":mem"
    case .set: ":set [NAME VALUE]"
    case .load: ":load FILE"
    case .reload: ":reload"
    case .run: ":run SCRIPT [JSON]"
    case .plan: ":plan LINE|SCRIPT [JSON]"
    case .record: ":record [FOLDER|off]"
    case .save: ":save FILE"
    case .history: ":history [TEXT]"
    case .clear: ":clear"
    case .quit: ":quit"
    }
  }

  /// What it does.
  var summary: String {
    switch self {
    case .help: "show this"
    case .actions: "list the actions of an app, or the apps"
    case .schema: "show the parameters of an action, and a call to paste"
    case .app: "show whether apps are connected"
    case .account: "start over with another account"
    case .writes: "permit actions that write, or refuse them"
    case .all: "show the last value, or another, without folding"
    case .time: "run a line and say how long it took"
    case .mem: "show how much memory the values take"
    case .set: "show the settings, or change one"
    case .load: "run a file; what it returns gets the file's name"
    case .reload: "load again what changed on disk"
    case .run: "run a script as 'refold run' does, for this account"
    case .plan: "show what a line or a script would write, without writing it"
    case .record: "keep the calls of each ':run' in a folder, to replay them"
    case .save: "write the lines that worked as a script"
    case .history: "show what was typed before"
    case .clear: "clear the screen"
    case .quit: "leave, as Ctrl-D does"
    }
  }

  /// Finds the command that a word means: its name, or a beginning that no other has.
  static func named(_ word: String) throws(CommandError) -> ReplVerb {
    if let verb = ReplVerb(rawValue: word) { return verb }
    let matches = allCases.filter { !word.isEmpty && $0.rawValue.hasPrefix(word) }
    if matches.count == 1 { return matches[0] }
    let names = matches.isEmpty ? allCases.map(\.rawValue) : matches.map(\.rawValue)
    let nearest = matches.isEmpty ? NearestName.of(word, in: names).map { [$0] } ?? [] : names
    let guess = nearest.map { "':\($0)'" }.joined(separator: " or ")
    throw CommandError(
      code: "unknown_command", message: "unknown command ':\(PlainText.oneLine(word))'",
      hint: guess.isEmpty ? "see ':help'" : "did you mean \(guess)? See ':help'")
  }
}

/// A line that begins with a colon.
struct ReplCommandLine: Equatable {
  /// The word behind the colon.
  var verb: String
  /// The rest, without spaces around it.
  var rest: String

  /// Reads a line; nil when it is no command.
  init?(_ line: String) {
    let text = line.drop { $0.isWhitespace }
    guard text.first == ":", !text.hasPrefix("::") else { return nil }
    let words = text.dropFirst()
    let verb = words.prefix { !$0.isWhitespace }
    self.verb = String(verb)
    var rest = words.dropFirst(verb.count).drop { $0.isWhitespace }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    self.rest = String(rest)
  }

  /// The rest as words between spaces.
  var words: [String] { rest.split(whereSeparator: \.isWhitespace).map(String.init) }
}
