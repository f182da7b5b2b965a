import Glibc

/// What every transfer of a client shares: its name and whom it trusts, as C strings.
@safe final class ClientIdentity {
  let userAgent: UnsafeMutablePointer<CChar>
  /// A bundle of trusted certificates; nil for the system's.
  let certificateFile: UnsafeMutablePointer<CChar>?
  /// A folder of trusted certificates; nil for the system's.
  let certificateFolder: UnsafeMutablePointer<CChar>?

  /// The hosts that are reached without a proxy: those of the environment, and always this machine.
  ///
  /// Plain HTTP is trusted on loopback only; through a proxy a key would leave the machine in clear text.
  let hostsWithoutProxy: UnsafeMutablePointer<CChar>

  /// Reads the trust settings from the environment, by the rules of the curl command.
  ///
  /// `CURL_CA_BUNDLE` names a file; without it `SSL_CERT_DIR` names a folder and `SSL_CERT_FILE` a file.
  init(userAgent: String, environment: (String) -> String? = ClientIdentity.processValue) {
    let bundle = environment("CURL_CA_BUNDLE")
    // SAFETY: copies owned by this object, freed in deinit.
    unsafe self.userAgent = strdup(userAgent)
    let file = bundle ?? environment("SSL_CERT_FILE")
    unsafe certificateFile = file.map { unsafe strdup($0) }
    let named = environment("no_proxy") ?? environment("NO_PROXY")
    let loopback = "localhost,127.0.0.0/8,::1"
    unsafe hostsWithoutProxy = strdup(
      named == "*" ? "*" : named.map { "\($0),\(loopback)" } ?? loopback)
    let folder = bundle == nil ? environment("SSL_CERT_DIR") : nil
    unsafe certificateFolder = folder.map { unsafe strdup($0) }
  }

  deinit {
    unsafe free(userAgent)
    unsafe free(hostsWithoutProxy)
    unsafe free(certificateFile)
    unsafe free(certificateFolder)
  }

  /// Returns a variable of the process; nil when it is unset or empty.
  static func processValue(_ name: String) -> String? {
    guard let text = unsafe getenv(name) else { return nil }
    let value = unsafe String(cString: text)
    return value.isEmpty ? nil : value
  }
}
