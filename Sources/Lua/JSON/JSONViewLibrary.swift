import CLua
import CLuaShim

/// What scripts can do with a view: read it, measure it, walk it, and make a plain table of it.
enum JSONViewLibrary {
  private static let metatable = "json.view"
  private static let metamethods = LuaLibrary([
    ("__index", index), ("__newindex", refuse), ("__len", length), ("__pairs", pairs),
    ("__call", copy), ("__eq", equal), ("__tostring", describe),
  ])

  /// Pushes the metatable of views, which is kept in the registry.
  private static func pushMetatable(on stack: borrowing LuaStack) {
    guard stack.pushRegistryField(metatable) == .nil else { return }
    stack.pop()
    stack.pushTable(fields: 9)
    stack.state.add(metamethods, toTableOn: stack)
    stack.push(metatable)
    stack.setField("__name", at: -2)
    // Hides the metatable: nothing but Lua itself calls the metamethods.
    stack.push(false)
    stack.setField("__metatable", at: -2)
    stack.pushCopy(of: -1)
    stack.setRegistryField(metatable)
  }

  /// Pops the document on top of the stack and pushes a view of its outermost value, which is an array or object.
  static func pushRoot(on stack: borrowing LuaStack) {
    pushMetatable(on: stack)
    unsafe JSONView.push(0, on: stack.raw)
  }

  /// `json.copy(view)`: a plain table of all that a view shows.
  static func copy(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    guard isView(at: 1, of: stack) else {
      throw stack.argumentError(1, "view", expected: "lazy view")
    }
    let view = try view(stack)
    let range = Int(view.node.start)..<Int(view.node.end)
    // SAFETY: the document is on the stack as long as its bytes are used.
    try unsafe stack.pushJSON(view.document.input.view(range), view.document.options)
    return .results(1)
  }

  /// Whether the value at a position is a view.
  static func isView(at position: Int, of stack: borrowing LuaStack) -> Bool {
    guard stack.type(at: position) == .userdata, stack.pushMetatable(at: position) else {
      return false
    }
    _ = stack.pushRegistryField(metatable)
    defer { stack.pop(2) }
    return stack.rawEqual(-1, -2)
  }

  // MARK: - Metamethods

  private static func view(_ stack: borrowing LuaStack) throws -> JSONView {
    stack.reserve(8)
    guard let view = unsafe JSONView(at: 1, of: stack.raw) else {
      throw stack.argumentError(1, "view", expected: "lazy view")
    }
    return view
  }

  private static func index(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    // Raw calls, because this is where scripts spend their time with views.
    let lua = unsafe stack.raw
    guard let view = unsafe JSONView(at: 1, of: lua) else { return .results(0) }
    var found: UInt32?
    if view.isObject {
      found = unsafe stack.withBytes(at: 2) { key in unsafe view.member(key) } ?? nil
    } else if unsafe lua_type(lua, 2) == LUA_TNUMBER {
      // 0, which is no element, for what is not integral.
      found = view.element(unsafe lua_tointegerx(lua, 2, nil))
    }
    guard let found else {
      unsafe lua_pushnil(lua)
      return .results(1)
    }
    do throws(JSONFault) {
      try view.push(found, position: 1)
    } catch {
      throw JSONError.memory
    }
    return .results(1)
  }

  private static func length(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let view = try view(stack)
    stack.push(view.isObject ? 0 : Int(view.node.count))
    return .results(1)
  }

  /// Gives `next` a table with the members or elements; arrays and objects in it are views.
  private static func pairs(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let view = try view(stack)
    stack.pushGlobals()
    stack.pushField("next", at: -1)
    stack.remove(at: -2)
    do throws(JSONFault) {
      try view.pushTable(position: 1)
    } catch {
      throw JSONError.memory
    }
    return .results(2)
  }

  private static func refuse(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let field = stack.displayText(at: 2)
    throw LuaError(
      "cannot set '\(field)': a lazy view is read-only; make a table of it with json.copy(view)")
  }

  private static func equal(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    guard isView(at: 1, of: stack), isView(at: 2, of: stack),
      let first = unsafe JSONView(at: 1, of: stack.raw),
      let second = unsafe JSONView(at: 2, of: stack.raw)
    else {
      stack.push(false)
      return .results(1)
    }
    stack.push(first.isSame(as: second))
    return .results(1)
  }

  private static func describe(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let view = try view(stack)
    let count = view.node.count
    let what = view.isObject ? "object with \(count) field" : "array with \(count) element"
    stack.push("lazy view of an \(what)\(count == 1 ? "" : "s")")
    return .results(1)
  }
}
