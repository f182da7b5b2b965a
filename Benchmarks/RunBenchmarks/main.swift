// `make bench-runs`: many runs at once, beside a floor and peers. Exit code 1 when an answer is wrong.
import Glibc
import Measuring
import Posix

do {
  let peers = try Folders.resolve("Benchmarks/Peers")
  let folder = try BenchmarkFolder()
  let nginx = try Nginx(folder)
  defer { nginx.stop() }
  try CallBenchmarks.run(folder, nginx, peers: peers)
  try FairnessBenchmarks.run(nginx)
  try WaitBenchmarks.run(folder, peers: peers)
  try folder.remove()
} catch {
  print("benchmark failed: \(error)")
  exit(1)
}
