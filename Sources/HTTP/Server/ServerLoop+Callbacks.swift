import CMicrohttpd

// SAFETY, for the whole file: libmicrohttpd hands every callback the pointer to the server's loop that
// it was started with, and per connection the retained pointer that `onConnection` stored. All calls
// come on the server's thread, inside cmhd_run or cmhd_stop, while the loop is alive. Text and bytes
// belong to the library and are copied before a callback returns.

private func loop(_ context: UnsafeMutableRawPointer) -> ServerLoop {
  unsafe Unmanaged<ServerLoop>.fromOpaque(context).takeUnretainedValue()
}

extension ServerLoop {
  fileprivate func connection(_ raw: OpaquePointer?) -> ServerConnection? {
    guard let context = unsafe cmhd_socket_context(library.api, raw) else { return nil }
    return unsafe Unmanaged<ServerConnection>.fromOpaque(context).takeUnretainedValue()
  }

  fileprivate func headers(_ raw: OpaquePointer?) -> [HTTPHeader] {
    var headers: [HTTPHeader] = []
    unsafe withUnsafeMutablePointer(to: &headers) { list in
      unsafe cmhd_each_header(
        library.api, raw,
        { context, _, name, value in
          guard let context = unsafe context, let name = unsafe name else { return .YES }
          let list = unsafe context.assumingMemoryBound(to: [HTTPHeader].self)
          let text = unsafe value.map { unsafe String(cString: $0) } ?? ""
          unsafe list.pointee.append(HTTPHeader(name: String(cString: name), value: text))
          return .YES
        }, list)
    }
    return headers
  }

  /// Queues an answer; one that cannot be sent as it is becomes a 500.
  fileprivate func send(_ response: HTTPServerResponse, to raw: OpaquePointer?) -> MHD_Result {
    let made = unsafe response.body.withUnsafeBytes { bytes in
      unsafe cmhd_response(library.api, bytes.baseAddress, bytes.count)
    }
    guard let made = unsafe made else { return .NO }
    for header in response.headers
    where unsafe cmhd_add_header(library.api, made, header.name, header.value) == 0 {
      unsafe cmhd_discard(library.api, made)
      return unsafe send(.text(500, "the answer has a header that can't be sent"), to: raw)
    }
    // A client that goes on using its connection must not keep the server from stopping.
    if isStopping { _ = unsafe cmhd_add_header(library.api, made, "Connection", "close") }
    let status = UInt32(clamping: response.status)
    return unsafe cmhd_answer(library.api, raw, (200...599).contains(status) ? status : 500, made)
  }
}

/// A connection was opened or closed.
func onConnection(
  _ context: UnsafeMutableRawPointer?, _ raw: OpaquePointer?,
  _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ event: MHD_ConnectionNotificationCode
) {
  guard let context = unsafe context, let slot = unsafe slot else { return }
  let server = unsafe loop(context)
  if cmhd_is_start(event) != 0 {
    let descriptor = unsafe cmhd_descriptor(server.library.api, raw)
    let address = unsafe ServerConnection.text(of: cmhd_client_address(server.library.api, raw))
    let connection = server.opened(descriptor, address)
    unsafe slot.pointee = Unmanaged.passRetained(connection).toOpaque()
  } else if let stored = unsafe slot.pointee {
    unsafe slot.pointee = nil
    server.closed(unsafe Unmanaged<ServerConnection>.fromOpaque(stored).takeRetainedValue())
  }
}

/// A request line has arrived.
func onTarget(
  _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ raw: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let context = unsafe context, let target = unsafe target else { return nil }
  let server = unsafe loop(context)
  if let connection = unsafe server.connection(raw) {
    server.began(connection, target: unsafe String(cString: target))
  }
  return nil
}

/// A request is over, answered or not.
func onCompleted(
  _ context: UnsafeMutableRawPointer?, _ raw: OpaquePointer?,
  _: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _: MHD_RequestTerminationCode
) {
  guard let context = unsafe context else { return }
  let server = unsafe loop(context)
  if let connection = unsafe server.connection(raw) { server.completed(connection) }
}

/// Called for the headers, then for each part of the body, then once more at its end.
func onRequest(
  _ context: UnsafeMutableRawPointer?, _ raw: OpaquePointer?, _: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?,
  _ uploadSize: UnsafeMutablePointer<Int>?,
  _: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let context = unsafe context, let method = unsafe method, let size = unsafe uploadSize
  else {
    return .NO
  }
  let server = unsafe loop(context)
  guard let connection = unsafe server.connection(raw) else { return .NO }
  guard connection.hasHead else {
    connection.hasHead = true
    connection.headers = unsafe server.headers(raw)
    let announced = connection.headers.value(of: "Content-Length").flatMap { Int($0) } ?? 0
    if announced > server.configuration.maximumBodyBytes {
      connection.stage = .answering
      return unsafe server.send(server.tooLarge, to: raw)
    }
    connection.body.reserveCapacity(min(announced, 1 << 20))
    return .YES
  }
  let count = unsafe size.pointee
  if count > 0 {
    unsafe size.pointee = 0
    let bytes = unsafe UnsafeRawBufferPointer(start: upload, count: count)
    return unsafe server.received(connection, bytes) ? .YES : .NO
  }
  let response = server.answer(connection, method: unsafe String(cString: method))
  if response.status == 0 { return .NO }
  return unsafe server.send(response, to: raw)
}
