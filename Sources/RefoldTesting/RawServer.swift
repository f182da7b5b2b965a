import Posix
import Synchronization

/// A server on 127.0.0.1 that says exactly the bytes it is told to, for clients that must survive anything.
///
/// ```swift
/// let server = try RawServer { connection in
///   _ = connection.readRequest()
///   connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
/// }
/// defer { server.stop() }
/// // … connect to server.url
/// ```
public final class RawServer: Sendable {
  /// The port it listens on.
  public var port: UInt16 { listener.port }
  /// Its address as the start of a URL: `http://127.0.0.1:PORT`.
  public var url: String { "http://127.0.0.1:\(port)" }

  private let listener: LoopbackListener
  private let state = Mutex(State())

  private struct State {
    var connections: [RawConnection] = []
    var isStopped = false
  }

  /// Starts to listen, and runs a script for each connection on a thread of its own; then closes it.
  ///
  /// - Throws: `PosixError` when no port or thread can be had.
  public init(_ script: @escaping @Sendable (RawConnection) -> Void) throws {
    // A client may go away while it is written to.
    Signals.ignoreBrokenPipe()
    listener = try LoopbackListener()
    try Threads.start { [self] in accept(script) }
  }

  /// How many connections were made.
  public var connectionCount: Int { state.withLock { $0.connections.count } }

  /// The requests that were read, over all connections.
  public var requests: [String] {
    state.withLock { $0.connections }.flatMap(\.requests)
  }

  /// Closes the port and breaks off all connections; scripts that wait go on.
  public func stop() {
    let connections = state.withLock { state in
      state.isStopped = true
      return state.connections
    }
    listener.stop()
    for connection in connections { connection.breakOff() }
  }

  /// Returns a port on which nobody listens.
  ///
  /// - Throws: `PosixError` when no port can be had.
  public static func unusedPort() throws -> UInt16 {
    try LoopbackListener().port
  }

  private func accept(_ script: @escaping @Sendable (RawConnection) -> Void) {
    // An error ends it as `stop` does; a test notices that its connection is refused.
    while let socket = try? listener.accept() {
      let connection = RawConnection(socket)
      let isWelcome = state.withLock { state in
        if !state.isStopped { state.connections.append(connection) }
        return !state.isStopped
      }
      let isRunning: Void? =
        isWelcome
        ? try? Threads.start {
          script(connection)
          connection.close()
        } : nil
      if isRunning == nil { connection.close() }
    }
  }
}
