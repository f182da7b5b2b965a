import Lua

/// The little Lua that a session is made of: how its names are looked up and assigned.
enum SessionGlue {
  // The globals of a line are an empty table, so that each assignment is seen. Names that the session declared are
  // kept apart from the globals, which modules and loaded files share. Reading goes through tables only.
  private static let source = """
    local locals, kinds, globals = ...
    local error, next, rawset, getmetatable, setmetatable = error, next, rawset, getmetatable, setmetatable
    local glue = {}
    function glue.assign(_, name, value)
      local kind = kinds[name]
      if kind == nil then
        globals[name] = value
      elseif kind == "constant" then
        error("attempt to assign to const variable '" .. name .. "'", 2)
      else
        if kind == "unset" then kinds[name] = "constant" end
        locals[name] = value
      end
    end
    function glue.bind(chunk, ...)
      local argument = ...
      return function() return chunk(argument) end
    end
    function glue.patch(old, new)
      if type(old) ~= "table" or type(new) ~= "table" or old == new then return new end
      for key in next, old do
        if rawget(new, key) == nil then rawset(old, key, nil) end
      end
      for key, value in next, new do rawset(old, key, value) end
      setmetatable(old, getmetatable(new))
      return old
    end
    return glue
    """

  static let localsField = "refold.session.locals"
  static let kindsField = "refold.session.kinds"
  static let glueField = "refold.session.glue"
  static let environmentField = "refold.session.environment"
  static let valuesField = "refold.session.values"
  static let errorField = "refold.session.error"

  /// Makes the tables of a session and keeps them in the registry.
  static func install(on stack: borrowing LuaStack) throws(LuaError) {
    stack.pushTable()  // locals
    let locals = stack.count
    stack.pushTable(fields: 1)
    stack.pushGlobals()
    stack.setField("__index", at: -2)
    stack.setMetatable(at: locals)
    stack.pushTable()  // kinds
    try stack.load(Array(source.utf8), name: "=session")
    stack.pushCopy(of: locals)
    stack.pushCopy(of: locals + 1)
    stack.pushGlobals()
    try stack.call(arguments: 3, results: 1)
    stack.pushTable()  // environment
    stack.pushTable(fields: 3)
    stack.pushCopy(of: locals)
    stack.setField("__index", at: -2)
    stack.pushField("assign", at: locals + 2)
    stack.setField("__newindex", at: -2)
    stack.push(false)
    stack.setField("__metatable", at: -2)
    stack.setMetatable(at: -2)
    for field in [environmentField, glueField, kindsField, localsField] {
      stack.setRegistryField(field)
    }
  }

  /// Pushes one of the functions.
  static func push(_ function: String, on stack: borrowing LuaStack) {
    stack.pushRegistryField(glueField)
    stack.pushField(function, at: -1)
    stack.remove(at: -2)
  }
}
