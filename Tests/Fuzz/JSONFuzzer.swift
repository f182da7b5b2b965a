// What libFuzzer calls with one input after another; tools/fuzz-json builds it with the sources of the JSON bridge.

/// Checks the JSON bridge on one text.
///
/// Whatever the bytes are, it must neither crash, nor leave the stack taller, nor accept
/// what the independent scanner refuses, nor lose anything on the way to Lua and back.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = start.map { Array(UnsafeBufferPointer(start: $0, count: count)) } ?? []
  fuzzedState.withStack { stack in
    let height = stack.count
    check(text, on: stack)
    demand(stack.count == height, "the stack is \(stack.count - height) taller", text)
  }
  return 0
}

// libFuzzer calls from one thread.
nonisolated(unsafe) private let fuzzedState: LuaState = {
  do { return try LuaState(memoryLimit: 256 << 20) } catch { fatalError("\(error)") }
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
  checkRepeated(text, first, on: stack)
}

/// In a long array of the same value all elements are read with predicted keys, and have to come out the same.
private func checkRepeated(_ text: [UInt8], _ single: [UInt8], on stack: borrowing LuaStack) {
  let copies = 2 + 2048 / max(1, text.count)
  guard copies < 200 else { return }
  let repeated = [UInt8](([[UInt8]](repeating: text, count: copies)).joined(separator: [0x2C]))
  let expected = [UInt8](([[UInt8]](repeating: single, count: copies)).joined(separator: [0x2C]))
  let result = roundTrip([0x5B] + repeated + [0x5D], on: stack)
  demand(result == [0x5B] + expected + [0x5D], "a value differs among others like it", text)
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
