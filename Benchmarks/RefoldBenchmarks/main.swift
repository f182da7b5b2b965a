// `make bench`: each figure beside a floor or a peer, after its answer was checked. Exit code 1 when one is wrong.
import Glibc
import Measuring
import Posix

do {
  try LuaBenchmarks.run()
  try LibraryBenchmarks.run()
  let peers = try Folders.resolve("Benchmarks/Peers")
  let folder = try BenchmarkFolder()
  try StartBenchmarks.run(folder)
  try ReplBenchmarks.run(folder)
  try ExecBenchmarks.run(folder)
  try MappingBenchmarks.run(folder, peers: peers)
  try folder.remove()
} catch {
  print("benchmark failed: \(error)")
  exit(1)
}
