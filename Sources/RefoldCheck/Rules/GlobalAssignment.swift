import LuaSyntax

/// A global that the file sets: modules share globals, and a missing `local` is the usual reason.
enum GlobalAssignment: CheckRule {
  static let code = "global-assignment"

  static func check(_ file: CheckedFile, _ project: CheckedProject, _ findings: inout FindingList) {
    if file.hasOwnEnvironment { return }
    for (name, range) in file.assignedGlobals {
      let isOwn = project.globals.names.contains(name)
      findings.warning(
        isOwn ? "'\(name)' is replaced for all modules of the run" : "'\(name)' is set as a global",
        at: range,
        hint: isOwn ? "give it another name, and 'local'" : "write 'local' before it")
    }
  }
}
