import RefoldRuntime
import Testing

@testable import RefoldCLI

private func text(_ string: String, length: Int? = nil) -> ShownValue {
  .string(Array(string.utf8), length: length ?? string.utf8.count)
}

private func table(
  _ elements: [ShownValue] = [], _ fields: [(String, ShownValue)] = [], count: Int? = nil
) -> ShownValue {
  var table = ShownTable()
  table.elements = elements
  table.elementCount = count ?? elements.count
  table.fields = fields.map { .init(text($0.0), $0.1) }
  table.fieldCount = fields.count
  return .table(table)
}

private func lines(_ value: ShownValue, columns: Int = 60, depth: Int = 6) -> [String] {
  var layout = ValueText.Layout()
  (layout.columns, layout.depth) = (columns, depth)
  return ValueText(style: TextStyle(), layout: layout).lines(value)
}

@Test(
  arguments: [
    (.nil, "nil"), (.null, "null"), (.boolean(true), "true"), (.integer(1), "1"),
    (.float(1), "1.0"),
    (.float(1e100), "1e+100"), (.float(-.infinity), "-inf"), (.float(.nan), "nan"),
    (text("a\"b\n\u{1B}[31m\u{202E}"), #""a\"b\n\27[31m\u{202e}""#), (.cycle, "<cycle>"),
    (text("abc", length: 5000), "\"abc…\" (5000 bytes)"),
    (.other("function f.lua:1"), "<function f.lua:1>"),
    (table(), "{}"), (table([.integer(1), .null]), "{ 1, null }"),
    (
      table([], [("b", .integer(1)), ("id", .integer(2)), ("a b", .integer(3))]),
      "{ id = 2, b = 1, [\"a b\"] = 3 }"
    ),
  ] as [(ShownValue, String)])
func `a value in one line`(value: ShownValue, line: String) {
  #expect(lines(value) == [line])
}

@Test func `the result of a call shows how it went first`() {
  let value = table(
    [],
    [
      ("http_status", .integer(200)), ("data", table([], [("total", .integer(1))])),
      ("node_status", text("Success")),
    ])
  #expect(
    lines(value, columns: 100) == [
      "{ node_status = \"Success\", data = { total = 1 }, http_status = 200 }"
    ])
}

@Test func `tables are folded past a width, a depth and a count`() {
  let deep = table([], [("a", table([], [("b", table([], [("c", .integer(1))]))]))])
  #expect(lines(deep, depth: 2) == ["{ a = { b = {…1} } }"])
  #expect(lines(deep, columns: 20) == ["{", "  a = {", "    b = { c = 1 },", "  },", "}"])
  let many = table((1...20).map { .integer($0) }, count: 1_000_000)
  #expect(lines(many).last == "}")
  #expect(lines(many).dropLast().last == "  … 999980 more")
}

@Test func `records become a table that fits`() {
  let records = table(
    (1...3).map { index in
      table(
        [],
        [
          ("id", .integer(Int64(index))), ("note", text(String(repeating: "x", count: 50))),
          ("properties", table([], [("email", text("a\(index)@b.c"))])),
        ])
    })
  #expect(
    lines(records, columns: 50) == [
      "id  email", "1   a1@b.c", "2   a2@b.c", "3   a3@b.c", "(3 records; not shown: note)",
    ])
  #expect(
    lines(records, columns: 70)[1] == "1   a1@b.c  " + String(repeating: "x", count: 39) + "…")
}

@Test(arguments: [1, 10, 20, 33]) func `no line of a table is wider than the terminal`(columns: Int)
{
  let records = table(
    (1...5).map { index in
      table([], (1...8).map { ("field\($0)", text(String(repeating: "日", count: index * $0))) })
    })
  #expect(lines(records, columns: max(10, columns)).allSatisfy { $0.count <= max(10, columns) })
}
