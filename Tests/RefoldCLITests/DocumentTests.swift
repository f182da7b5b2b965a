import Foundation
import RefoldTesting
import Testing

/// The README and the pages under `docs`: what they show is what happens.
@Suite struct DocumentTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func documents() throws -> [String] {
    let pages = try ["docs", "docs/stdlib"].flatMap { folder in
      try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
        .filter { $0.hasSuffix(".md") }.sorted().map { "\(folder)/\($0)" }
    }
    return ["README.md"] + pages
  }

  /// Lua blocks become the files that their first line names; console blocks are typed in, and must print what they show.
  @Test(arguments: try documents())
  func `the examples of a page print what it shows`(page: String) throws {
    let text = try String(contentsOf: Self.root.appending(path: page), encoding: .utf8)
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      atPath: Self.root.appending(path: "scripts").path, toPath: folder.file("scripts"))
    for block in Block.all(in: text) {
      switch block.language {
      case "lua":
        let name = block.lines.first.map { $0.dropFirst(3) } ?? ""
        try #require(name.hasSuffix(".lua"), "a Lua block begins with '-- NAME.lua'")
        let path = folder.file(String(name))
        try FileManager.default.createDirectory(
          atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try block.lines.joined(separator: "\n").write(
          toFile: path, atomically: false, encoding: .utf8)
      case "console":
        for example in block.examples {
          let printed = try SpecRunner.combinedOutput(of: example.command, in: folder)
          #expect(printed == SpecRunner.normal(example.output), "\(example.command)")
        }
      default: break
      }
    }
  }

  /// Each option of each command has a row, with the word for its value, that names the command.
  @Test func `the page of the command line lists all options`() throws {
    let folder = try TemporaryFolder()
    let page = try String(
      contentsOf: Self.root.appending(path: "docs/cli.md"), encoding: .utf8
    ).replacingOccurrences(of: "\\|", with: "¦").components(separatedBy: "\n")
    let overview = try SpecRunner.combinedOutput(of: "refold help", in: folder)
    let commands = overview.components(separatedBy: "\n").compactMap { line in
      line.firstMatch(of: #/^ {2}([a-z]+) +[A-Z]/#).map { String($0.1) }
    }
    #expect(commands.count > 10)
    for command in commands where command != "version" {
      #expect(page.contains { $0.hasPrefix("| `\(command)") || $0.contains(", `\(command) ") })
      let help = try SpecRunner.combinedOutput(of: "refold help \(command)", in: folder)
      for line in help.components(separatedBy: "\n") {
        guard let option = line.firstMatch(of: #/^ {2}(--?[a-z][a-z-]*(?: [^ ]+)?) /#)?.1,
          !option.hasPrefix("--color"), option != "--help"
        else { continue }
        let name = option.replacingOccurrences(of: "|", with: "¦")
        #expect(
          page.contains { $0.hasPrefix("| `\(name)` |") && $0.contains("`\(command)`") },
          "\(command) \(option)")
      }
    }
  }

  @Test func `there are examples`() throws {
    let text = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
    #expect(Block.all(in: text).contains { $0.language == "console" && $0.examples.count == 2 })
  }

  /// Each module has a page with an example that is run, and the page of the library leads to it.
  @Test(arguments: [
    "csv", "diff", "ensure", "fs", "inspect", "json", "list", "mapping", "pages", "retry", "rules",
    "sync", "test", "text", "time", "validate",
  ])
  func `a module of the standard library has an example`(module: String) throws {
    let folder = Self.root.appending(path: "docs/stdlib")
    let page = try String(
      contentsOf: folder.appending(path: "\(module).md"), encoding: .utf8)
    let blocks = Block.all(in: page)
    #expect(blocks.contains { $0.lines.contains { $0.contains("require(\"\(module)\")") } })
    #expect(blocks.contains { !$0.examples.isEmpty })
    let index = try String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8)
    #expect(index.contains("[`\(module)`](\(module).md)"))
  }

  @Test func `make demo ends as the README shows`() throws {
    let text = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
    let shown = try #require(Block.all(in: text).first { $0.lines.first?.hasPrefix("4. ") == true })
    let refold = SpecRunner.programs.appending(path: "refold").path
    let printed = try SpecRunner.combinedOutput(
      of: "'\(Self.root.path)/tools/demo' '\(refold)'", in: TemporaryFolder())
    // The demo shows commands and results too; each line of the README must be among what it prints, in this order.
    var rest = printed.split(separator: "\n", omittingEmptySubsequences: true)[...]
    for line in shown.lines where !line.isEmpty {
      let index = try #require(rest.firstIndex { $0 == line }, "\(line)\n\(printed)")
      rest = rest[(index + 1)...]
    }
  }

  /// A fenced block of a page.
  struct Block {
    var language: String
    var lines: [String]

    static func all(in text: String) -> [Block] {
      var blocks: [Block] = []
      var open: Block?
      for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
        guard line.hasPrefix("```") else {
          open?.lines.append(line)
          continue
        }
        if let block = open {
          blocks.append(block)
          open = nil
        } else {
          open = Block(language: String(line.dropFirst(3)), lines: [])
        }
      }
      return blocks
    }

    /// The commands of a console block with what they print.
    var examples: [(command: String, output: String)] {
      var examples: [(command: String, output: String)] = []
      for line in lines {
        if line.hasPrefix("$ ") {
          examples.append((String(line.dropFirst(2)), ""))
        } else if !examples.isEmpty {
          examples[examples.count - 1].output += line + "\n"
        }
      }
      return examples
    }
  }
}
