import Glibc
import Measuring
import Posix

/// nginx on loopback, which answers each call with a record of 2 KB.
final class Nginx: Sendable {
  /// The address of the server.
  let url: String
  /// The port alone.
  let port: Int
  private let process: ChildProcess

  /// The path under which the action is executed.
  static let path = "/api/v2/integration-schema/hubspot/actions/get_contact_by_id/execute"

  /// The answer: a record of 2,000 bytes.
  static let answer: String = {
    let start =
      #"{"node_status":"Success","data":{"id":"101","archived":false,"properties":{"#
      + #""email":"ada.lovelace@example.com","firstname":"Ada","lastname":"Lovelace""#
    var fields = ""
    var index = 0
    while start.utf8.count + fields.utf8.count < 1950 {
      index += 1
      fields += #","field_\#(index)":"value \#(index) of the record""#
    }
    return start + fields + "}}}"
  }()

  init(_ folder: BenchmarkFolder) throws {
    port = 18_000 + Int(getpid()) % 1000
    url = "http://127.0.0.1:\(port)"
    try folder.write(
      "nginx.conf",
      """
      daemon off; worker_processes 1; pid nginx.pid; error_log nginx-error.log;
      events { worker_connections 16384; }
      http {
        access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
        client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi; scgi_temp_path scgi;
        server {
          listen 127.0.0.1:\(port) backlog=4096;
          default_type application/json;
          location \(Self.path) { return 200 '\(Self.answer)'; }
          location / { return 200 '[{"name":"contact_id","required":true,"type":"text"}]'; }
        }
      }
      """)
    process = try ChildProcess(
      ["/usr/sbin/nginx", "-p", folder.path, "-c", "\(folder.path)/nginx.conf"],
      environment: folder.environment)
    for _ in 0..<200 where (try? Files.status("nginx.pid")) == nil { usleep(10_000) }
    usleep(100_000)
  }

  func stop() {
    process.terminate()
    _ = process.wait()
  }
}
