import Lua
import Posix
import SQLite

/// The store as connectors see it: the records of the account and app that are being called.
enum RecordsLibrary {
  static let shared = LuaLibrary([
    ("get", get), ("all", all), ("find", find), ("next", next), ("put", put), ("delete", delete),
    ("now", now), ("part", part),
  ])

  private static func engine(of stack: borrowing LuaStack) throws -> SandboxEngine {
    guard let engine = stack.attachment(as: SandboxEngine.self) else {
      throw LuaError("the sandbox is closed")
    }
    return engine
  }

  /// Runs an operation on the store, and keeps its failure for the engine to report.
  private static func use<Result>(
    _ stack: borrowing LuaStack,
    _ body: (SandboxStore, SandboxStore.Shelf) throws(SQLiteError) -> Result
  ) throws -> Result {
    let engine = try engine(of: stack)
    var shelf = engine.shelf
    shelf.kind = try stack.string(1, "kind")
    do throws(SQLiteError) {
      return try body(engine.store, shelf)
    } catch {
      engine.storeFailure = error
      throw LuaError(error.message)
    }
  }

  private static func get(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let id = try stack.string(2, "id")
    let found = try use(stack) { (store, shelf) throws(SQLiteError) in
      try store.record(id, on: shelf)
    }
    if let found { try stack.pushJSON(found) } else { stack.pushNil() }
    return .results(1)
  }

  private static func all(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let found = try use(stack) { (store, shelf) throws(SQLiteError) in
      try store.records(on: shelf)
    }
    return try push(found, without: try fresh(stack), on: stack)
  }

  /// The ids of records that were made too recently to be shown, while an index lags.
  private static func fresh(_ stack: borrowing LuaStack) throws -> Set<String> {
    let engine = try engine(of: stack)
    guard engine.fault == .indexLag else { return [] }
    var shelf = engine.shelf
    shelf.kind = try stack.string(1, "kind")
    let limit = MonotonicTime.now() - Fault.indexLag
    return Set((engine.made[shelf] ?? [:]).filter { $0.value > limit }.keys)
  }

  private static func find(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let field = try stack.string(2, "field")
    let value = try stack.string(3, "value")
    let found = try use(stack) { (store, shelf) throws(SQLiteError) in
      try store.records(on: shelf, where: field, is: value)
    }
    return try push(found, without: try fresh(stack), on: stack)
  }

  private static func push(
    _ records: [[UInt8]], without hidden: Set<String>, on stack: borrowing LuaStack
  ) throws -> LuaOutcome {
    stack.pushTable(elements: records.count)
    var count = 0
    for record in records {
      try stack.pushJSON(record)
      if !hidden.isEmpty {
        stack.pushField("id", at: -1)
        let isHidden = hidden.contains(stack.displayText(at: -1))
        stack.pop()
        if isHidden {
          stack.pop()
          continue
        }
      }
      count += 1
      stack.setElement(count, at: -2)
    }
    stack.markArray(at: -1)
    return .results(1)
  }

  private static func next(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    stack.push(
      try use(stack) { (store, shelf) throws(SQLiteError) in try store.nextNumber(on: shelf) })
    return .results(1)
  }

  private static func put(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let id = try stack.string(2, "id")
    try stack.table(3, "record")
    try stack.table(4, "keys")
    let body = try stack.encodeJSON(at: 3)
    var keys: [(field: String, value: String)] = []
    stack.forEachEntry(at: 4) { stack in
      guard let field = stack.string(at: -2), let value = stack.string(at: -1) else { return }
      keys.append((field, value))
    }
    let engine = try engine(of: stack)
    try use(stack) { (store, shelf) throws(SQLiteError) in
      if engine.faults?.mayLag == true, try store.record(id, on: shelf) == nil {
        engine.made[shelf, default: [:]][id] = MonotonicTime.now()
      }
      try store.put(id, body, keys: keys, on: shelf)
    }
    return .results(0)
  }

  private static func delete(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    let id = try stack.string(2, "id")
    stack.push(
      try use(stack) { (store, shelf) throws(SQLiteError) in try store.delete(id, on: shelf) })
    return .results(1)
  }

  private static func part(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    try engine(of: stack).pushKitPart(try stack.string(1, "name"), on: stack)
    return .results(1)
  }

  private static func now(_ stack: borrowing LuaStack) throws -> LuaOutcome {
    stack.push(try engine(of: stack).clock())
    return .results(1)
  }
}
