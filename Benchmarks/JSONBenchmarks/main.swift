// `make bench-json`: the JSON bridge beside lua-cjson and beside the floor, in one run. Exit code 1 when an answer is wrong.
import Glibc
import Lua
import Measuring

/// What is asked of one document, as factors.
struct Targets {
  var floor: Double?
  var decode: Double
  var encode: Double
  var lazy: Double?
}

do {
  print(
    "JSON, fastest of interleaved rounds in one process; each answer is compared with cjson's before it is timed"
  )
  let documents: [(name: String, text: String, count: Int, targets: Targets)] = [
    ("page", Documents.page(), 200, Targets(floor: 1.15, decode: 2.4, encode: 1.9, lazy: 3)),
    ("5 MB", Documents.large(), 1, Targets(floor: 1.2, decode: 2, encode: 2.4)),
    ("small", Documents.small(), 20_000, Targets(floor: nil, decode: 2, encode: 1.7)),
  ]
  for document in documents {
    let benchmark = try JSONBenchmark(document.name, document.text, count: document.count)
    try benchmark.run(document.targets)
    if let lazy = document.targets.lazy { try benchmark.runLazy(lazy) }
  }
} catch {
  print("benchmark failed: \(error)")
  exit(1)
}
