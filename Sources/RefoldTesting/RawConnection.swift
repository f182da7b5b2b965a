import Posix
import Synchronization

/// One connection to a `RawServer`, as its script sees it.
public final class RawConnection: Sendable {
  private struct State {
    /// Nil once it is closed.
    var socket: Descriptor?
    var requests: [String] = []
  }

  private let state: Mutex<State>

  init(_ socket: Descriptor) {
    state = Mutex(State(socket: socket))
  }

  /// The requests that were read from it.
  public var requests: [String] { state.withLock { $0.requests } }

  /// Reads one request: its head, and as much body as `Content-Length` announces; empty when the client has gone.
  public func readRequest() -> String {
    var bytes: [UInt8] = []
    while !isComplete(bytes), let chunk = read() { bytes += chunk }
    let request = String(decoding: bytes, as: UTF8.self)
    if !bytes.isEmpty { state.withLock { $0.requests.append(request) } }
    return request
  }

  /// Sends text as it is.
  public func send(_ text: String) {
    send(Array(text.utf8))
  }

  /// Sends bytes as they are, as far as the client takes them.
  public func send(_ bytes: [UInt8]) {
    // A client that has gone is what some tests are about.
    try? socket?.writeAll(bytes)
  }

  /// Sends a complete reply with a JSON body.
  public func reply(_ status: Int = 200, _ body: String, headers: String = "") {
    send(
      "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\n\(headers)"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// Waits, saying nothing, until the client goes away or the server stops.
  public func waitForEnd() {
    while read() != nil {}
  }

  /// Breaks the connection so that the client sees a reset instead of an end.
  public func reset() {
    state.withLock { state in
      state.socket?.closeAbruptly()
      state.socket = nil
    }
  }

  /// Ends the connection.
  public func close() {
    state.withLock { state in
      state.socket?.close()
      state.socket = nil
    }
  }

  /// Makes all that waits on the connection go on.
  func breakOff() {
    state.withLock { $0.socket?.shutDown() }
  }

  private var socket: Descriptor? { state.withLock { $0.socket } }

  private func read() -> [UInt8]? {
    guard let chunk = try? socket?.read(upTo: 1 << 16), !chunk.isEmpty else { return nil }
    return chunk
  }

  private func isComplete(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
    guard let end = lines.firstIndex(of: "") else { return false }
    let length = lines[..<end].firstNonNil { line -> Int? in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
      return Int(parts[1].drop { $0 == " " })
    }
    let head = lines[..<end].reduce(2) { $0 + $1.utf8.count + 2 }
    return bytes.count >= head + (length ?? 0)
  }
}

extension Sequence {
  fileprivate func firstNonNil<T>(_ transform: (Element) -> T?) -> T? {
    for element in self {
      if let result = transform(element) { return result }
    }
    return nil
  }
}
