import LuaSyntax

/// A file with what all rules want to know about it.
package struct CheckedFile: Sendable {
  /// What a file is for, which decides what it finds around it.
  package enum Kind: Sendable {
    /// A script or a module.
    case script
    /// A test file, `*_test.lua`.
    case test
    /// A project's `refold.lua`.
    case config
    /// The data of a customer, `scripts/customers/ACCOUNT/config.lua`.
    case customer
    /// An app of the sandbox, in a folder `connectors`.
    case connector

    /// Tells it by the path.
    init(path: String) {
      let words = path.split(separator: "/")
      if words.last == "refold.lua" {
        self = .config
      } else if words.last == "config.lua", words.dropLast(2).last == "customers" {
        self = .customer
      } else if words.last?.hasSuffix("_test.lua") == true {
        self = .test
      } else {
        self = words.dropLast().contains("connectors") ? .connector : .script
      }
    }
  }

  /// The path as the user gave it.
  package let path: String
  package let kind: Kind
  let tree: LuaTree
  /// The expression that each expression is part of; -1 for none, and for the body of a function.
  let parents: [Int]
  /// The calls of `refold.exec` and its like.
  let uses: [ActionUse]
  /// The names of the globals that the file sets, with where it first does.
  let assignedGlobals: [String: Range<Int>]
  /// Whether names mean something else than globals, because there is a local `_ENV`.
  let hasOwnEnvironment: Bool

  /// Reads a file.
  ///
  /// - Parameter path: Decides the kind of the file.
  /// - Throws: `LuaSyntaxError`
  package init(path: String, source: [UInt8]) throws(LuaSyntaxError) {
    self.path = path
    kind = Kind(path: path)
    tree = try LuaParser.parse(source)
    parents = Self.parents(in: tree)
    hasOwnEnvironment = tree.variables.contains { $0.name == "_ENV" }
    assignedGlobals = Self.assignedGlobals(in: tree)
    let resolver = PathResolver(tree: tree)
    uses = tree.expressions.indices.compactMap { ActionUse($0, resolver) }
  }

  var resolver: PathResolver { PathResolver(tree: tree) }

  func expression(_ id: LuaTree.ExpressionID) -> LuaTree.Expression { tree.expressions[id] }

  func range(_ id: LuaTree.ExpressionID) -> Range<Int> { tree.expressions[id].range }

  /// The actions that the file names in full, for looking their parameters up.
  package var actionNames: [(app: String, action: String)] {
    uses.compactMap { use in
      guard let app = use.app, let action = use.action else { return nil }
      return (app.text, action.text)
    }
  }

  /// The apps that the file names.
  package var appNames: [String] { uses.compactMap { $0.app?.text } + permissionRules.map(\.app) }

  private static func parents(in tree: LuaTree) -> [Int] {
    var parents = [Int](repeating: -1, count: tree.expressions.count)
    for (id, expression) in tree.expressions.enumerated() {
      switch expression.kind {
      case .index(let object, let key): (parents[object], parents[key]) = (id, id)
      case .call(let function, let arguments):
        parents[function] = id
        for argument in arguments { parents[argument] = id }
      case .methodCall(let object, _, let arguments):
        parents[object] = id
        for argument in arguments { parents[argument] = id }
      case .unary(_, let operand), .parenthesized(let operand): parents[operand] = id
      case .binary(_, let left, let right): (parents[left], parents[right]) = (id, id)
      case .table(let fields):
        for field in fields {
          parents[field.value] = id
          if let key = field.key { parents[key] = id }
        }
      default: break
      }
    }
    return parents
  }

  private static func assignedGlobals(in tree: LuaTree) -> [String: Range<Int>] {
    var found: [String: Range<Int>] = [:]
    func note(_ target: LuaTree.ExpressionID) {
      if case .name(let name, nil) = tree.expressions[target].kind, found[name] == nil {
        found[name] = tree.expressions[target].range
      }
    }
    for statement in tree.statements {
      switch statement.kind {
      case .assign(let targets, _): targets.forEach(note)
      case .function(let target, _): note(target)
      default: break
      }
    }
    return found
  }
}
