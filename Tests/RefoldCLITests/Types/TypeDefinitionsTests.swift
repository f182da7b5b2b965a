import LuaSyntax
import RefoldActions
import Testing

@testable import RefoldCLI

/// Definitions for editors from whatever an API calls its things.
@Suite struct TypeDefinitionsTests {
  private func type(of json: String) throws -> SampledType {
    var scanner = JSONScanner(Array(json.utf8))
    return try SampledType(&scanner)
  }

  @Test func `a sample shows types, and what is not always there`() throws {
    let json = #"""
      {"a":[{"id":1,"x":null},{"id":2.5,"x":"t","y":true},{"id":3}],"b":[],"c":[1,"t"],"d":null,"e":{}}
      """#
    #expect(
      try type(of: json)
        == .object([
          .init(
            name: "a",
            type: .array(
              .object([
                .init(name: "id", type: .number), .init(name: "x", type: .string, isOptional: true),
                .init(name: "y", type: .boolean, isOptional: true),
              ]))),
          .init(name: "b", type: .array(nil)), .init(name: "c", type: .array(.any)),
          .init(name: "d", type: .any, isOptional: true), .init(name: "e", type: .object([])),
        ]))
  }

  @Test func `a sample that nests without end has an end`() throws {
    let json = String(repeating: "[", count: 150) + String(repeating: "]", count: 150)
    var depth = 0
    var type: SampledType? = try type(of: json)
    while case .array(let element) = type {
      type = element
      depth += 1
    }
    #expect(depth == 12)
    #expect(type == .any)
  }

  @Test func `names that are no words are quoted, and text stays on its line`() throws {
    let action = DescribedApp.Action(
      id: "do-\"it\"\n", name: "Do", description: "", effect: "write",
      parameters: [
        .init(name: "first name", label: "First\nname", required: true),
        .init(name: "2nd", type: "json"), .init(name: "end", type: "picklist"),
      ],
      reply: try type(of: #"{"data":{"o:code":1,"list":[[{"x":1}]]},"node_status":"Success"}"#))
    let app = DescribedApp(slug: "my-app", name: "My\u{1B}App", actions: [action])
    let text = TypeDefinitions.app(app)
    #expect(
      text == """
        ---@meta _
        -- Written by 'refold types'; run it again when the apps have changed.
        --- My App

        --- Parameters of my-app.do-"it" .
        ---@class (exact) my_app.do__it__.Params
        ---@field ["first name"] string|number|boolean First name
        ---@field ["2nd"]? table|string
        ---@field ["end"]? any

        --- What my-app.do-"it"  once answered.
        ---@class my_app.do__it__.Reply: refold.Reply
        ---@field data my_app.do__it__.data
        ---@field node_status string

        ---@class my_app.do__it__.data
        ---@field list my_app.do__it__.data.list[][]
        ---@field ["o:code"] integer
        ---@field [string] any

        ---@class my_app.do__it__.data.list
        ---@field x integer
        ---@field [string] any

        """)
    let refold = TypeDefinitions.refold(
      "---@meta\n\n--- Executes.\n---@param app string\nfunction refold.exec(app) end\n", [app])
    #expect(
      refold == """
        ---@meta
        -- Written by 'refold types'; run it again when the apps have changed.
        ---@alias refold.App string|"my-app"

        --- Executes.
        ---@param app refold.App
        ---@overload fun(app: "my-app", action: "do-\\"it\\" ", account?: string, params: my_app.do__it__.Params, \
        opts?: refold.Options): my_app.do__it__.Reply
        function refold.exec(app) end

        """)
    for text in [text, refold] { _ = try LuaParser.parse(Array(text.utf8)) }
  }
}
