/// The Lua sources that ship inside the program: `stdlib/` and `stdlib/connectors/` of the repository.
public enum Stdlib {
  /// Returns the module that `require` finds under a name, or nil when there is none.
  ///
  /// ```swift
  /// Stdlib.module(named: "no_such_module")  // nil
  /// ```
  public static func module(named name: String) -> EmbeddedSource? {
    find(name, in: modules)
  }

  /// Returns the sandbox connector of an app by its slug, or nil when there is none.
  public static func connector(named app: String) -> EmbeddedSource? {
    find(app, in: connectors)
  }

  /// Returns a part of what the connectors share by its name, or nil when there is none.
  public static func connectorKit(named part: String) -> EmbeddedSource? {
    find(part, in: connectorKit)
  }

  /// Looks a name up in a list of a few dozen at most: a scan beats building a table at start-up.
  private static func find(_ name: String, in sources: [EmbeddedSource]) -> EmbeddedSource? {
    sources.first { $0.name == name }
  }
}
