import Posix

extension Script {
  /// The name under which the script's runs keep values: its path in the project without `.lua`, as in `contacts/upsert`.
  ///
  /// In the project's `scripts` folder it is the path below that; an override in `scripts/customers/ACCOUNT/` has the name of
  /// the script that it overrides. Code without a file has the name that messages use, as in `(command line)`.
  public var stateName: String { Self.stateName(of: name) }

  /// The name under which the runs of a script keep values.
  ///
  /// - Parameter path: The path of a script, which need not exist, or a word in brackets.
  public static func stateName(of path: String) -> String {
    if path.hasPrefix("(") { return path }
    var parts = absoluteParts(of: path)
    if let last = parts.popLast() {
      parts.append(last.hasSuffix(".lua") ? String(last.dropLast(4)) : last)
    }
    let folder = "/" + parts.dropLast().joined(separator: "/")
    var rest = parts[...]
    if let root = projectRoot(above: folder) {
      rest = parts.dropFirst(root)
      if rest.first == "scripts", rest.count > 1 { rest = rest.dropFirst() }
    } else if let scripts = parts.dropLast().lastIndex(of: "scripts") {
      rest = parts[(scripts + 1)...]
    } else if let here = try? Folders.working() {
      let outer = here.split(separator: "/").map(String.init)
      guard parts.starts(with: outer) else { return "/" + parts.joined(separator: "/") }
      return parts.dropFirst(outer.count).joined(separator: "/")
    }
    if rest.first == "customers", rest.count > 2 { rest = rest.dropFirst(2) }
    return rest.joined(separator: "/")
  }

  /// The words of the path from the root, with the links of its folder resolved as far as it exists.
  private static func absoluteParts(of path: String) -> [String] {
    let given = path.split(separator: "/").map(String.init)
    let folder = (path.hasPrefix("/") ? "/" : "") + given.dropLast().joined(separator: "/")
    if let resolved = try? Folders.resolve(folder.isEmpty ? "." : folder) {
      return resolved.split(separator: "/").map(String.init) + given.suffix(1)
    }
    let here = path.hasPrefix("/") ? "" : (try? Folders.working()) ?? ""
    var parts = here.split(separator: "/").map(String.init)
    for part in given where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return parts
  }

  /// How many words the folder of the project has: the nearest one with `refold.lua`; nil when there is none.
  private static func projectRoot(above folder: String) -> Int? {
    var parts = folder.split(separator: "/")
    while true {
      if isFile("/" + parts.joined(separator: "/") + "/refold.lua") { return parts.count }
      if parts.popLast() == nil { return nil }
    }
  }
}
