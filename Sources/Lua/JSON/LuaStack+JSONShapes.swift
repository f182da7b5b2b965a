import CLua
import CLuaShim

/// The marks of tables, which are their metatables: another metatable removes the mark.
extension LuaStack {
  /// Marks the table at a position as an object.
  public func markObject(at position: Int) {
    let table = absolute(position)
    reserve(4)
    unsafe rl_push_object_marker(raw)
    setMetatable(at: table)
  }

  /// Whether the value at a position is a table marked as an array, as those from JSON are.
  public func isMarkedArray(at position: Int) -> Bool {
    guard type(at: position) == .table, pushMetatable(at: position) else { return false }
    defer { pop(2) }
    reserve(4)
    unsafe rl_push_array_marker(raw)
    return rawEqual(-1, -2)
  }

  /// Whether the value at a position is a table marked as an object.
  public func isMarkedObject(at position: Int) -> Bool {
    guard type(at: position) == .table, pushMetatable(at: position) else { return false }
    defer { pop(2) }
    reserve(4)
    unsafe rl_push_object_marker(raw)
    return rawEqual(-1, -2)
  }

  func pushJSONErrorMetatable() {
    reserve(4)
    unsafe rl_push_json_error_metatable(raw)
  }
}
