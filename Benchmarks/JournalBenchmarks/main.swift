// `make bench-journal`: runs of read → transform → conditional write on the sandbox, with their steps on the disk, and without.
// Exit code 1 when an answer is wrong.
import Glibc
import Measuring

do {
  let folder = try BenchmarkFolder()
  try JournalBenchmark.run(folder)
  try folder.remove()
} catch {
  print("benchmark failed: \(error)")
  exit(1)
}
