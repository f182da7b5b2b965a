import Lua

/// What code apart from the session can be given of the value of a name.
public enum SessionValue: Sendable, Equatable {
  /// Data, as JSON text.
  case data([UInt8])
  /// A module, by the name under which it is required.
  case module(String)
  /// What a file gave that was loaded, by the path of the file.
  case file(String)
  /// What cannot be given, by the name of its type: a function, or a table that holds one.
  case other(String)
}

extension Session {
  /// Returns what can be given of the value that a name has in the session; nil for a name without value, and for what every
  /// state has.
  public func copy(of name: String) -> SessionValue? {
    lua.withStack { stack in
      stack.pushRegistryField(SessionGlue.localsField)
      if stack.pushField(name, at: -1) == .nil {
        stack.pushGlobals()
        let type = stack.pushField(name, at: -1)
        if [.nil, .function].contains(type) || Self.standard.contains(name) { return nil }
      }
      let value = stack.count
      if let module = module(of: value, on: stack) { return .module(module) }
      if let file = loaded.first(where: { $0.name == name }) { return .file(file.path) }
      do throws(JSONError) {
        return .data(try StoreLibrary.json(at: value, of: stack))
      } catch {
        return .other(stack.type(at: value).name)
      }
    }
  }

  /// The tables that every state has under these names.
  private static let standard: Set<String> = [
    "_G", "_VERSION", "coroutine", "fs", "json", "math", "os", "package", "refold", "string",
    "table", "utf8",
  ]

  private func module(of position: Int, on stack: borrowing LuaStack) -> String? {
    guard stack.type(at: position) == .table,
      stack.pushRegistryField(ModuleLoader.loadedField) == .table
    else { return nil }
    var found: String?
    stack.forEachEntry(at: stack.count, while: { found == nil }) { stack in
      if stack.rawEqual(-1, position) { found = stack.string(at: -2) }
    }
    return found
  }
}
