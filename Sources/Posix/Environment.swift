import Glibc

/// The variables with which the process was started.
public enum Environment {
  /// Returns a variable; nil when it is not set.
  public static func value(_ name: String) -> String? {
    // SAFETY: the result is copied at once; nothing in this program changes the environment.
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  /// Returns all variables; bytes that are not UTF-8 read as U+FFFD.
  public static func all() -> [String: String] {
    var variables: [String: String] = [:]
    // SAFETY: `environ` is an array of C strings that ends with a null; nothing in this program changes it.
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let parts = unsafe String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      unsafe entry += 1
    }
    return variables
  }
}
