import Glibc

/// A bound, listening socket; closed with the object unless it was released.
final class ListeningSocket {
  let port: Int
  private var descriptor: CInt

  init(address: String, port: Int) throws(HTTPError) {
    let place = address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    guard (0...65535).contains(port) else {
      throw HTTPError(.listenFailed, "can't listen on \(place): a port is a number up to 65535")
    }
    var storage = sockaddr_storage()
    let length = ListeningSocket.fill(&storage, address: address, port: UInt16(port))
    guard length > 0 else {
      throw HTTPError(.listenFailed, "can't listen on \(place): not a numeric address")
    }
    let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let made = socket(CInt(storage.ss_family), type, 0)
    let status = ListeningSocket.open(made, at: &storage, length)
    guard status == 0 else {
      if made >= 0 { close(made) }
      let reason = unsafe String(cString: strerror(status))
      throw HTTPError(.listenFailed, "can't listen on \(place): \(reason.lowercasedFirst)")
    }
    descriptor = made
    self.port = ListeningSocket.port(of: storage)
  }

  /// Binds the socket, listens, and replaces the address by the actual one; returns an error number.
  private static func open(
    _ descriptor: CInt, at storage: inout sockaddr_storage, _ length: socklen_t
  ) -> CInt {
    guard descriptor >= 0 else { return errno }
    var yes: CInt = 1
    // SAFETY: the addresses handed over are those of local variables, read or written in the call.
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
    return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        guard unsafe bind(descriptor, name, length) == 0 else { return errno }
        guard listen(descriptor, 1024) == 0 else { return errno }
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe getsockname(descriptor, name, &size) == 0 ? 0 : errno
      }
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Gives the descriptor away; the caller closes it.
  func release() -> CInt {
    defer { descriptor = -1 }
    return descriptor
  }

  /// Writes the address into the storage; returns its length, 0 when it is malformed.
  private static func fill(
    _ storage: inout sockaddr_storage, address: String, port: UInt16
  ) -> socklen_t {
    // SAFETY: sockaddr_storage is at least as large and as aligned as every address type.
    unsafe withUnsafeMutableBytes(of: &storage) { bytes in
      guard let base = bytes.baseAddress else { return 0 }
      let version4 = unsafe base.assumingMemoryBound(to: sockaddr_in.self)
      if unsafe inet_pton(AF_INET, address, &version4.pointee.sin_addr) == 1 {
        unsafe version4.pointee.sin_family = sa_family_t(AF_INET)
        unsafe version4.pointee.sin_port = port.bigEndian
        return socklen_t(MemoryLayout<sockaddr_in>.size)
      }
      let version6 = unsafe base.assumingMemoryBound(to: sockaddr_in6.self)
      if unsafe inet_pton(AF_INET6, address, &version6.pointee.sin6_addr) == 1 {
        unsafe version6.pointee.sin6_family = sa_family_t(AF_INET6)
        unsafe version6.pointee.sin6_port = port.bigEndian
        return socklen_t(MemoryLayout<sockaddr_in6>.size)
      }
      return 0
    }
  }

  /// The port stands at the same place in both versions of the address.
  private static func port(of storage: sockaddr_storage) -> Int {
    unsafe withUnsafeBytes(of: storage) { bytes in
      Int(unsafe bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self).bigEndian)
    }
  }
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
