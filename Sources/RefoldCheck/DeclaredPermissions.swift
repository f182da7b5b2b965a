import LuaSyntax
import RefoldActions

/// What a script declares that it reads or writes: an app, or one action of it.
struct PermissionRule {
  var isWrite: Bool
  var app: String
  /// Nil for all actions of the app.
  var action: String?
  var range: Range<Int>

  func covers(_ app: String, _ action: String) -> Bool {
    self.app == app && (self.action ?? action) == action
  }
}

extension CheckedFile {
  /// The table that the file declares itself with: what a script returns that has `run`, or what a config returns.
  var declaration: ReturnedTable? {
    guard let table = ReturnedTable(self) else { return nil }
    if kind == .config { return table }
    return table.fields.contains { $0.name == "run" } ? table : nil
  }

  /// The rules under `permissions` that are plain to see.
  var permissionRules: [PermissionRule] { declaredPermissions?.rules ?? [] }

  /// The permissions that the file declares, and whether they are all plain to see; nil when it declares none.
  var declaredPermissions: (rules: [PermissionRule], isComplete: Bool)? {
    guard let value = declaration?.fields.last(where: { $0.name == "permissions" })?.value else {
      return nil
    }
    guard let lists = resolver.table(of: value)?.fields else { return ([], false) }
    var rules: [PermissionRule] = []
    var isComplete = true
    for list in lists {
      guard list.name == "read" || list.name == "write" else {
        if list.name == nil { isComplete = false }
        continue
      }
      guard let elements = resolver.table(of: list.value)?.fields else {
        isComplete = false
        continue
      }
      for element in elements {
        guard element.isPositional, let text = resolver.text(of: element.value) else {
          isComplete = false
          continue
        }
        let parts = text.split(
          maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { ".:".contains($0) })
        rules.append(
          PermissionRule(
            isWrite: list.name == "write", app: String(parts[0]),
            action: parts.count > 1 ? String(parts[1]) : nil, range: element.range))
      }
    }
    return (rules, isComplete)
  }

  /// The effects that a config states under `effects`, by `app.action`, where they are plain to see.
  package var statedEffects: [String: Effect] {
    guard let value = declaration?.fields.last(where: { $0.name == "effects" })?.value else {
      return [:]
    }
    var effects: [String: Effect] = [:]
    for field in resolver.table(of: value)?.fields ?? [] {
      if let name = field.name {
        effects[name] = resolver.text(of: field.value).flatMap(Effect.init)
      }
    }
    return effects
  }
}
