import HTTP
import Lua

/// Which apps a list of apps is to show: the query of the API's operation.
struct ApplicationFilter {
  var slug: String?
  var authType: String?
  var tags: [String] = []
  var isEcosystem: Bool?

  /// Lets every app through.
  init() {}

  /// Reads `slug`, `auth_type`, `tags` (one or several, by comma) and `ecosystem`; ignores what is empty.
  init(_ query: [HTTPServerRequest.QueryItem]) {
    for item in query {
      guard let value = item.value, !value.isEmpty else { continue }
      switch item.name {
      case "slug": slug = value
      case "auth_type": authType = value
      case "tags": tags += value.split(separator: ",").map(String.init)
      case "ecosystem": isEcosystem = Bool(value)
      default: break
      }
    }
  }

  /// Whether the app on top of the stack is to be shown.
  func shows(_ stack: borrowing LuaStack) -> Bool {
    if let slug, text("slug", stack) != slug { return false }
    if let authType, text("auth_type", stack) != authType { return false }
    if let isEcosystem {
      stack.pushField("ecosystem", at: -1)
      defer { stack.pop() }
      if stack.boolean(at: -1) != isEcosystem { return false }
    }
    return tags.isEmpty || hasTag(stack)
  }

  private func text(_ name: String, _ stack: borrowing LuaStack) -> String? {
    stack.pushField(name, at: -1)
    defer { stack.pop() }
    return stack.string(at: -1)
  }

  private func hasTag(_ stack: borrowing LuaStack) -> Bool {
    stack.pushField("tags", at: -1)
    defer { stack.pop() }
    var isFound = false
    stack.forEachEntry(at: -1) { stack in
      if let tag = stack.string(at: -1), tags.contains(tag) { isFound = true }
    }
    return isFound
  }
}
