import Lua

extension Lane {
  /// Opens and closes the state of a run, as the benchmark of it does, and returns its bytes.
  package func openAndCloseState() throws -> Int {
    let options = RunOptions(account: "benchmark", timeout: nil)
    let run = try Run(self, options, number: 0, startedAt: 0)
    run.lua.attachment = run
    try run.install(in: run.lua)
    let bytes = run.lua.memoryUsed
    run.close()
    return bytes
  }
}
