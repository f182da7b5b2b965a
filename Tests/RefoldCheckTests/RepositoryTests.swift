import Foundation
import LuaSyntax
import RefoldCheck
import Testing

/// The Lua of this repository is right, and a check says so.
@Suite struct RepositoryTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func files(in folder: String, _ suffix: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
      .filter { $0.hasSuffix(suffix) }.sorted().map { "\(folder)/\($0)" }
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  @Test func `nothing is found in the library and in the scripts`() throws {
    let paths = try Self.files(in: "stdlib", ".lua") + Self.files(in: "scripts", ".lua")
    #expect(paths.count > 40)
    let modules = try Dictionary(
      paths.map { path in
        let name = path.drop { $0 != "/" }.dropFirst().dropLast(".lua".count)
        return (name.replacingOccurrences(of: "/", with: "."), try Self.text(path))
      }, uniquingKeysWith: { first, _ in first })
    for path in paths {
      let found = try findings(in: Self.text(path), path: path, backend: "", modules: modules)
      // The small backend of these tests has other actions.
      #expect(found.filter { !$0.contains("-app:") && !$0.contains("-action:") } == [], "\(path)")
    }
  }

  @Test func `nothing is found in the examples of the pages`() throws {
    let pages = try Self.files(in: "docs", ".md") + ["README.md"]
    var count = 0
    // Its examples are wrong on purpose.
    for page in pages where page != "docs/check.md" {
      for part in try Self.text(page).components(separatedBy: "```lua\n").dropFirst() {
        let block = part.components(separatedBy: "```")[0]
        if block.hasPrefix("-- wrong.lua") { continue }
        count += 1
        let path = block.split(separator: "\n").first.map { String($0.dropFirst(3)) } ?? ""
        let found = try findings(in: block, path: path, backend: "")
        #expect(
          found.filter {
            $0.contains(" error ") && !$0.contains("-app:") && !$0.contains("-action:")
          }
            == [], "\(page): \(block)")
      }
    }
    #expect(count > 15)
  }
}
