import LuaSyntax
import RefoldStdlib

/// The globals that a script finds, and the fields of those that are tables.
///
/// What `refold` and `json` have is read from the definitions for editors, so that there is one list of it.
struct KnownGlobals: Sendable {
  static let shared = KnownGlobals()

  /// The globals of every file.
  let names: Set<String>
  /// The modules of the standard library.
  let modules: Set<String>
  /// The fields of tables by path: `string`, `refold`, `refold.log`, `@json` for a module.
  private(set) var fields: [String: Set<String>]

  private static let functions = [
    "_G", "_VERSION", "assert", "collectgarbage", "error", "getmetatable", "ipairs", "load", "next",
    "pairs", "pcall", "print", "rawequal", "rawget", "rawlen", "rawset", "require", "select",
    "setmetatable", "tonumber", "tostring", "type", "xpcall",
  ]

  private static let libraries = [
    "string": """
    byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper
    """,
    "table": "concat insert move pack remove sort unpack",
    "math": """
    abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp huge ldexp log log10 max maxinteger \
    min mininteger modf pi pow rad random randomseed sin sinh sqrt tan tanh tointeger type ult
    """,
    "utf8": "char charpattern codepoint codes len offset",
    "coroutine": "create isyieldable resume running status wrap yield",
    "os": "clock date difftime time",
  ]

  private init() {
    var fields = Self.libraries.mapValues { Set($0.split(separator: " ").map(String.init)) }
    names = Set(Self.functions).union(fields.keys).union(["refold"])
    modules = Set(Stdlib.modules.map(\.name)).union(["json", "refold_files"])
    for (path, found) in Self.definitions() { fields[path, default: []].formUnion(found) }
    self.fields = fields
  }

  /// The fields that the definitions set, by path.
  private static func definitions() -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    for source in Stdlib.types {
      guard let file = try? CheckedFile(path: source.name, source: Array(source.text.utf8)) else {
        continue
      }
      for statement in file.tree.statements {
        switch statement.kind {
        case .assign(let targets, _):
          for target in targets { note(target, of: source.name, file, &found) }
        case .function(let target, _): note(target, of: source.name, file, &found)
        default: break
        }
      }
    }
    return found
  }

  /// Notes `refold.log.info` as a field of `refold.log`, and a field of the local `json`, which its file returns, as one of the
  /// module.
  private static func note(
    _ target: LuaTree.ExpressionID, of module: String, _ file: CheckedFile,
    _ found: inout [String: Set<String>]
  ) {
    var names: [String] = []
    var id = target
    while case .index(let object, let key) = file.tree.expressions[id].kind,
      case .string(let name) = file.tree.expressions[key].kind
    {
      names.insert(name, at: 0)
      id = object
    }
    guard case .name(let name, let variable) = file.tree.expressions[id].kind,
      variable == nil || file.returnsSomething, let last = names.popLast()
    else { return }
    let root = variable == nil ? name : "@\(module)"
    found[([root] + names).joined(separator: "."), default: []].insert(last)
  }
}

extension CheckedFile {
  /// Whether the file is a module; others describe globals, and classes by locals.
  fileprivate var returnsSomething: Bool {
    guard let last = tree.blocks[0].statements.last, case .return = tree.statements[last].kind
    else { return false }
    return true
  }
}
