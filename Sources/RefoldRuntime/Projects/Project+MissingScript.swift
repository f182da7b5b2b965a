import Posix
import RefoldActions

extension Project {
  /// The failure for a script that is not there, with what is there instead.
  ///
  /// - Parameters:
  ///   - base: Where its file would be.
  ///   - shown: The path, when a path was given and no name.
  func missing(_ name: String, _ base: String, _ shown: String?) -> RunFailure {
    let hint: String
    if let shown {
      hint =
        isNameWithSuffix(shown)
        ? "leave out '.lua': the script's name is '\(shown.dropLast(4))', its path '\(path("scripts/\(shown)"))'"
        : "give the path of a Lua file, such as 'scripts/contacts/upsert.lua'"
    } else {
      hint = obstacle(at: base) ?? meant(by: name, base)
    }
    return RunFailure(
      .usage, code: "script_not_found", message: "no script '\(shown ?? name)'", hint: hint)
  }

  /// Whether a path that leads nowhere is a script's name with `.lua` behind it.
  func isNameWithSuffix(_ reference: String) -> Bool {
    reference.hasSuffix(".lua") && !Script.isFile(reference)
      && isScript(String(reference.dropLast(4)))
  }

  /// What stands where the file should be.
  private func obstacle(at base: String) -> String? {
    if (try? Files.status(base))?.kind == .folder { return "'\(base)' is a folder, not a file" }
    let parts = base.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
    guard let entries = try? Folders.list(folder), let last = parts.last else { return nil }
    return entries.contains(String(last)) ? "'\(base)' is a link that leads nowhere" : nil
  }

  private func meant(by name: String, _ base: String) -> String {
    let place = "its file would be '\(base)'"
    let inside = scripts(in: name)
    if !inside.isEmpty {
      let more = inside.count > 5 ? ", …" : ""
      return "it is a folder; in it are \(inside.prefix(5).joined(separator: ", "))\(more)"
    }
    let dotted = name.split(separator: ".").joined(separator: "/")
    let meant = isScript(dotted) ? dotted : nearest(to: name)
    return meant.map { "did you mean '\($0)'? Else \(place)" } ?? place
  }

  private func isScript(_ name: String) -> Bool {
    guard (try? Self.check(name: name)) != nil else { return false }
    return Script.isFile(path("scripts/\(name).lua"))
  }

  /// The scripts in a folder, by their names, sorted.
  private func scripts(in folder: String) -> [String] {
    ((try? Folders.list(path("scripts/\(folder)"))) ?? []).sorted().compactMap { entry in
      entry.hasSuffix(".lua") && !entry.hasSuffix(TestFile.suffix)
        ? "\(folder)/\(entry.dropLast(4))" : nil
    }
  }

  /// The nearest script, word for word: only the folders on the way are listed, since a project may have thousands of scripts.
  private func nearest(to name: String) -> String? {
    let words = name.split(separator: "/").map(String.init)
    var found: [String] = []
    for (index, word) in words.enumerated() {
      let folder = path((["scripts"] + found).joined(separator: "/"))
      let entries = (try? Folders.list(folder)) ?? []
      let isLast = index == words.count - 1
      let known = entries.compactMap { entry -> String? in
        if isLast { return entry.hasSuffix(".lua") ? String(entry.dropLast(4)) : nil }
        return entry.contains(".") ? nil : entry
      }
      guard let next = known.contains(word) ? word : NearestName.of(word, in: known) else {
        return nil
      }
      found.append(next)
    }
    let meant = found.joined(separator: "/")
    return isScript(meant) ? meant : nil
  }
}
