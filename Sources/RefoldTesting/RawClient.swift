import Posix

/// A client that sends exactly the bytes it is told to.
public struct RawClient: ~Copyable {
  private let socket: Descriptor

  /// Connects to a port of this machine.
  public init(port: Int) throws {
    socket = try Descriptor.connected(toLoopbackPort: port)
  }

  deinit { socket.close() }

  /// Sends text as it is; what the server does not take is lost.
  public func send(_ text: String) { try? socket.writeAll(Array(text.utf8)) }

  /// Waits a moment, and tells whether the server has neither spoken nor closed.
  public func isOpen(after duration: Duration) -> Bool {
    !socket.isReadable(within: duration)
  }

  /// Reads until the server closes.
  public func readToEnd() -> String {
    var bytes: [UInt8] = []
    while let chunk = try? socket.read(upTo: 1 << 16), !chunk.isEmpty { bytes += chunk }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads until the text has arrived.
  public func read(until text: String) -> String {
    var bytes: [UInt8] = []
    while !String(decoding: bytes, as: UTF8.self).contains(text),
      let chunk = try? socket.read(upTo: 1 << 16), !chunk.isEmpty
    { bytes += chunk }
    return String(decoding: bytes, as: UTF8.self)
  }
}
