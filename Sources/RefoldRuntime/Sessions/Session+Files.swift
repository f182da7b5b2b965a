import Lua
import LuaSyntax
import Posix

/// What became of a file that changed on disk.
public struct ReloadNotice: Sendable, Equatable {
  /// One line for people.
  public var text: String
}

extension Session {
  /// A file that was loaded, and the name that has what it returned.
  struct LoadedFile {
    var path: String
    var name: String?
    var folders: [String]
  }

  /// Runs a script's file among the globals of the session, and binds what it returns to the file's name.
  ///
  /// - Returns: How it ended, and the name that was bound; nil when it returned nothing or its name is none of Lua's.
  public func load(_ script: Script) -> (outcome: LineOutcome, name: String?) {
    watched.note(script.name)
    for folder in script.moduleFolders where !modules.folders.contains(folder) {
      modules.folders.append(folder)
    }
    let outcome = perform { stack in
      try stack.load(script.sourceWithoutShebang, name: "@" + script.name)
    }
    guard case .success(let count) = outcome.result else { return (outcome, nil) }
    let name = count > 0 ? Self.name(for: script.name) : nil
    loaded.removeAll { $0.path == script.name }
    loaded.append(LoadedFile(path: script.name, name: name, folders: script.moduleFolders))
    if let name { bindFirstValue(to: name) }
    return (outcome, name)
  }

  /// The Lua name for what a file returns: `contacts/upsert.lua` is `upsert`.
  static func name(for path: String) -> String? {
    let file = path.split(separator: "/").last ?? ""
    let stem = file.hasSuffix(".lua") ? file.dropLast(4) : file
    let bytes = stem.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    guard let first = bytes.first, first.startsLuaName, bytes.allSatisfy(\.continuesLuaName)
    else { return nil }
    let name = String(decoding: bytes, as: UTF8.self)
    return LuaToken.keywords.contains(name) ? nil : name
  }

  private func bindFirstValue(to name: String) {
    declare([.init(name: name, isConstant: false)])
    lua.withStack { stack in
      stack.pushRegistryField(SessionGlue.valuesField)
      stack.pushElement(1, at: -1)
      set(name, on: stack)
    }
  }

  // MARK: - Reloading

  /// Loads again the modules and files that changed on disk.
  ///
  /// A table that a file gave is filled with what the new version gives, so that whoever holds it has the new functions. A
  /// file that does not compile or fails leaves what there is.
  public func reloadChanged() -> [ReloadNotice] {
    var notices: [ReloadNotice] = []
    for (name, path) in modules.files.sorted(by: { $0.value < $1.value })
    where watched.hasChanged(path) {
      notices.append(reload(path) { stack in self.finishModule(name, on: stack) })
    }
    for file in loaded where watched.hasChanged(file.path) {
      notices.append(reload(file.path) { stack in self.finishFile(file, on: stack) })
    }
    return notices
  }

  /// Notes the modules that a line has loaded, as they were when it did.
  func watchModules() {
    for path in modules.files.values { _ = watched.hasChanged(path) }
  }

  private func reload(
    _ path: String, _ finish: (borrowing LuaStack) -> Void
  ) -> ReloadNotice {
    guard Script.isFile(path) else {
      return ReloadNotice(text: "\(path) is gone; what it gave stays")
    }
    let script: Script
    do throws(RunFailure) {
      script = try Script.file(path)
    } catch {
      return ReloadNotice(text: "kept the old \(path): \(error.message)")
    }
    lua.withStack { stack in
      stack.pushRegistryField(SessionGlue.localsField)
      stack.pushField("_", at: -1)
      stack.setRegistryField("refold.session.kept")
    }
    let outcome = perform(keepsError: false) { stack in
      SessionGlue.push("bind", on: stack)
      try stack.load(script.sourceWithoutShebang, name: "@" + path)
      try stack.call(arguments: 1, results: 1)
    }
    defer {
      lua.withStack { stack in
        stack.pushRegistryField("refold.session.kept")
        set("_", on: stack)
      }
      clearRegistry(["refold.session.kept", SessionGlue.valuesField])
    }
    switch outcome.result {
    case .failure(let failure):
      let place = failure.location.map { "\($0): " } ?? ""
      return ReloadNotice(text: "kept the old \(path): \(place)\(failure.message)")
    case .success:
      lua.withStack { stack in finish(stack) }
      return ReloadNotice(text: "reloaded \(path)")
    }
  }

  /// Pushes what the old value becomes: itself with the new fields when both are tables, else the new value.
  ///
  /// The old value is on top of the stack, and is replaced.
  private func patch(on stack: borrowing LuaStack) {
    SessionGlue.push("patch", on: stack)
    stack.insert(at: -2)
    if stack.pushRegistryField(SessionGlue.valuesField) == .table {
      stack.pushElement(1, at: -1)
      stack.remove(at: -2)
    }
    // It cannot fail: it calls nothing of the script.
    if (try? stack.call(arguments: 2, results: 1)) == nil { stack.pushNil() }
  }

  private func finishModule(_ name: String, on stack: borrowing LuaStack) {
    stack.pushRegistryField(ModuleLoader.loadedField)
    let table = stack.count
    stack.pushField(name, at: table)
    patch(on: stack)
    if stack.type(at: -1) == .nil {
      stack.pop()
      stack.push(true)
    }
    stack.setField(name, at: table)
  }

  private func finishFile(_ file: LoadedFile, on stack: borrowing LuaStack) {
    guard let name = file.name else { return }
    stack.pushRegistryField(SessionGlue.localsField)
    stack.pushField(name, at: -1)
    patch(on: stack)
    set(name, on: stack)
  }

  // MARK: - Scripts

  /// The data of the session's account, as it is now.
  func customerData() throws(RunFailure) -> CustomerData {
    try GenerationBuilder(project, account: account).customerData()
  }

  /// Keeps the result of a script as `_`.
  public func keep(json: [UInt8]) {
    lua.withStack { stack in
      if (try? stack.pushJSON(json)) == nil { stack.pushNil() }
      set("_", on: stack)
    }
  }

  /// Compiles a script to be saved.
  ///
  /// - Throws: ``RunFailure`` that says why it would not run.
  public func check(_ source: String, name: String) throws(RunFailure) {
    let problem: LuaError? = lua.withStack { stack in
      do {
        try stack.load(Array(source.utf8), name: "@" + name)
        return nil
      } catch {
        return LuaError(from: error)
      }
    }
    guard let problem else { return }
    throw RunFailure(
      .script, code: "syntax_error", message: "the lines make no script: \(problem.message)",
      location: problem.location)
  }
}

extension Session {
  /// Forgets a stop that arrived while something else than a line ran.
  public func forgetStop() { StopSignal.reset() }
}
