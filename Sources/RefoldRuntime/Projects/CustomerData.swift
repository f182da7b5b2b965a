import Lua
import RefoldActions

/// What a customer's `config.lua` says: data that the scripts of the account read with `refold.config()`.
struct CustomerData: Sendable, Equatable {
  /// The table as the text of a JSON object, keys sorted.
  let json: [UInt8]

  /// The data of a customer without a file.
  static let none = CustomerData(json: Array("{}".utf8))

  private init(json: [UInt8]) { self.json = json }

  /// Runs the source of a customer's config, and takes the table that it returns.
  ///
  /// - Throws: ``RunFailure`` of kind `usage` with the place, also for a config that loops or holds what is no data.
  init(_ source: [UInt8], path: String) throws(RunFailure) {
    do {
      json = try SandboxedTable.read(source, path: path) { stack in
        switch stack.type(at: -1) {
        case .nil: return Self.none.json
        case .table: break
        case let type:
          throw Self.invalid(path, "it returns a \(type.name)", "return a table")
        }
        var encoding = JSONEncodingOptions()
        encoding.sortsKeys = true
        let json = try Self.encode(stack, encoding, path)
        if json.first == UInt8(ascii: "{") { return json }
        throw Self.invalid(path, "it returns a list", "return a table with names")
      }
    } catch let failure as RunFailure {
      throw failure
    } catch let error as LuaError {
      var failure = Self.invalid(
        path, error.message,
        SandboxedTable.hint(for: error, absent: "neither 'refold' nor 'require' is"))
      failure.location = error.location
      throw failure
    } catch {
      throw Self.invalid(path, String(describing: error), "see 'refold help projects'")
    }
  }

  private static func encode(
    _ stack: borrowing LuaStack, _ encoding: JSONEncodingOptions, _ path: String
  ) throws(RunFailure) -> [UInt8] {
    do throws(JSONError) {
      return try stack.encodeJSON(at: -1, options: encoding)
    } catch {
      throw invalid(
        path, error.message, "it is data: text, numbers, booleans, and tables of them")
    }
  }

  /// The failure for a config that is wrong.
  static func invalid(_ path: String, _ problem: String, _ hint: String) -> RunFailure {
    RunFailure(
      .usage, code: "customer_config_invalid",
      message: "the customer's config '\(path)' is wrong: \(problem)", hint: hint)
  }
}
