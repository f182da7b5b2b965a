import HTTP
import Posix
import RefoldActions
import RefoldSandbox

/// `refold sandbox serve`: the sandbox over HTTP, until a signal ends it.
enum SandboxServeCommand {
  static let options =
    [
      Options.Declared("--port", "NUMBER  serve: the port; the system chooses one by default"),
      Options.Declared("--host", "ADDRESS  serve: the address; 127.0.0.1 is the default"),
      Options.Declared("--api-key", "KEY  serve: the only key that is let in; any, by default"),
      Options.Declared("--verbose", "serve: show each request", takesValue: false),
    ] + FaultOptions.options.map { Options.Declared($0.name, "\($0.help), with serve") }

  static func run(_ options: Options, _ context: CommandContext) throws -> Int32 {
    let configuration = try configuration(options, context)
    try context.makeStateFolder()
    let server = try start(configuration)
    defer { server.stop() }
    let ends = try Descriptor.pipe()
    try Signals.watch([.interrupt, .terminate, .hangUp]) { _ in
      // The reading end is open until the process ends, and one byte always fits.
      try? ends.write.writeAll([0])
    }
    try context.console.line(server.url)
    let key = configuration.apiKey == nil ? "any key" : "the given key"
    context.console.note(
      """
      sandbox \(configuration.databasePath), open to \(key); Ctrl-C stops it. To use it:
        REFOLD_BASE_URL=\(server.url) REFOLD_API_KEY=KEY refold exec hubspot get_contact limit=1 --account demo-user-1
      """)
    if configuration.address != "127.0.0.1" && configuration.address != "::1" {
      context.console.note("warning: others on the network can reach \(server.url)")
    }
    _ = try ends.read.read(upTo: 1)
    context.console.note("stopped")
    return 0
  }

  private static func configuration(
    _ options: Options, _ context: CommandContext
  ) throws(CommandError) -> SandboxServer.Configuration {
    guard options.words.count == 1 else {
      throw .usage("unexpected '\(options.words[1])'", command: "sandbox")
    }
    var configuration = SandboxServer.Configuration(databasePath: context.databasePath)
    if let text = options.value("--port") {
      guard let port = Int(text), (0...65_535).contains(port) else {
        throw .usage("'\(text)' is no port: use a number from 0 to 65535", command: "sandbox")
      }
      configuration.port = port
    }
    if let address = options.value("--host") {
      configuration.address = address == "localhost" ? "127.0.0.1" : address
    }
    if let key = options.value("--api-key") {
      guard !key.isEmpty else { throw .usage("the key is empty", command: "sandbox") }
      configuration.apiKey = SecretString(key)
    }
    configuration.faults = try FaultOptions.plan(options, context.console)
    if options.has("--verbose") {
      let console = context.console
      configuration.onAnswer = { method, path, status in
        console.note("\(status) \(method) \(path)")
      }
    }
    return configuration
  }

  private static func start(
    _ configuration: SandboxServer.Configuration
  ) throws -> SandboxServer {
    do {
      return try SandboxServer(configuration)
    } catch let error as HTTPError {
      throw CommandError(
        code: error.code == .listenFailed ? "listen_failed" : "server_failed",
        message: error.message,
        hint: error.code == .listenFailed
          ? "choose another '--port' or '--host'; without '--port' a free one is found" : nil)
    }
  }
}
