import Lua
import Posix
import RefoldActions
import RefoldStdlib

/// Finds the file of a module by its name.
struct ModuleFinder: Sendable {
  /// The folders that are searched, in this order.
  var folders: [String]
  /// The project that no module may lead out of; nil when there is none.
  var project: Project?
  /// The name of the only customer's folder whose modules may be required; nil for all.
  var customer: String?

  /// Whether modules in those folders come before those of the standard library with the same names.
  var prefersFiles = false

  /// Returns the places where a module may be, in the order in which they are looked at.
  ///
  /// - Throws: `LuaError` when the name is none, or names the module of another customer.
  func places(of name: String) throws(LuaError) -> [String] {
    let words = name.split(separator: ".", omittingEmptySubsequences: false)
    let isName = words.allSatisfy { word in
      !word.isEmpty
        && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    }
    guard isName else {
      throw LuaError(
        "'\(name)' is not a module name: use words between dots, as in 'contacts.shape'")
    }
    if let customer, words.count > 1, words[0] == "customers", words[1] != customer {
      throw LuaError("module '\(name)' is another account's: this run is for '\(customer)'")
    }
    let relative = words.joined(separator: "/") + ".lua"
    return folders.map { $0 == "." ? relative : "\($0)/\(relative)" }
  }

  /// The module that was probably meant: one of the standard library, or one beside the place where the file would be.
  private func nearest(to name: String) -> String? {
    let parent = name.split(separator: ".").dropLast().map { $0 + "." }.joined()
    let beside = folders.flatMap { folder in
      let place =
        parent.isEmpty ? folder : "\(folder)/\(parent.split(separator: ".").joined(separator: "/"))"
      return ((try? Folders.list(place)) ?? []).compactMap { entry in
        entry.hasSuffix(".lua") && !entry.hasSuffix(TestFile.suffix)
          ? parent + entry.dropLast(4) : nil
      }
    }
    // The parts of the library's own modules are nobody else's.
    let library = Stdlib.modules.map(\.name).filter { !$0.hasPrefix("refold_") } + ["json"]
    return NearestName.of(name, in: library + beside.filter { $0 != name })
  }

  /// Returns the file of a module.
  ///
  /// - Throws: `LuaError` when there is none, or it lies out of the project.
  func path(of name: String) throws(LuaError) -> String {
    let places = try places(of: name)
    guard let path = places.first(where: Script.isFile) else {
      throw LuaError(
        "no module '\(name)': not in the standard library, and no file "
          + places.map { "'\($0)'" }.joined(separator: " or ")
          + (nearest(to: name).map { "; did you mean '\($0)'?" } ?? ""))
    }
    do throws(RunFailure) {
      try project?.checkInside(path)
    } catch {
      throw LuaError("can't read module '\(name)': \(error.message)")
    }
    return path
  }

  /// Reads the source of a module.
  func read(_ name: String) throws(LuaError) -> (path: String, source: [UInt8]) {
    let path = try path(of: name)
    do throws(PosixError) {
      return (path, try Files.read(path, limit: Script.maximumBytes))
    } catch {
      throw LuaError("can't read module '\(name)' (\(path)): \(error.reason)")
    }
  }
}
