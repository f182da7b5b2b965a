import Testing

@testable import RefoldCLI

/// The settings of the editor: what the user wrote stays.
@Suite struct EditorSettingsTests {
  private func merged(_ text: String?) throws -> String? {
    try EditorSettings.merged(text.map { Array($0.utf8) }, library: ".refold/types")
  }

  @Test func `settings that are not there are made`() throws {
    let expected = """
      {
        "runtime.version": "Lua 5.4",
        "workspace.checkThirdParty": false,
        "workspace.library": [
          ".refold/types"
        ]
      }

      """
    #expect(try merged(nil) == expected)
    #expect(try merged(" \n") == expected)
    #expect(try merged(expected) == nil)
  }

  @Test(arguments: [
    #"{"runtime":{"version":"Lua 5.1"},"workspace":{"library":[".refold/types"],"checkThirdParty":true}}"#,
    #"{"Lua.runtime.version":"","Lua.workspace.checkThirdParty":0,"Lua.workspace.library":[1,".refold/types"]}"#,
  ])
  func `what is set is not set again`(text: String) throws {
    #expect(try merged(text) == nil)
  }

  @Test func `each setting is added in the way that the file has`() throws {
    let text =
      #"{"x":[{},[],null,1.50,"\u00e9\n"],"workspace":{"maxPreload":5},"Lua.runtime.version":"5"}"#
    #expect(
      try merged(text) == """
        {
          "x": [
            {},
            [],
            null,
            1.50,
            "é\\n"
          ],
          "workspace": {
            "maxPreload": 5,
            "checkThirdParty": false,
            "library": [
              ".refold/types"
            ]
          },
          "Lua.runtime.version": "5"
        }

        """)
  }

  @Test(arguments: [
    ("[1]", "it is not a JSON object"),
    (#"{"workspace.library":"mine"}"#, "its 'workspace.library' is not a list"),
    (#"{"workspace":{"library":{}}}"#, "its 'workspace.library' is not a list"),
    ("{} // mine", "it is not plain JSON: text after the end of the document"),
  ])
  func `what cannot be changed is said`(text: String, reason: String) throws {
    let error = try #require(throws: EditorSettings.Unusable.self) { try merged(text) }
    #expect(error.reason == reason)
  }
}
