import Lua
import RefoldActions

/// What a placeholder does in Lua: it may be stored, joined to text and looked into; all else ends the plan.
enum PlaceholderLibrary {
  private static let metatableField = "refold.placeholder"
  private static let tablesField = "refold.placeholders"
  /// How Lua names the type in its own errors.
  static let typeName = "value known after apply"

  /// What an operator would have to know, by the name of its metamethod.
  private static let ending: [(name: String, reason: String)] = [
    ("__add", "it is computed with"), ("__sub", "it is computed with"),
    ("__mul", "it is computed with"), ("__div", "it is computed with"),
    ("__mod", "it is computed with"), ("__pow", "it is computed with"),
    ("__unm", "it is computed with"), ("__idiv", "it is computed with"),
    ("__band", "it is computed with"), ("__bor", "it is computed with"),
    ("__bxor", "it is computed with"), ("__shl", "it is computed with"),
    ("__shr", "it is computed with"), ("__bnot", "it is computed with"),
    ("__eq", "it is compared"), ("__lt", "it is compared"), ("__le", "it is compared"),
    ("__len", "its length is asked for"), ("__call", "a function of it is called"),
    ("__pairs", "its fields are listed"), ("__newindex", "a field of it is set"),
  ]

  static func functions() -> LuaLibrary {
    LuaLibrary(
      [("__index", index), ("__concat", join), ("__tostring", text)]
        + ending.map { entry in
          (entry.name, { stack in try end(entry.reason, stack) })
        })
  }

  // The functions of Lua that would lose a placeholder without asking it. The name of the chunk keeps its lines out of messages.
  private static let glue = """
    local is, ending = ...
    local tostring_, tonumber_, concat_, next_ = tostring, tonumber, table.concat, next
    local integer_ = math.tointeger
    function tostring(...)
      if is((...)) then return (...) end
      return tostring_(...)
    end
    function tonumber(...)
      if is((...)) then ending("it is taken for a number", (...)) end
      return tonumber_(...)
    end
    function math.tointeger(...)
      if is((...)) then ending("it is taken for a number", (...)) end
      return integer_(...)
    end
    function next(...)
      if is((...)) then ending("its fields are listed", (...)) end
      return next_(...)
    end
    function table.concat(list, separator, first, last)
      if type(list) == "table" and not is(list) then
        local from, to = first or 1, last or #list
        for index = from, to do
          if is(list[index]) then
            local text = list[from]
            for after = from + 1, to do text = text .. (separator or "") .. list[after] end
            return text
          end
        end
      end
      return concat_(list, separator, first, last)
    end
    """

  /// Gives a state the metatable, and functions that know placeholders.
  static func install(_ library: LuaLibrary, in lua: LuaState, on stack: borrowing LuaStack) throws
  {
    stack.pushTable(fields: 32)
    lua.add(library, toTableOn: stack)
    stack.push(typeName)
    stack.setField("__name", at: -2)
    stack.push(typeName)
    stack.setField("__metatable", at: -2)
    stack.setRegistryField(metatableField)
    stack.pushTable()
    stack.setRegistryField(tablesField)
    try stack.load(Array(glue.utf8), name: "=(refold)")
    stack.push(function: { stack in
      stack.push(number(at: 1, of: stack) != nil)
      return .results(1)
    })
    stack.push(function: { stack in
      let reason = try stack.string(1, "reason")
      stack.remove(at: 1)
      return try end(reason, stack)
    })
    try stack.call(arguments: 2, results: 0)
  }

  /// Pushes a placeholder; the same table for the same number.
  static func push(_ number: Int, _ planner: Planner, on stack: borrowing LuaStack) {
    stack.pushRegistryField(tablesField)
    if stack.pushElement(number, at: -1) == .table {
      stack.remove(at: -2)
      return
    }
    stack.pop()
    stack.pushTable(fields: 1)
    stack.push(number)
    stack.setField(planner.mark.key, at: -2)
    stack.pushRegistryField(metatableField)
    stack.setMetatable(at: -2)
    stack.pushCopy(of: -1)
    stack.setElement(number, at: -3)
    stack.remove(at: -2)
  }

  /// Returns the number of the placeholder at a position; nil for every other value.
  static func number(at position: Int, of stack: borrowing LuaStack) -> Int? {
    guard let planner = stack.planner,
      stack.type(at: position) == .table, stack.pushMetatable(at: position)
    else { return nil }
    stack.pushRegistryField(metatableField)
    let isOne = stack.rawEqual(-1, -2)
    stack.pop(2)
    guard isOne else { return nil }
    stack.pushField(planner.mark.key, at: stack.absolute(position))
    defer { stack.pop() }
    return stack.integer(at: -1).map { Int($0) }
  }

  private static func planner(_ stack: borrowing LuaStack) throws -> Planner {
    guard let planner = try RefoldLibrary.run(of: stack).lane.planner else {
      throw LuaError("there is no plan")
    }
    return planner
  }

  // MARK: - Metamethods

  private static func index(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let planner = try planner(stack)
    guard let number = number(at: 1, of: stack), let placeholder = planner.placeholder(number)
    else { return .results(0) }
    guard let answer = placeholder.answer else { return try end("its text is looked into", stack) }
    guard stack.type(at: 2) == .string, let name = stack.string(at: 2) else {
      return try end("an element of it is read", stack)
    }
    switch planner.field(name, of: answer) {
    case .placeholder(let number): push(number, planner, on: stack)
    case .known(let value):
      do throws(JSONError) {
        try stack.pushJSON(Array(value.json.utf8))
      } catch {
        throw LuaError(error.message)
      }
    }
    return .results(1)
  }

  private static func join(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let planner = try planner(stack)
    var parts: [PlanValue.Part] = []
    for position in 1...2 {
      if let number = number(at: position, of: stack) {
        parts += planner.placeholder(number)?.parts ?? []
      } else if [.string, .number].contains(stack.type(at: position)) {
        parts.append(.text(stack.displayText(at: position)))
      } else {
        throw LuaError("attempt to concatenate a \(stack.type(at: position).name) value")
      }
    }
    let joined = Placeholder(parts: Placeholder.text(parts))
    push(planner.number(of: joined), planner, on: stack)
    return .results(1)
  }

  private static func text(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let planner = try planner(stack)
    stack.push(number(at: 1, of: stack).map { planner.mark.text($0) } ?? Placeholder.text)
    return .results(1)
  }

  /// Ends the plan: what comes next depends on a value that nobody knows yet.
  private static func end(_ reason: String, _ stack: borrowing LuaStack) throws -> LuaOutcome {
    let run = try RefoldLibrary.run(of: stack)
    let planner = try planner(stack)
    let found = stack.count > 0 ? number(at: 1, of: stack) : nil
    let subject = (found ?? (stack.count > 1 ? number(at: 2, of: stack) : nil)).flatMap {
      planner.placeholder($0)
    }.map { planner.name(of: $0) }
    run.endPlan("\(subject ?? "a value") is known after apply, and \(reason)", at: stack.location())
    if stack.canSuspend { return .suspend }
    throw LuaError("the plan ends here")
  }
}

extension Planner {
  /// What people call a placeholder: `data.id of write 1 (hubspot.create_contact)`.
  func name(of placeholder: Placeholder) -> String {
    for case .answer(let answer) in placeholder.parts {
      guard writes.indices.contains(answer.write - 1) else { continue }
      let path = (["data"] + answer.path).joined(separator: ".")
      let field = placeholder.parts.count == 1 ? path : "a text with \(path)"
      return "\(field) of write \(answer.write) (\(writes[answer.write - 1].name))"
    }
    return "a value"
  }

  /// Puts placeholders back where a value from the store, on top of the stack, has their marks.
  func redress(_ stack: borrowing LuaStack, _ json: [UInt8]) {
    if mark.isIn(String(decoding: json, as: UTF8.self)) { redress(stack) }
  }

  private func redress(_ stack: borrowing LuaStack) {
    guard stack.type(at: -1) == .table else { return }
    stack.pushField(mark.key, at: -1)
    let number = stack.integer(at: -1)
    stack.pop()
    if let number {
      PlaceholderLibrary.push(Int(number), self, on: stack)
      stack.remove(at: -2)
      return
    }
    var (names, indices): ([String], [Int]) = ([], [])
    stack.forEachEntry(at: -1) { stack in
      guard stack.type(at: -1) == .table else { return }
      if let name = stack.string(at: -2) { names.append(name) }
      if let index = stack.integer(at: -2) { indices.append(Int(index)) }
    }
    for name in names {
      stack.pushField(name, at: -1)
      redress(stack)
      stack.setField(name, at: -2)
    }
    for index in indices {
      stack.pushElement(index, at: -1)
      redress(stack)
      stack.setElement(index, at: -2)
    }
  }

  /// Puts a placeholder in place of `data` of the captured write's answer on top of the stack.
  func dress(_ stack: borrowing LuaStack) {
    guard stack.type(at: -1) == .table else { return }
    stack.pushField("data", at: -1)
    var number: Int?
    if stack.type(at: -1) == .table {
      stack.pushField(mark.key, at: -1)
      number = stack.integer(at: -1).map { Int($0) }
      stack.pop()
    }
    stack.pop()
    guard let number else { return }
    PlaceholderLibrary.push(number, self, on: stack)
    stack.setField("data", at: -2)
  }
}

extension LuaStack {
  /// The planner of the run that a host function was called from; nil when its writes are sent.
  var planner: Planner? { attachment(as: Run.self)?.lane.planner }
}

extension Planner {
  /// Gives a thread a stack that need not grow when placeholders are joined.
  ///
  /// Lua 5.4.4 gives the wrong result for `a .. b .. c` when the stack is moved in `__concat`. The values at the bottom keep
  /// the collector from making the stack small again.
  func makeRoom(in thread: LuaThread) {
    thread.withStack { stack in
      stack.setCount(500)
      stack.setCount(200)
    }
  }

  /// Lets placeholders pass for whatever the schema asks for.
  func excuse(_ given: inout [GivenParameter], at position: Int, of stack: borrowing LuaStack) {
    for index in given.indices where given[index].type == .table {
      stack.pushField(given[index].name, at: position)
      if PlaceholderLibrary.number(at: -1, of: stack) != nil { given[index].type = .none }
      stack.pop()
    }
  }
}
