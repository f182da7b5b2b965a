import RefoldRuntime
import RefoldSandbox

extension TestWorker {
  /// Makes a worker whose tests run on a sandbox in memory, by their clock; and returns the sandbox as well.
  static func onSandbox(_ options: TestOptions) throws -> (TestWorker, SandboxBackend) {
    var made: SandboxBackend?
    let worker = try TestWorker(options) { clock in
      let backend = SandboxBackend(inMemory: { clock.sandboxTime })
      made = backend
      return backend
    }
    return (worker, made ?? SandboxBackend(inMemory: { "" }))
  }
}
