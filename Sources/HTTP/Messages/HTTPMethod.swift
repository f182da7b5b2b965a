/// The method of a request.
public struct HTTPMethod: Sendable, Hashable, CustomStringConvertible {
  /// The method as it stands on the wire, in upper case by convention.
  public let name: String

  /// Creates a method from its name; a name that is not an HTTP token fails when the request starts.
  public init(_ name: String) {
    self.name = name
  }

  /// Reads a resource.
  public static let get = HTTPMethod("GET")
  /// Reads a resource's headers only.
  public static let head = HTTPMethod("HEAD")
  /// Submits a body to a resource.
  public static let post = HTTPMethod("POST")
  /// Replaces a resource.
  public static let put = HTTPMethod("PUT")
  /// Changes a part of a resource.
  public static let patch = HTTPMethod("PATCH")
  /// Removes a resource.
  public static let delete = HTTPMethod("DELETE")

  /// The name.
  public var description: String { name }

  /// Whether sending the request twice changes nothing (RFC 9110, 9.2.1).
  var isSafe: Bool { self == .get || self == .head }

  /// Whether a request without a body still announces an empty one.
  var expectsBody: Bool { self == .post || self == .put || self == .patch }
}
