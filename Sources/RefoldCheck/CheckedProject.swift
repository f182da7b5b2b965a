import LuaSyntax
import RefoldActions
import RefoldStdlib

/// What surrounds a file that is checked.
package struct CheckedProject {
  /// A module of the project, looked up by its name.
  package struct Module: Sendable {
    /// The names that it gives; nil when they cannot be read off its file.
    package var fields: Set<String>?

    /// Reads what a module gives from its file.
    package init(_ file: CheckedFile) { fields = ModuleFields.of(file) }

    /// A module that cannot be read.
    package init() {}
  }

  /// The names that declarations may hold, as the runtime knows them.
  package struct Declarations: Sendable {
    /// The fields of a project's config.
    package var config: [String]
    /// The fields of `budget`.
    package var budget: [String]
    /// The fields of `env`.
    package var environment: [String]
    /// The types of input fields.
    package var inputTypes: [String]

    /// The name of the folder of an account; nil when it can have none.
    package var accountFolder: @Sendable (String) -> String?

    /// Makes the list.
    package init(
      config: [String], budget: [String], environment: [String], inputTypes: [String],
      accountFolder: @escaping @Sendable (String) -> String? = { $0 }
    ) {
      self.accountFolder = accountFolder
      self.config = config
      self.budget = budget
      self.environment = environment
      self.inputTypes = inputTypes
    }
  }

  /// The names that declarations may hold.
  package var declarations: Declarations
  /// What the backend offers.
  package var actions: KnownActions
  /// Effects that the project's config states, by `app.action`.
  package var effects: EffectRules
  /// Finds a module of the project from a file that requires it; nil when there is none.
  package var module: (_ name: String, _ path: String) -> Module?
  /// The names of all modules that a file may require, for finding the one that was meant.
  package var moduleNames: (_ path: String) -> [String]
  let globals = KnownGlobals.shared
  private let standardModules = StandardModules()

  /// Makes it.
  package init(
    actions: KnownActions, declarations: Declarations, effects: EffectRules = EffectRules(),
    module: @escaping (_ name: String, _ path: String) -> Module? = { _, _ in Module() },
    moduleNames: @escaping (_ path: String) -> [String] = { _ in [] }
  ) {
    self.moduleNames = moduleNames
    self.declarations = declarations
    self.actions = actions
    self.effects = effects
    self.module = module
  }

  /// The fields that a library or a module has, by its path; nil when they are not known.
  func fields(of path: String, from file: String) -> Set<String>? {
    if let known = globals.fields[path] { return known }
    guard path.hasPrefix("@") else { return nil }
    let name = String(path.dropFirst())
    return globals.modules.contains(name)
      ? standardModules.fields(of: name) : module(name, file)?.fields
  }

  /// The effect of a call; nil when the app and the action are not plain to see.
  func effect(of use: ActionUse, in file: CheckedFile) -> Effect? {
    guard use.executes, let app = use.app?.text, let action = use.action?.text else { return nil }
    if let known = actions.actions[app]?[action], action != "httprequest" { return known.effect }
    let fields = use.parameters.flatMap { file.resolver.table(of: $0)?.fields } ?? []
    let method = fields.first { $0.name == "method" }.flatMap { file.resolver.text(of: $0.value) }
    return effects.effect(app: app, action: action, method: method)
  }

  /// The effect of a call, unless there is no such action, which is then all that is said about it.
  func effectOfKnown(_ use: ActionUse, in file: CheckedFile) -> Effect? {
    guard let app = use.app?.text, let action = use.action?.text, !isUnknown(app, action) else {
      return nil
    }
    return effect(of: use, in: file)
  }

  /// Whether there is no such action, which is then what is wrong with it.
  func isUnknown(_ app: String, _ action: String) -> Bool {
    if let apps = actions.apps, !apps.contains(app) {
      return actions.isComplete || NearestName.of(app, in: apps) != nil
    }
    return actions.actions[app].map { $0[action] == nil } ?? false
  }

  /// Returns all that is wrong with a file, in the order of its lines.
  package func findings(in file: CheckedFile) -> [Finding] {
    // Definitions for editors describe globals; nothing of them runs.
    if file.isDefinition { return [] }
    var list = FindingList(file.tree.source)
    for rule in Rules.all {
      list.rule = rule.code
      rule.check(file, self, &list)
    }
    let comments = IgnoreComments(file.tree)
    list.rule = Rules.ignoreCode
    comments.checkRules(&list)
    return list.all.filter { !comments.cover($0) }
      .sorted { ($0.range.lowerBound, $0.rule) < ($1.range.lowerBound, $1.rule) }
  }
}

extension CheckedFile {
  var isDefinition: Bool {
    tree.comments.first.map { tree.source.text($0).hasPrefix("---@meta") } ?? false
  }
}

extension LuaSyntaxError {
  /// The error as the finding of a check.
  package func finding(in source: [UInt8]) -> Finding {
    let source = LuaSource(source)
    let start = source.position(of: offset)
    return Finding(
      rule: Rules.syntaxCode, severity: .error, range: offset..<offset, start: start, end: start,
      message: message, hint: nil)
  }
}
