import Measuring
import Posix
import RefoldActions
import RefoldRuntime

/// How many records a mapping of 12 fields turns into others in a second, beside the same job in Node.
enum MappingBenchmarks {
  static func run(_ folder: BenchmarkFolder, peers: String) throws {
    print("\nRecords per second of processor time, a mapping of 12 fields (fastest of rounds)")
    let lane = Lane(backend: NoBackend())
    let ours = try result(lane, rounds: 0)
    let node = ["node", "\(peers)/mapping.mjs"]
    if let theirs = try output(node + ["check"], folder), theirs != ours {
      throw WrongAnswer(what: "mapping: refold and Node differ")
    }
    let count = 200
    let best = try fastest(
      rounds: 5,
      [
        { try seconds(try result(lane, rounds: count)) },
        { try output(node + ["data", String(count)], folder).map(seconds) ?? .infinity },
        { try output(node + ["hand", String(count)], folder).map(seconds) ?? .infinity },
      ])
    let rates = best.map { Double(count * 1000) / $0 }
    Figure(
      name: "mapping, forward", value: "\(Int(rates[0])) records",
      target: "≥ 300000 records", isReached: rates[0] >= 300_000
    ).print()
    for (name, rate) in [("Node, the mapping as data", rates[1]), ("Node, by hand", rates[2])] {
      Figure(
        name: name, value: rate > 0 ? "\(Int(rate)) records" : "not installed",
        target: rate > 0 ? "refold is \((rates[0] / rate).ratio)" : ""
      ).print()
    }
  }

  /// What the script returns: JSON text of the mapped records without rounds, else the processor seconds that they took.
  private static func result(_ lane: Lane, rounds: Int) throws -> String {
    let options = RunOptions(account: "acme", input: Array(#"{"rounds":\#(rounds)}"#.utf8))
    let outcome = lane.run(.inline(script), options)
    guard case .success(let json) = outcome.result else {
      throw WrongAnswer(what: "mapping: \(outcome.result)")
    }
    return String(decoding: json, as: UTF8.self)
  }

  private static func seconds(_ text: String) throws -> Double {
    guard let seconds = Double(text), seconds > 0 else {
      throw WrongAnswer(what: "mapping: \(text)")
    }
    return seconds
  }

  /// What a program prints, without the line's end; nil when it is not installed.
  private static func output(_ words: [String], _ folder: BenchmarkFolder) throws -> String? {
    let child: ChildProcess
    do {
      child = try ChildProcess(words, environment: folder.environment, output: "mapping-output")
    } catch is ChildProcess.Missing {
      return nil
    }
    guard child.wait().exit == 0 else { throw WrongAnswer(what: words.joined(separator: " ")) }
    let text = String(decoding: try Files.read("mapping-output"), as: UTF8.self)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// The mapping as `Peers/mapping.mjs` has it, and the same records.
  private static let script = """
    local mapping = require("mapping")
    local contacts = mapping.compile({
      fields = {
        email = { to = "Email", trim = true, case = "lower", required = true },
        firstname = { to = "FirstName", trim = true },
        lastname = { to = "LastName", trim = true, required = true },
        phone = { to = "Phone", as = "phone", country = "+44" },
        company = { to = "Account.Name", default = "unknown" },
        jobtitle = "Title",
        lifecycle = { to = "Status", values = { lead = "Open", customer = "Closed", other = "Nurturing" } },
        revenue = { to = "Revenue", as = "number", from_as = "text" },
        optin = { to = "OptIn", as = "boolean", from_as = "text" },
        created = { to = "CreatedOn", as = "date", from_as = "datetime" },
        city = "City",
        source = { to = "Source", constant = "HubSpot" },
      },
    })

    local records = {}
    for number = 1, 1000 do
      records[number] = {
        email = " Ada" .. number .. "@Example.com", firstname = "Ada", lastname = "Lovelace " .. number,
        phone = "+44 20 7946 " .. 1000 + number, company = number % 3 == 0 and "" or "Engines",
        jobtitle = "Engineer", lifecycle = number % 2 == 0 and "lead" or "customer", revenue = number .. ".5",
        optin = number % 2 == 0 and "true" or "false", created = "2026-01-20T10:00:00.000Z", city = "London",
      }
    end

    return function(input)
      if input.rounds == 0 then
        local mapped = {}
        for number, record in ipairs(records) do
          mapped[number] = contacts.forward(record)
        end
        return require("json").encode(mapped, { sort_keys = true })
      end
      local forward, started, last = contacts.forward, os.clock(), nil
      for _ = 1, input.rounds do
        for number = 1, #records do
          last = forward(records[number])
        end
      end
      return last.Email == "ada1000@example.com" and os.clock() - started
    end
    """
}
