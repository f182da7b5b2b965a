import Glibc
import Posix

/// A port whose queue of connections is full, so that no further one is answered.
final class FullBacklog {
  let port: UInt16
  private var sockets: [Descriptor]

  init() throws {
    let listener = try boundSocket()
    listen(listener.rawValue, 0)
    port = localPort(listener)
    sockets = [listener]
    for _ in 1...3 { sockets.append(try connectedSocket(port: port, isBlocking: false)) }
  }

  deinit { for socket in sockets { socket.close() } }
}

private func address(port: UInt16) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return address
}

private func boundSocket() throws -> Descriptor {
  let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  var name = address(port: 0)
  let status = withUnsafePointer(to: &name) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard status == 0 else {
    throw PosixError(code: PosixError.Code(rawValue: errno), operation: "bind")
  }
  return Descriptor(rawValue: descriptor)
}

private func localPort(_ socket: Descriptor) -> UInt16 {
  var name = sockaddr_in()
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  _ = withUnsafeMutablePointer(to: &name) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      getsockname(socket.rawValue, $0, &size)
    }
  }
  return UInt16(bigEndian: name.sin_port)
}

private func connectedSocket(port: UInt16, isBlocking: Bool = true) throws -> Descriptor {
  let flags = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
  let type = isBlocking ? flags : flags | SOCK_NONBLOCK.rawValue
  let descriptor = socket(AF_INET, CInt(type), 0)
  var name = address(port: port)
  let status = withUnsafePointer(to: &name) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard status == 0 || !isBlocking else {
    throw PosixError(code: PosixError.Code(rawValue: errno), operation: "connect")
  }
  return Descriptor(rawValue: descriptor)
}
