/// What was made for earlier requests, and is the same for later ones.
package struct Kept<Key: Hashable, Value> {
  private var values: [Key: Value] = [:]
  private static var most: Int { 1024 }

  package init() {}

  /// Returns what is kept, or else makes it; when too much is kept, all of it is forgotten.
  package mutating func value<Failure: Error>(
    for key: Key, make: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    if let known = values[key] { return known }
    let made = try make()
    if values.count >= Self.most { values = [:] }
    values[key] = made
    return made
  }
}
