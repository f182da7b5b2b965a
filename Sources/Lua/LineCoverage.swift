import CLua
import CLuaShim

/// Counts how often each line of files is run, in the states that it is given to.
///
/// Confined to the thread of those states; it must outlive them.
@safe public final class LineCoverage {
  private let raw: OpaquePointer

  /// Makes one that has counted nothing.
  ///
  /// - Throws: ``LuaError/Code/memory``
  public init() throws(LuaError) {
    guard let raw = unsafe rl_coverage_open() else {
      throw LuaError("not enough memory to count lines", code: .memory)
    }
    unsafe self.raw = unsafe raw
  }

  deinit { unsafe rl_coverage_close(raw) }

  /// Counts the lines of a state from now on.
  ///
  /// Makes its scripts several times slower. Call it before threads are made.
  public func measure(_ state: LuaState) {
    state.coverage = self
    unsafe rl_cover(state.context, raw)
  }

  /// How often lines were run, by the names of the files, and by their lines; chunks that are no files are left out.
  public var counts: [String: [Int: Int]] {
    var found: [String: [Int: Int]] = [:]
    for index in 0..<(unsafe rl_coverage_count(raw)) {
      var counts: UnsafePointer<UInt32>?
      var length = 0
      let name = unsafe String(cString: rl_coverage_file(raw, index, &counts, &length))
      let lines = unsafe UnsafeBufferPointer(start: counts, count: length)
      for line in 0..<length where unsafe lines[line] > 0 {
        found[name, default: [:]][line] = Int(unsafe lines[line])
      }
    }
    return found
  }
}

extension LuaState {
  /// Returns the lines of a source that hold code, sorted; empty for one that does not compile.
  ///
  /// Those at which Lua's line hook can be called, functions that are never made included.
  public func linesOfCode(in source: [UInt8]) -> [Int] {
    withStack { stack in
      guard (try? stack.load(source, name: "=lines")) != nil else { return [] }
      var dump = BytecodeReader(bytes: stack.dumpFunction())
      return dump.lines()
    }
  }
}

extension LuaStack {
  /// Returns the bytecode of the Lua function on top of the stack, with its debug information.
  fileprivate func dumpFunction() -> [UInt8] {
    var bytes: [UInt8] = []
    // SAFETY: the writer is called during the call only, with the pointer to `bytes` that is passed here.
    unsafe withUnsafeMutablePointer(to: &bytes) { target in
      let status = unsafe lua_dump(
        raw,
        { _, piece, length, target in
          guard let piece = unsafe piece, let target = unsafe target else { return 1 }
          let source = unsafe UnsafeRawBufferPointer(start: piece, count: length)
          unsafe target.assumingMemoryBound(to: [UInt8].self).pointee.append(contentsOf: source)
          return 0
        }, target, 0)
      if status != 0 { unsafe target.pointee.removeAll() }
    }
    return bytes
  }
}
