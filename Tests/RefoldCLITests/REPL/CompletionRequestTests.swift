import RefoldRuntime
import Testing

@testable import RefoldCLI

@Test(
  arguments: [
    (":", .verb("")), (":sc", .verb("sc")), (":schema hub", .argument(.schema, [], "hub")),
    (":schema hubspot ", .argument(.schema, ["hubspot"], "")),
    (":time x.", .field([.field("x")], "")),
    (":plan scripts/con", .argument(.plan, [], "scripts/con")),
    (":plan refold.exec(\"hub", .app("hub")), (":record ", .argument(.record, [], "")),
    ("refold.exec(\"hub", .app("hub")), ("x = refold.try( '", .app("")),
    ("refold.exec(\"hubspot\", \"get_", .action(app: "hubspot", "get_")),
    ("refold.schema('a', 'b", .action(app: "a", "b")),
    ("refold.exec(\"a\", \"b\", \"", .account("")),
    ("refold.exec(\"a\", \"b\", nil, { ", .parameter(app: "a", action: "b", given: [], "")),
    (
      "refold.exec(\"a\", \"b\", nil, { x = f(1, 2), y = { z = 1 }, na",
      .parameter(app: "a", action: "b", given: ["x", "y"], "na")
    ),
    ("refold.exec(\"a\", \"b\", nil, { x = na", .field([], "na")),
    ("require \"contacts.sh", .module("contacts.sh")), ("require(\"", .module("")),
    ("", .field([], "")), ("pri", .field([], "pri")),
    ("a.b.c", .field([.field("a"), .field("b")], "c")),
    ("s:up", .field([.field("s")], "up")),
    (
      "_.data.results[1].",
      .field([.field("_"), .field("data"), .field("results"), .element(1)], "")
    ),
    ("t['k'].x", .field([.field("t"), .field("k")], "x")),
  ] as [(String, CompletionRequest)])
func `the end of a text says what can follow`(text: String, request: CompletionRequest) {
  #expect(CompletionRequest(text) == request)
}

@Test(arguments: [
  "f().", "x = 12", "-- a comm", "\"some te", "refold.exec(\"a\", \"b\" .. \"c", "[[lo",
  "(a or b).c",
])
func `where nothing can be said nothing is`(text: String) {
  #expect(CompletionRequest(text) == nil)
}
