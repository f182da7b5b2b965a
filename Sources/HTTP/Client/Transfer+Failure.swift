import CCurl
import Glibc

extension Transfer {
  /// Returns the error that stands for a failed transfer.
  func failure(_ rawCode: CInt) -> HTTPError {
    let code = CURLcode(rawValue: UInt32(bitPattern: rawCode))
    let kind = self.kind(code)
    return HTTPError(kind, message(code, rawCode, kind), wasSent: wasSent)
  }

  private func kind(_ code: CURLcode) -> HTTPError.Code {
    switch code {
    case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT: .invalidRequest
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameResolution
    case CURLE_COULDNT_CONNECT: .connectionFailed
    case CURLE_OPERATION_TIMEDOUT: wasConnected ? .timeout : .connectionFailed
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
      .tls
    case CURLE_RECV_ERROR where !wasConnected, CURLE_SEND_ERROR where !wasConnected:
      .connectionFailed
    case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR:
      .connectionClosed
    case CURLE_ABORTED_BY_CALLBACK where refusedToRepeat: .connectionClosed
    case CURLE_FILESIZE_EXCEEDED: .responseTooLarge
    case CURLE_WRITE_ERROR where overflow != nil: .responseTooLarge
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING,
      CURLE_WRITE_ERROR:
      .invalidResponse
    default: .other
    }
  }

  private func message(_ code: CURLcode, _ rawCode: CInt, _ kind: HTTPError.Code) -> String {
    let (host, place) = request.target
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return "can't resolve host '\(host)'"
    case CURLE_COULDNT_RESOLVE_PROXY: return "can't resolve the host of the proxy"
    case CURLE_COULDNT_CONNECT: return connectMessage(host: host, place: place, rawCode)
    case CURLE_OPERATION_TIMEDOUT where wasConnected:
      return "no answer within \(request.totalTimeout.text)"
    case CURLE_OPERATION_TIMEDOUT:
      let allowed = min(request.connectTimeout, request.totalTimeout)
      return "no connection to \(place) within \(allowed.text)"
    case CURLE_PEER_FAILED_VERIFICATION:
      return "the certificate of \(place) is not trusted: \(reason(rawCode))"
    case CURLE_GOT_NOTHING,
      CURLE_ABORTED_BY_CALLBACK where refusedToRepeat:
      return "the server closed the connection without an answer"
    case CURLE_PARTIAL_FILE: return "the server closed the connection in the middle of its answer"
    case CURLE_RECV_ERROR where !wasConnected, CURLE_SEND_ERROR where !wasConnected:
      return "no way to \(place): \(reason(rawCode))"
    case CURLE_RECV_ERROR, CURLE_SEND_ERROR:
      return "the connection to \(place) broke: \(reason(rawCode))"
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
      return "\(place) does not speak HTTP"
    case CURLE_BAD_CONTENT_ENCODING: return "the answer's compression is damaged"
    default: break
    }
    switch kind {
    case .tls: return "no secure connection to \(place): \(reason(rawCode))"
    case .responseTooLarge where overflow == .headers:
      return "the headers of the answer are larger than \(Transfer.maximumHeaderBytes.byteText)"
    case .responseTooLarge:
      return "the answer is larger than \(request.maximumResponseBytes.byteText)"
    default: return reason(rawCode)
    }
  }

  private func connectMessage(host: String, place: String, _ rawCode: CInt) -> String {
    let detail = reason(rawCode)
    guard detail.contains(host) || detail.isEmpty else { return "no way to \(place): \(detail)" }
    switch systemError {
    case ECONNREFUSED: return "connection refused by \(place)"
    case ENETUNREACH, EHOSTUNREACH: return "no route to \(place)"
    case 0: return "no connection to \(place)"
    case let number: return "no connection to \(place): \(unsafe String(cString: strerror(number)))"
    }
  }
}
