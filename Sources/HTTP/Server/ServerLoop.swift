import CMicrohttpd
import Glibc

/// The thread of a server: drives libmicrohttpd and keeps the deadlines that it does not know.
///
/// libmicrohttpd's own timeout starts anew with every byte, so a client that sends one byte a second
/// would hold its connection for ever. Here every stage of a connection has a deadline of its own.
/// Everything below runs on the one thread; only `init` runs before it.
@safe final class ServerLoop {
  let library: MicrohttpdLibrary
  let configuration: HTTPServer.Configuration
  private let control: ServerControl
  private let handler: (HTTPServerRequest) -> HTTPServerResponse
  private var daemon: OpaquePointer?
  private var connections: [ObjectIdentifier: ServerConnection] = [:]
  /// When connections are looked at next; no deadline lies before it.
  private var nextCheck = ContinuousClock.now
  /// Whether a connection was closed since this was set to false.
  private var hasClosed = false
  /// How long a client that has gone may stay unnoticed.
  private static let checkInterval = Duration.milliseconds(250)

  init(
    library: MicrohttpdLibrary, socket: ListeningSocket, configuration: HTTPServer.Configuration,
    control: ServerControl, handler: @escaping (HTTPServerRequest) -> HTTPServerResponse
  ) throws(HTTPError) {
    self.library = library
    self.configuration = configuration
    self.control = control
    self.handler = handler
    // SAFETY: the daemon keeps an unretained pointer to this object, and is stopped in deinit at the
    // latest; it calls back only inside cmhd_run and cmhd_stop.
    var settings = unsafe cmhd_settings()
    unsafe settings.listen_socket = socket.release()
    unsafe settings.maximum_connections = UInt32(clamping: max(1, configuration.maximumConnections))
    let idleSeconds = (configuration.idleTimeout.milliseconds + 999) / 1000
    unsafe settings.idle_timeout_seconds = UInt32(clamping: max(1, idleSeconds))
    unsafe settings.connection_memory_bytes = 64 << 10
    unsafe settings.context = Unmanaged.passUnretained(self).toOpaque()
    unsafe settings.on_request = onRequest
    unsafe settings.on_target = onTarget
    unsafe settings.on_completed = onCompleted
    unsafe settings.on_connection = onConnection
    unsafe daemon = cmhd_start(library.api, &settings)
    guard unsafe daemon != nil else {
      throw HTTPError(.other, "libmicrohttpd can't start")
    }
  }

  deinit {
    if let daemon = unsafe daemon { unsafe cmhd_stop(library.api, daemon) }
  }

  /// Whether the server is finishing its last requests.
  var isStopping: Bool { control.isStopping }

  /// Serves until the control says to stop and the requests that have begun are done.
  func run() {
    guard let daemon = unsafe daemon else { return }
    var isListening = true
    while true {
      // SAFETY: the daemon lives until deinit; cmhd_run calls back into this object.
      // Once more after a connection was closed: only then does it listen again at its limit.
      repeat {
        hasClosed = false
        unsafe cmhd_run(library.api, daemon)
      } while hasClosed
      checkConnections()
      if isStopping {
        if isListening {
          isListening = false
          let socket = unsafe cmhd_quiesce(library.api, daemon)
          if socket >= 0 { close(socket) }
        }
        if connections.values.allSatisfy({ $0.stage == .waiting }) { break }
      }
      unsafe wait(for: daemon)
    }
    unsafe cmhd_stop(library.api, daemon)
    unsafe self.daemon = nil
  }

  private func wait(for daemon: OpaquePointer) {
    let untilCheck = connections.isEmpty ? 60_000 : (nextCheck - .now).milliseconds
    let own = unsafe Int(cmhd_timeout_ms(library.api, daemon))
    let milliseconds = own < 0 ? untilCheck : min(own, untilCheck)
    var descriptors = [
      pollfd(
        fd: unsafe cmhd_epoll_descriptor(library.api, daemon), events: Int16(POLLIN), revents: 0),
      pollfd(fd: control.wakeDescriptor, events: Int16(POLLIN), revents: 0),
    ]
    unsafe Glibc.poll(&descriptors, 2, CInt(clamping: milliseconds))
    if descriptors[1].revents != 0 {
      cmhd_event_clear(control.wakeDescriptor)
    }
  }

  /// Cuts every connection whose stage has lasted too long, or whose client has gone.
  ///
  /// libmicrohttpd does not notice an end that arrived together with the last bytes: it polls by edges,
  /// and does not read again after a short read. So this looks for it now and then.
  private func checkConnections() {
    let now = ContinuousClock.now
    guard now >= nextCheck || isStopping else { return }
    nextCheck = now + ServerLoop.checkInterval
    for connection in connections.values {
      if connection.deadline <= now || connection.isAbandoned {
        connection.cut()
        connection.deadline = now + configuration.requestTimeout
      }
      nextCheck = min(nextCheck, connection.deadline)
    }
  }

  private func setDeadline(_ connection: ServerConnection, after duration: Duration) {
    connection.deadline = .now + duration
    nextCheck = min(nextCheck, connection.deadline)
  }
}

// What the callbacks do.
extension ServerLoop {
  /// How long a connection may take from the end of one request to the end of the next.
  private var restTimeout: Duration { configuration.idleTimeout + configuration.requestTimeout }

  func opened(_ descriptor: CInt, _ address: String) -> ServerConnection {
    let connection = ServerConnection(
      descriptor: descriptor, remoteAddress: address, deadline: .now + restTimeout)
    nextCheck = min(nextCheck, connection.deadline)
    connections[ObjectIdentifier(connection)] = connection
    return connection
  }

  func closed(_ connection: ServerConnection) {
    connections[ObjectIdentifier(connection)] = nil
    hasClosed = true
  }

  func began(_ connection: ServerConnection, target: String) {
    connection.stage = .receiving
    connection.target = target
    setDeadline(connection, after: configuration.requestTimeout)
  }

  func completed(_ connection: ServerConnection) {
    connection.rest(until: .now + restTimeout)
    nextCheck = min(nextCheck, connection.deadline)
  }

  /// Takes a part of the body; returns false when the client should be cut off.
  func received(_ connection: ServerConnection, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard
      connection.discarded == 0,
      connection.body.count + bytes.count <= configuration.maximumBodyBytes
    else {
      connection.body = []
      connection.discarded += bytes.count
      return connection.discarded <= max(1 << 20, configuration.maximumBodyBytes)
    }
    unsafe connection.body.append(contentsOf: bytes)
    return true
  }

  /// Returns the answer to a request that is complete.
  func answer(_ connection: ServerConnection, method: String) -> HTTPServerResponse {
    connection.stage = .answering
    defer { setDeadline(connection, after: configuration.requestTimeout) }
    if connection.discarded > 0 { return tooLarge }
    let (path, query) = HTTPServerRequest.split(target: connection.target)
    let request = HTTPServerRequest(
      method: method, path: path, query: query, headers: connection.headers, body: connection.body,
      remoteAddress: connection.remoteAddress)
    connection.body = []
    return handler(request)
  }

  var tooLarge: HTTPServerResponse {
    configuration.tooLarge
      ?? .text(413, "the body is larger than \(configuration.maximumBodyBytes.byteText)")
  }
}
