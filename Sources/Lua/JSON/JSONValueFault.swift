import CLuaShim

/// Why a Lua value has no form in JSON.
enum JSONValueFault: Error, Equatable {
  case type(LuaType)
  case nan
  case infinity
  case text(offset: Int)
  case keyText(offset: Int)
  case key(LuaType)
  case integerKey(Int64)
  case mixed
  case hole(Int)
  case arrayKey
  case cycle
  case depth
  case changed
  case size
  case stopped

  var code: JSONError.Code {
    switch self {
    case .text, .keyText: .encoding
    case .depth: .depth
    case .nan, .infinity: .number
    case .size: .size
    case .stopped: .stopped
    default: .value
    }
  }

  /// Whether the fault lies in the keys of the innermost open container, not in its child.
  var isAboutContainer: Bool {
    switch self {
    case .keyText, .key, .integerKey, .mixed, .hole, .arrayKey, .changed: true
    default: false
    }
  }

  /// What is wrong with the value at the path.
  func describe(_ options: JSONEncodingOptions) -> String {
    switch self {
    case .type(let type): "a \(type.name) has no JSON form"
    case .nan: "NaN has no JSON form"
    case .infinity: "infinity has no JSON form"
    case .text(let offset): "the text is not UTF-8 at byte \(offset)"
    case .keyText(let offset): "a key is not UTF-8 at byte \(offset)"
    case .key(let type): "a key of an object must be a string, not a \(type.name)"
    case .integerKey(let key): "the key \(key) of an object must be a string"
    case .mixed: "a table with both list items and other keys is neither array nor object"
    case .hole: "a hole in a list; use null for an empty item"
    case .arrayKey: "a table marked as an array has keys that are not list indexes"
    case .cycle: "the table contains itself"
    case .depth: "nested deeper than \(options.maximumDepth) levels"
    case .changed: "the table changed while it was written"
    case .size: "the JSON text is larger than \(options.maximumBytes) bytes"
    case .stopped: "stopped"
    }
  }
}

extension JSONValueFault {
  /// Makes the fault that C found; nil when it found none.
  init?(_ fault: rl_json_value_fault) {
    let type = LuaType(rawValue: Int32(truncatingIfNeeded: fault.detail)) ?? .none
    switch Int(fault.problem) {
    case RL_JSON_OK: return nil
    case RL_JSON_STOPPED: self = .stopped
    case RL_JSON_DEPTH: self = .depth
    case RL_JSON_TYPE: self = .type(type)
    case RL_JSON_NAN: self = .nan
    case RL_JSON_INFINITY: self = .infinity
    case RL_JSON_TEXT: self = .text(offset: Int(fault.detail))
    case RL_JSON_KEY_TEXT: self = .keyText(offset: Int(fault.detail))
    case RL_JSON_KEY_TYPE: self = .key(type)
    case RL_JSON_INTEGER_KEY: self = .integerKey(fault.detail)
    case RL_JSON_MIXED: self = .mixed
    case RL_JSON_HOLE: self = .hole(Int(fault.detail))
    case RL_JSON_ARRAY_KEY: self = .arrayKey
    case RL_JSON_CYCLE: self = .cycle
    case RL_JSON_CHANGED: self = .changed
    default: self = .size
    }
  }
}
