import Glibc
import Posix
import Synchronization

/// Signals a thread again and again until told that it has noticed.
final class Signaller: Sendable {
  private let isDone = Atomic(false)

  init(of thread: pthread_t) throws {
    try Threads.start { [self] in
      while !isDone.load(ordering: .acquiring) {
        pthread_kill(thread, SIGUSR1)
        sched_yield()
      }
    }
  }

  func stop() { isDone.store(true, ordering: .releasing) }
}

/// The number of this process's open descriptors.
func openDescriptors() -> Int {
  guard let folder = opendir("/proc/self/fd") else { return 0 }
  defer { closedir(folder) }
  var count = 0
  while readdir(folder) != nil { count += 1 }
  return count
}
