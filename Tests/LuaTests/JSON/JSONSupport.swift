import Testing

@testable import Lua

/// Random numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  // SplitMix64, from Steele, Lea and Flood: Fast splittable pseudorandom number generators (2014).
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

/// Opens a state with the module `json` as a global.
func stateWithJSON(memoryLimit: Int = 64 << 20) throws -> LuaState {
  let lua = try LuaState(memoryLimit: memoryLimit)
  lua.withStack { stack in
    stack.pushGlobals()
    stack.pushJSONLibrary()
    stack.setField("json", at: -2)
  }
  return lua
}

/// Decodes a text and returns the error that it ends with; nil when it is JSON.
func decodingError(
  _ text: [UInt8], in lua: LuaState, options: JSONDecodingOptions = JSONDecodingOptions()
) -> JSONError? {
  lua.withStack { stack in
    do throws(JSONError) {
      try stack.pushJSON(text, options: options)
      return nil
    } catch {
      return error
    }
  }
}

/// Decodes a text and encodes the value again, with sorted keys.
func roundTrip(_ text: [UInt8], in lua: LuaState) throws -> [UInt8] {
  try lua.withStack { stack in
    try stack.pushJSON(text)
    var options = JSONEncodingOptions()
    options.sortsKeys = true
    options.maximumDepth = JSONDecodingOptions.deepest
    return try stack.encodeJSON(at: -1, options: options)
  }
}

func roundTrip(_ text: String, in lua: LuaState) throws -> String {
  String(decoding: try roundTrip(Array(text.utf8), in: lua), as: UTF8.self)
}
