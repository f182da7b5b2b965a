import Glibc

/// A port on 127.0.0.1 that hands out its connections as descriptors.
public final class LoopbackListener: Sendable {
  /// The number of the port, chosen by the system.
  public let port: UInt16

  private let socket: Descriptor

  /// Starts to listen on a free port.
  ///
  /// - Throws: `PosixError`
  public init() throws(PosixError) {
    let number = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard number >= 0 else { throw PosixError.last("create a socket") }
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      // SAFETY: an address of the Internet family may be passed as the general kind, with its own size.
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe bind(number, pointer, length) == 0 && listen(number, 64) == 0
          && getsockname(number, pointer, &length) == 0
      }
    }
    guard isListening else {
      let error = PosixError.last("listen on 127.0.0.1")
      _ = Glibc.close(number)
      throw error
    }
    socket = Descriptor(rawValue: number)
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit {
    socket.close()
  }

  /// Waits for the next connection; nil once `stop` has been called.
  ///
  /// - Throws: `PosixError`
  public func accept() throws(PosixError) -> Descriptor? {
    while true {
      // Null pointers say that the address of the other side is not wanted.
      let number = Glibc.accept(socket.rawValue, nil, nil)
      if number >= 0 {
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        return Descriptor(rawValue: number)
      }
      switch errno {
      case EINTR, ECONNABORTED: continue
      case EINVAL: return nil
      default: throw PosixError.last("accept a connection")
      }
    }
  }

  /// Stops listening, from any thread; a waiting `accept` returns.
  public func stop() {
    socket.shutDown()
  }
}

extension Descriptor {
  /// Connects to a port on 127.0.0.1.
  ///
  /// - Throws: `PosixError`
  public static func connected(toLoopbackPort port: Int) throws(PosixError) -> Descriptor {
    let number = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw PosixError.last("create a socket") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = unsafe withUnsafePointer(to: &address) { pointer in
      // SAFETY: an address of the Internet family may be passed as the general kind, with its own size.
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe connect(number, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else {
      let error = PosixError.last("connect to port \(port)")
      _ = Glibc.close(number)
      throw error
    }
    return Descriptor(rawValue: number)
  }

  /// Ends a connection in both directions but keeps its number; whoever waits on it goes on.
  public func shutDown() {
    // It fails only when the connection has ended already, which is as good.
    _ = shutdown(rawValue, Int32(SHUT_RDWR))
  }

  /// Closes a connection so that the other side sees a reset instead of an end.
  public func closeAbruptly() {
    var option = linger(l_onoff: 1, l_linger: 0)
    // SAFETY: `option` outlives the call, and its size is given. If it fails, the close is an ordinary one.
    _ = unsafe setsockopt(
      rawValue, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    close()
  }
}
