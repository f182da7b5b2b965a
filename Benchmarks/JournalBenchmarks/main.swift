// `make bench-journal`: runs of read → transform → conditional write on the sandbox, with their steps on the disk, without, and
// on dbos, when a word is a Python that has it. Numbers choose how many runs are under way at once: 1, 8 and 64 unless there are
// some. Exit code 1 when an answer is wrong.
import Glibc
import Measuring
import Posix

do {
  let words = CommandLine.arguments.dropFirst()
  let counts = words.compactMap { Int($0) }
  let python = words.first { Int($0) == nil }
  let program = try Folders.resolve("Benchmarks/Peers") + "/dbos-runs.py"
  let folder = try BenchmarkFolder()
  let peer = python.map {
    DBOSPeer(python: $0, program: program, environment: folder.environment)
  }
  if peer == nil { print("without dbos: it is not installed") }
  try JournalBenchmark.run(folder, atOnce: counts.isEmpty ? [1, 8, 64] : counts, peer: peer)
  try folder.remove()
} catch {
  print("benchmark failed: \(error)")
  exit(1)
}
