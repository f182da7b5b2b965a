import CMicrohttpd
import Glibc

/// One client of the server, and the request it is sending.
///
/// Confined to the server's thread.
final class ServerConnection {
  enum Stage { case waiting, receiving, answering }

  let descriptor: CInt
  let remoteAddress: String
  /// Between requests, within one, or taking the answer.
  var stage = Stage.waiting
  /// When the stage must be over, on the server's clock; the connection is cut then.
  var deadline: ContinuousClock.Instant
  /// The target of the request line, still encoded.
  var target = ""
  var headers: [HTTPHeader] = []
  var body: [UInt8] = []
  /// Whether the headers were seen, after which only body and end can follow.
  var hasHead = false
  /// Bytes of the body that were thrown away because it is too large.
  var discarded = 0

  init(descriptor: CInt, remoteAddress: String, deadline: ContinuousClock.Instant) {
    self.descriptor = descriptor
    self.remoteAddress = remoteAddress
    self.deadline = deadline
  }

  /// Forgets the request that has ended.
  func rest(until deadline: ContinuousClock.Instant) {
    stage = .waiting
    self.deadline = deadline
    target = ""
    headers = []
    body = []
    hasHead = false
    discarded = 0
  }

  /// Whether the client has ended the connection while the server waits for more from it.
  ///
  /// A client that has sent its whole request may end its side and still wait for the answer.
  var isAbandoned: Bool {
    guard stage != .answering else { return false }
    var byte: UInt8 = 0
    // SAFETY: looks at one byte, into a local variable, without waiting or taking it.
    return unsafe recv(descriptor, &byte, 1, CInt(MSG_PEEK | MSG_DONTWAIT)) == 0
  }

  /// Makes the library see the end of the connection, and close it.
  func cut() {
    shutdown(descriptor, CInt(SHUT_RDWR))
  }

  /// Returns the numeric form of a socket address, or `unknown`.
  static func text(of address: UnsafePointer<sockaddr>?) -> String {
    guard let address = unsafe address else { return "unknown" }
    let isVersion6 = unsafe address.pointee.sa_family == sa_family_t(AF_INET6)
    let length = isVersion6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
    var buffer = [CChar](repeating: 0, count: 64)
    // SAFETY: the library owns an address of the size that its family says; the buffer has 64 bytes.
    let status = unsafe getnameinfo(
      address, socklen_t(length), &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST)
    guard status == 0 else { return "unknown" }
    let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
