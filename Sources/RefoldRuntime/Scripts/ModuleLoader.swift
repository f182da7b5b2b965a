import Lua
import Posix
import RefoldStdlib

/// Finds and loads what a script requires: the standard library, then the project's own modules, and nothing else.
final class ModuleLoader {
  /// The folders of the project's modules, searched in this order.
  var folders: [String] = []
  /// Whether those come before the standard library.
  var prefersFolders = false

  static let loadedField = "refold.loaded"
  /// The files of the modules that are loaded, by the names of the modules.
  private(set) var files: [String: String] = [:]

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
      throw LuaError("module '\(name)' requires itself, directly or through another")
    default: return
    }
    try load(name, into: loaded, on: stack)
  }

  private func load(_ name: String, into loaded: Int, on stack: borrowing LuaStack) throws {
    if name == "json" {
      stack.pushJSONLibrary()
    } else {
      let (source, chunkName) = try source(of: name)
      stack.pushNull()
      stack.setField(name, at: loaded)
      do {
        try stack.load(source, name: chunkName)
        stack.push(name)
        try stack.call(arguments: 1, results: 1)
      } catch {
        stack.pushNil()
        stack.setField(name, at: loaded)
        throw error
      }
      if chunkName.hasPrefix("@") { files[name] = String(chunkName.dropFirst()) }
      if stack.type(at: -1) == .nil {
        stack.pop()
        stack.push(true)
      }
    }
    stack.pushCopy(of: -1)
    stack.setField(name, at: loaded)
  }

  private func hasFile(_ name: String) -> Bool {
    folders.contains { Script.isFile("\($0)/\(name).lua") }
  }

  private func source(of name: String) throws -> (source: [UInt8], chunkName: String) {
    if let module = Stdlib.module(named: name), !(prefersFolders && hasFile(name)) {
      return (Array(module.text.utf8), "=stdlib/\(name).lua")
    }
    let words = name.split(separator: ".", omittingEmptySubsequences: false)
    let isName = words.allSatisfy { word in
      !word.isEmpty
        && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    }
    guard isName else {
      throw LuaError(
        "'\(name)' is not a module name: use words between dots, as in 'contacts.shape'")
    }
    let relative = words.joined(separator: "/") + ".lua"
    for folder in folders {
      let path = folder == "." ? relative : "\(folder)/\(relative)"
      guard Script.isFile(path) else { continue }
      do {
        return (try Files.read(path, limit: Script.maximumBytes), "@\(path)")
      } catch {
        throw LuaError("can't read module '\(name)' (\(path)): \(error.message)")
      }
    }
    let places = folders.map { $0 == "." ? relative : "\($0)/\(relative)" }
    throw LuaError(
      "no module '\(name)': not in the standard library, and no file "
        + places.map { "'\($0)'" }.joined(separator: " or "))
  }
}
