// What libFuzzer calls with one input after another; tools/fuzz-json builds it with the sources of the JSON bridge.

/// Checks the JSON bridge on one text.
///
/// Whatever the bytes are, it must neither crash, nor leave the stack taller, nor accept
/// what the independent scanner refuses, nor lose anything on the way to Lua and back.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = start.map { Array(UnsafeBufferPointer(start: $0, count: count)) } ?? []
  // Whatever is compared at once has to give the same.
  JSONBlocks.limit(to: 16 << (count % 3))
  fuzzedState.withStack { stack in
    let height = stack.count
    check(text, on: stack)
    demand(stack.count == height, "the stack is \(stack.count - height) taller", text)
  }
  return 0
}

// libFuzzer calls from one thread.
nonisolated(unsafe) private let fuzzedState: LuaState = {
  do {
    let lua = try LuaState(memoryLimit: 256 << 20)
    lua.withStack { stack in
      stack.pushGlobals()
      stack.pushJSONLibrary()
      stack.setField("json", at: -2)
    }
    try lua.run(script)
    return lua
  } catch {
    fatalError("\(error)")
  }
}()

private func check(_ text: [UInt8], on stack: borrowing LuaStack) {
  let whole = roundTrip(text, on: stack)
  let fields = roundTrip(text, on: stack, isLazy: true)
  demand(whole == fields, "the lazy views show something else than the tables", text)
  guard let first = whole else { return }
  demand(isAccepted(text), "the scanner refuses what the bridge takes", text)
  guard let second = roundTrip(first, on: stack) else {
    return demand(false, "what was written cannot be read", text)
  }
  demand(first == second, "the second round trip differs from the first", text)
  checkInScript(text, first, on: stack)
  checkRepeated(text, first, on: stack)
}

/// What scripts call, without options, and what they read of a view field by field, has to show the same.
private func checkInScript(_ text: [UInt8], _ expected: [UInt8], on stack: borrowing LuaStack) {
  for function in ["fuzz_tables", "fuzz_views"] {
    stack.pushGlobals()
    stack.pushField(function, at: -1)
    stack.remove(at: -2)
    stack.push(text)
    do {
      try stack.call(arguments: 1, results: 1)
      defer { stack.pop() }
      var encoding = JSONEncodingOptions()
      encoding.sortsKeys = true
      let shown = try stack.encodeJSON(at: -1, options: encoding)
      demand(shown == expected, "\(function) shows something else", text)
    } catch {
      demand(false, "\(function) fails: \(error)", text)
    }
  }
}

/// Decodes what an encode makes of a decode; and rebuilds the tables from views, by each key and index.
private let script = """
  function fuzz_tables(text)
    return json.decode(json.encode(json.decode(text)))
  end

  local function rebuild(view)
    if type(view) ~= "userdata" or view == json.null then return view end
    local isArray = tostring(view):find("array", 1, true) ~= nil
    local made = isArray and json.array() or json.object()
    if isArray then
      for index = 1, #view do made[index] = rebuild(view[index]) end
    else
      for key in pairs(view) do made[key] = rebuild(view[key]) end
    end
    return made
  end

  function fuzz_views(text)
    return rebuild(json.decode(text, { lazy = true }))
  end
  """

/// In a long array of the same value all elements are read and written with known keys, and have to come out the same.
private func checkRepeated(_ text: [UInt8], _ single: [UInt8], on stack: borrowing LuaStack) {
  let copies = 2 + 2048 / max(1, text.count)
  guard copies < 200 else { return }
  let repeated = array(of: text, copies)
  let expected = array(of: single, copies)
  let tables = roundTrip(repeated, on: stack)
  demand(tables == expected, "a value differs among others like it", text)
  let views = roundTrip(repeated, on: stack, isLazy: true)
  demand(views == expected, "a view differs among others like it", text)
  checkInScript(repeated, expected, on: stack)
}

private func array(of text: [UInt8], _ copies: Int) -> [UInt8] {
  let list = [[UInt8]](repeating: text, count: copies).joined(separator: [0x2C])
  return [0x5B] + [UInt8](list) + [0x5D]
}

/// Reads and writes a text; nil when it is refused.
private func roundTrip(
  _ text: [UInt8], on stack: borrowing LuaStack, isLazy: Bool = false
) -> [UInt8]? {
  do throws(JSONError) {
    var decoding = JSONDecodingOptions()
    decoding.maximumDepth = 200
    if isLazy {
      try stack.pushJSONFields(text, options: decoding)
    } else {
      try stack.pushJSON(text, options: decoding)
    }
  } catch {
    let isPlaced = error.position.map { (0...text.count).contains($0.byte) } ?? false
    demand(isPlaced, "no place in the error '\(error)'", text)
    return nil
  }
  defer { stack.pop() }
  do throws(JSONError) {
    var encoding = JSONEncodingOptions()
    encoding.sortsKeys = true
    return try stack.encodeJSON(at: -1, options: encoding)
  } catch {
    demand(false, "what was read cannot be written: \(error)", text)
    return nil
  }
}

private func isAccepted(_ text: [UInt8]) -> Bool {
  do throws(JSONScanError) {
    var scanner = JSONScanner(text, maximumDepth: 202)
    try scanner.finish()
    return true
  } catch {
    return false
  }
}

private func demand(_ condition: Bool, _ rule: String, _ text: [UInt8]) {
  if !condition { fatalError("\(rule): \(String(decoding: text, as: UTF8.self))") }
}
