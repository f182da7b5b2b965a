// `make bench-runs`: many runs at once, beside a floor and peers. Exit code 1 when an answer is wrong. Words choose parts:
// calls, fairness, waits.
import Glibc
import Measuring
import Posix

do {
  let peers = try Folders.resolve("Benchmarks/Peers")
  let folder = try BenchmarkFolder()
  let nginx = try Nginx(folder)
  defer { nginx.stop() }
  let words = CommandLine.arguments.dropFirst()
  func isWanted(_ part: String) -> Bool { words.isEmpty || words.contains(part) }
  if isWanted("calls") { try CallBenchmarks.run(folder, nginx, peers: peers) }
  if isWanted("fairness") { try FairnessBenchmarks.run(nginx) }
  if isWanted("waits") { try WaitBenchmarks.run(folder, peers: peers) }
  try folder.remove()
} catch {
  print("benchmark failed: \(error)")
  exit(1)
}
