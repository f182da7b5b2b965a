import Foundation
import Glibc
import RefoldSandbox
import RefoldTesting
import Synchronization

/// The API that kills the program as soon as it has carried out the n-th call of a sort, before it answers.
final class DeadlyServer: Sendable {
  private struct State {
    var reads: [String] = []
    var writes: [String] = []
    var process: Int32?
    var deadlyRead = 0
    var deadlyWrite = 0
  }

  private let state = Mutex(State())
  private let server = Mutex<SandboxServer?>(nil)
  private let path: String

  init(_ folder: TemporaryFolder, faults: [String] = []) throws {
    path = folder.file("api.db")
    var configuration = SandboxServer.Configuration(databasePath: path)
    if !faults.isEmpty { configuration.faults = FaultPlan(try faults.map { try Fault($0) }) }
    configuration.onAnswer = { [weak self] _, path, _ in self?.note(path) }
    let started = try SandboxServer(configuration)
    server.withLock { $0 = started }
  }

  var url: String { server.withLock { $0?.url ?? "" } }
  /// The actions that wrote, in the order in which they were answered.
  var writes: [String] { state.withLock { $0.writes } }
  var reads: [String] { state.withLock { $0.reads } }

  func stop() { server.withLock { $0?.stop() } }

  /// What was applied, as the sandbox's ledger has it.
  func applied() throws -> [String] {
    try SandboxBackend(databasePath: path).ledger().filter(\.isApplied).map {
      "\($0.action) \(String(decoding: $0.params, as: UTF8.self))"
    }
  }

  /// Kills the target at its n-th write from the beginning of all; never for 0.
  func arm(_ number: Int) { state.withLock { $0.deadlyWrite = number } }

  /// Kills the target at the n-th read from now on.
  func armRead(_ number: Int) { state.withLock { $0.deadlyRead = $0.reads.count + number } }

  func target(_ process: Int32) { state.withLock { $0.process = process } }

  private func note(_ path: String) {
    let parts = path.split(separator: "/")
    guard parts.last == "execute", parts.count > 1 else { return }
    let action = String(parts[parts.count - 2])
    let isRead = action.hasPrefix("get") || action.hasPrefix("search")
    state.withLock { state in
      if isRead { state.reads.append(action) } else { state.writes.append(action) }
      let isDeadly =
        isRead ? state.reads.count == state.deadlyRead : state.writes.count == state.deadlyWrite
      if isDeadly, let process = state.process { kill(process, SIGKILL) }
    }
  }
}
