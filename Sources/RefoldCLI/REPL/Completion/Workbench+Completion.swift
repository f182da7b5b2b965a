import LineEditing
import LuaSyntax
import Posix
import RefoldActions
import RefoldRuntime
import RefoldStdlib

extension Workbench {
  /// The longest that Tab waits for the network.
  private static let patience = Duration.milliseconds(300)

  var isLookingUp: Bool { session.isLookingUp }

  func pollLookUps() { session.pollLookUps() }

  /// What the word at the end of a text can become.
  func completion(of text: String) -> Completion {
    guard let request = CompletionRequest(text) else { return Completion() }
    guard let candidates = candidates(for: request) else {
      return Completion(message: "(the answer is on its way; press Tab again)")
    }
    let prefix = request.prefix
    let matching = candidates.filter { $0.text.hasPrefix(prefix) }
    return Completion(replaced: prefix.count, candidates: matching)
  }

  /// Everything that could stand there; nil when that is not known in time.
  private func candidates(for request: CompletionRequest) -> [Completion.Candidate]? {
    switch request {
    case .verb: ReplVerb.allCases.map { .init($0.rawValue) }
    case .argument(let verb, let words, let prefix): candidates(for: verb, words, prefix)
    case .app: apps()
    case .action(let app, _): actions(of: app)
    case .account: linkedAccounts()
    case .parameter(let app, let action, let given, _): parameters(of: app, action, given)
    case .module: modules()
    case .field(let path, let prefix): fields(of: path, prefix)
    }
  }

  private func candidates(
    for verb: ReplVerb, _ words: [String], _ prefix: String
  ) -> [Completion.Candidate]? {
    switch (verb, words.count) {
    case (.help, 0): ReplVerb.allCases.map { .init($0.rawValue) }
    case (.actions, 0), (.app, 0), (.schema, 0): apps()
    case (.schema, 1): actions(of: words[0])
    case (.account, 0): linkedAccounts()
    case (.writes, 0): [.init("on"), .init("off")]
    case (.set, 0): ReplSettings.names.map { .init($0) }
    case (.set, 1) where words[0] == "verbose": [.init("on"), .init("off")]
    case (.load, 0), (.run, 0), (.plan, 0), (.save, 0): files(prefix)
    case (.record, 0): [.init("off")] + files(prefix)
    default: []
    }
  }

  /// The accounts of the backend, and those that were worked with; the latter alone when the backend gives no list in time.
  private func linkedAccounts() -> [Completion.Candidate] {
    let listed = session.linkedAccounts(patience: Self.patience) ?? []
    return Set(listed + accounts).sorted().map { .init($0) }
  }

  private func apps() -> [Completion.Candidate]? {
    session.apps(patience: Self.patience)?.map { app in
      let notes: [ApplicationStatus.Connection: String] = [
        .notConnected: "(not connected)", .reauthRequired: "(reconnect)",
      ]
      return .init(app.slug, note: notes[app.connection] ?? "")
    }
  }

  private func actions(of app: String) -> [Completion.Candidate]? {
    session.actions(of: app, patience: Self.patience)?.map { action in
      let isWrite = lane.effect(app: app, action: action.actionID) == .write
      return .init(action.actionID, note: isWrite ? "(writes)" : "")
    }
  }

  private func parameters(
    of app: String, _ action: String, _ given: [String]
  ) -> [Completion.Candidate]? {
    guard let all = session.parameters(of: app, action, patience: Self.patience) else { return nil }
    let open = all.filter { !given.contains($0.name) && ValueText.isName(Array($0.name.utf8)) }
    return (open.filter(\.required) + open.filter { !$0.required }).map { parameter in
      .init(
        "\(parameter.name) = ", label: parameter.name,
        note: parameter.required ? "(required)" : "(\(parameter.type))")
    }
  }

  private func modules() -> [Completion.Candidate] {
    // Modules with `refold_` in front are parts of the others, and promised to nobody.
    let library = Stdlib.modules.map(\.name).filter { !$0.hasPrefix("refold_") }
    var names = Set(["json"] + library)
    // As `require` looks for them: in `scripts`, then here.
    collectModules(below: "scripts", as: "", 4, &names)
    collectModules(below: ".", as: "", 2, &names)
    return names.sorted().map { .init($0) }
  }

  private func collectModules(
    below folder: String, as prefix: String, _ depth: Int, _ names: inout Set<String>
  ) {
    for name in (try? Folders.list(folder)) ?? [] where names.count < 500 && name.first != "." {
      if name.hasSuffix(".lua") {
        if !name.hasSuffix("_test.lua") { names.insert(prefix + name.dropLast(4)) }
      } else if depth > 0, !name.contains(".") {
        collectModules(below: "\(folder)/\(name)", as: "\(prefix)\(name).", depth - 1, &names)
      }
    }
  }

  private func fields(of path: [PathStep], _ prefix: String) -> [Completion.Candidate] {
    var candidates = session.fields(of: path).filter { ValueText.isName(Array($0.name.utf8)) }
      .map { Completion.Candidate($0.isFunction ? "\($0.name)(" : $0.name, label: $0.name) }
    if path.isEmpty, !prefix.isEmpty {
      candidates += LuaToken.keywords.map { .init($0) }
    }
    return candidates.sorted { $0.label < $1.label }
  }

  private func files(_ prefix: String) -> [Completion.Candidate] {
    let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
    let names = (try? Folders.list(folder.isEmpty ? "." : folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.compactMap { name in
      let path = folder + name
      guard let status = try? Files.status(path) else { return nil }
      if status.kind == .folder { return .init(path + "/", label: name + "/") }
      return name.hasSuffix(".lua") ? .init(path, label: name) : nil
    }
  }
}
