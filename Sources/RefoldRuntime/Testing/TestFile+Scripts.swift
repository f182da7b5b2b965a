import Lua

extension TestFile {
  /// Finds a script by its name in the project, such as `contacts/upsert`, or by its path, with what the account has of it.
  func generation(of name: String, account: String) throws -> Generation {
    let words = name.split(separator: "/", omittingEmptySubsequences: false)
    if words.contains("..") { throw LuaError("a script's name has no '..', but is '\(name)'") }
    let builder = GenerationBuilder(Project.of(script: path) ?? .working(), account: account)
    do throws(RunFailure) {
      return try builder.build(name)
    } catch {
      guard error.code == "script_not_found", !name.hasSuffix(".lua") else { throw error }
    }
    let paths = script.moduleFolders.map { "\($0)/\(name).lua" }
    guard let path = paths.first(where: Script.isFile) else {
      let places = paths.map { "'\($0)'" }.joined(separator: " or ")
      throw LuaError("no script '\(name)': no file \(places)")
    }
    return try builder.build(path)
  }
}
