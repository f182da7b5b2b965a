import Lua
import Posix
import RefoldStdlib
import Synchronization

/// Loads what a script requires: the standard library, then the project's own modules, and nothing else.
final class ModuleLoader {
  /// Where the project's modules come from.
  enum Source {
    /// The files as they are when they are required first.
    case files(ModuleFinder)
    /// The versions of a generation.
    case generation(Generation)
  }

  var source = Source.files(ModuleFinder(folders: []))

  static let loadedField = "refold.loaded"
  /// The files of the modules that are loaded, by the names of the modules.
  private(set) var files: [String: String] = [:]
  /// The modules that are being loaded, each required by the one before it.
  private var loading: [String] = []

  /// The folders that are searched for modules, when they come from files.
  var folders: [String] {
    get {
      guard case .files(let finder) = source else { return [] }
      return finder.folders
    }
    set {
      guard case .files(var finder) = source else { return }
      finder.folders = newValue
      source = .files(finder)
    }
  }

  /// Pushes the value of a module, loading it the first time.
  ///
  /// Its name is words between dots.
  ///
  /// - Throws: ``LuaError`` when there is no such module, it does not compile, it fails, or it requires itself.
  func pushModule(_ name: String, on stack: borrowing LuaStack) throws {
    if stack.pushRegistryField(Self.loadedField) != .table {
      stack.pop()
      stack.pushTable()
      stack.pushCopy(of: -1)
      stack.setRegistryField(Self.loadedField)
    }
    let loaded = stack.count
    switch stack.pushField(name, at: loaded) {
    case .nil: stack.pop()
    case .lightUserdata:
      throw LuaError(cycle(to: name))
    default: return
    }
    try load(name, into: loaded, on: stack)
  }

  private func load(_ name: String, into loaded: Int, on stack: borrowing LuaStack) throws {
    if name == "json" {
      stack.pushJSONLibrary()
    } else if name == FileLibrary.name {
      let run = try RefoldLibrary.run(of: stack)
      stack.pushTable(fields: 1)
      run.lua.add(run.lane.libraries.files, toTableOn: stack)
    } else {
      let chunk = try chunk(of: name)
      stack.pushNull()
      stack.setField(name, at: loaded)
      loading.append(name)
      defer { loading.removeLast() }
      do {
        try stack.load(chunk)
        stack.push(name)
        try stack.call(arguments: 1, results: 1)
      } catch {
        stack.pushNil()
        stack.setField(name, at: loaded)
        throw error
      }
      if chunk.name.hasPrefix("@") { files[name] = String(chunk.name.dropFirst()) }
      if stack.type(at: -1) == .nil {
        stack.pop()
        stack.push(true)
      }
    }
    stack.pushCopy(of: -1)
    stack.setField(name, at: loaded)
  }

  /// What is wrong when a module is required that is still being loaded.
  private func cycle(to name: String) -> String {
    guard let start = loading.firstIndex(of: name), start < loading.count - 1 else {
      return "module '\(name)' requires itself"
    }
    return "modules require each other: \((loading[start...] + [name]).joined(separator: " -> "))"
  }

  private func chunk(of name: String) throws(LuaError) -> LuaChunk {
    if !hasOwnVersion(of: name), let chunk = try StdlibChunks.chunk(of: name) { return chunk }
    switch source {
    case .generation(let generation): return try generation.module(name).chunk.get()
    case .files(let finder):
      let (path, source) = try finder.read(name)
      return try LuaChunk(source, name: "@" + path)
    }
  }

  /// Whether a file takes the place of a module of the standard library.
  private func hasOwnVersion(of name: String) -> Bool {
    guard case .generation(let generation) = source, generation.prefersFiles else { return false }
    return generation.hasFile(of: name)
  }
}

/// The modules of the standard library, each compiled once in a process, when it is required first.
enum StdlibChunks {
  private static let compiled = Mutex<[String: LuaChunk]>([:])

  /// Whether the library has a module of that name.
  static func isModule(_ name: String) -> Bool {
    name == "json" || name == FileLibrary.name || Stdlib.module(named: name) != nil
  }

  /// Returns a module's chunk; nil when the library has no such module.
  static func chunk(of name: String) throws(LuaError) -> LuaChunk? {
    if let known = compiled.withLock({ $0[name] }) { return known }
    guard let module = Stdlib.module(named: name) else { return nil }
    let chunk = try LuaChunk(Array(module.text.utf8), name: "=stdlib/\(name).lua")
    compiled.withLock { $0[name] = chunk }
    return chunk
  }
}
