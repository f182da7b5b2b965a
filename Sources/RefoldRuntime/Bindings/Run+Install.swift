import Lua

extension Run {
  /// Gives the run's state the `refold` module, `print` and `require`.
  func install(in lua: LuaState) throws {
    let libraries = lane.libraries
    lane.configuration.coverage?.measure(lua)
    ErrorTable.install(libraries.errors, in: lua)
    try lua.withStack { stack in
      stack.pushGlobals()
      stack.pushField("pcall", at: -1)
      stack.setRegistryField(DurableGlue.protectedCallField)
      lua.add(libraries.globals, toTableOn: stack)
      stack.pushTable(fields: 16)
      lua.add(libraries.refold, toTableOn: stack)
      stack.pushTable(fields: 4)
      lua.add(libraries.log, toTableOn: stack)
      stack.setField("log", at: -2)
      stack.pushTable(fields: 5)
      lua.add(libraries.store, toTableOn: stack)
      stack.setField("store", at: -2)
      try setFacts(on: stack)
      try test?.install(in: lua, on: stack)
      stack.setField("refold", at: -2)
      if lane.planner != nil {
        try PlaceholderLibrary.install(libraries.placeholders, in: lua, on: stack)
      }
      try installJournal(on: stack)
      if let facts = options.facts {
        try VirtualTime.install(facts, journal, on: stack)
        if journal != nil, lane.clock.isVirtual { VirtualTime.installClock(lane, on: stack) }
      } else if lane.clock.isVirtual {
        try VirtualTime.install(lane, on: stack)
      }
    }
  }

  /// Sets the facts of the run and the JSON markers in the table on top of the stack.
  private func setFacts(on stack: borrowing LuaStack) throws {
    setNames(on: stack)
    if options.input != nil {
      try pushInput(on: stack)
      stack.setField("input", at: -2)
    }
    stack.pushNull()
    stack.setField("null", at: -2)
    lua.add(JSONLibrary.markers, toTableOn: stack)
  }
}

/// The libraries that all runs of a lane share.
final class SharedLibraries {
  let refold = RefoldLibrary.functions()
  let log = LogLibrary.functions()
  let globals = LogLibrary.globals()
  let errors = ErrorTable.functions()
  let store = StoreLibrary.functions()
  let durable = DurableGlue.functions()
  let files = FileLibrary.functions()
  private(set) lazy var placeholders = PlaceholderLibrary.functions()
  let clock = JournalClock.functions()
}
