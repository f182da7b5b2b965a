import Lua
import RefoldActions

/// The little Lua behind `refold.store.update`, `refold.once` and look-ups, which call functions of the script that may wait.
enum DurableGlue {
  // Compiled when a script first needs it. The name of the chunk keeps its lines out of messages: see rl_where.
  private static let source = """
    local host, pcall = ...
    local glue = {}
    function glue.update(key, fn)
      for attempt = 1, 1000 do
        local old, version = host.read(key)
        local new = fn(old)
        if host.swap(key, new, version) then return new end
        host.pause(attempt)
      end
      host.give_up(key)
    end
    function glue.once(key, fn, window)
      local claim, result = host.claim(key, window)
      if not claim then return result end
      local ok, value = pcall(fn)
      return host.settle(claim, ok, value)
    end
    function glue.look_up(find)
      local write = host.write()
      write.made = host.made
      local ok, verdict, what, why = pcall(host.decide(), write, find, host)
      if not ok then verdict, what = "unknown", "it failed: " .. tostring(verdict) end
      if verdict == "found" then return host.adopt(what, why) end
      if verdict == "absent" then return host.send(what) end
      return host.give_up_on(what)
    end
    return glue
    """

  private static let field = "refold.durable"

  /// What the glue asks of the host.
  static func functions() -> LuaLibrary {
    LuaLibrary(
      [
        ("read", read), ("swap", swap), ("pause", pause), ("give_up", giveUp),
        ("claim", OnceLibrary.claim), ("settle", OnceLibrary.settle),
      ] + LookUpLibrary.functions)
  }

  /// Pushes one of the functions.
  static func push(_ function: String, on stack: borrowing LuaStack) throws {
    if stack.pushRegistryField(field) != .table {
      stack.pop()
      let run = try RefoldLibrary.run(of: stack)
      try stack.load(Array(source.utf8), name: "=(refold)")
      stack.pushTable(fields: 16)
      run.lua.add(run.lane.libraries.durable, toTableOn: stack)
      stack.pushRegistryField(protectedCallField)
      try stack.call(arguments: 2, results: 1)
      stack.pushCopy(of: -1)
      stack.setRegistryField(field)
    }
    stack.pushField(function, at: -1)
    stack.remove(at: -2)
  }

  /// Where the state's own `pcall` is kept, whatever a script makes of the global one.
  static let protectedCallField = "refold.pcall"

  /// `read(key)`: the value and its version, 0 for none.
  private static func read(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let key = try stack.string(1, "key")
    let place = stack.location()
    return try StoreLibrary.whenOpen(stack) { store, _, stack in
      let entry = try RefoldLibrary.run(of: stack).storedEntry(key, in: store, at: place)
      if let entry { try StoreLibrary.push(entry, on: stack) } else { stack.pushNil() }
      stack.push(entry?.version ?? 0)
      return 2
    }
  }

  /// `swap(key, value, version)`: sets the value if nobody else did meanwhile; whether it was set.
  private static func swap(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let key = try stack.string(1, "key")
    var value: [UInt8]?
    if !stack.isAbsent(2) {
      do throws(JSONError) {
        value = try StoreLibrary.json(at: 2, of: stack)
      } catch {
        throw ActionError(
          kind: .permanent, code: "value_not_json",
          message:
            "refold.store.update: what the function returned for '\(key)' can't be kept: \(error.message)",
          hint: "return tables, strings, numbers, booleans and refold.null only")
      }
    }
    let version = try stack.integer(3, "version")
    return try StoreLibrary.put(value, at: key, ifVersion: version, on: stack) { isSet, stack in
      stack.push(isSet)
      return 1
    }
  }

  /// `pause(attempt)`: waits a random time before the next attempt, at most 20 ms.
  private static func pause(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let attempt = try stack.integer(1, "attempt")
    let run = try RefoldLibrary.run(of: stack)
    let pending = PendingCall()
    let lane = run.lane
    let longest = Double(min(attempt, 20)) * 1e6
    let pause = Duration.nanoseconds(Int64(lane.configuration.random() * longest))
    let timer = lane.after(pause) { pending.complete { _ in 0 } }
    pending.abandon = { lane.cancel(timer) }
    return try run.settle(pending, on: stack)
  }

  private static func giveUp(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let key = try stack.string(1, "key")
    throw ActionError(
      kind: .transient, code: "store_conflict",
      message: "refold.store.update: '\(key)' was changed by others 1000 times in a row",
      hint: "keep what is counted under several keys, or let fewer runs change it at once",
      retryable: true)
  }
}
