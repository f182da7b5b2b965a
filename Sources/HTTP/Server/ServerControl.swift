import CMicrohttpd
import Glibc
import Synchronization

/// The handle on a server's thread for everyone else: starts it, wakes it, and waits for its end.
///
/// The thread holds the loop; the loop holds this. The server itself is held by neither, so dropping
/// the last reference to it ends the thread.
final class ServerControl: Sendable {
  /// An eventfd, readable when the thread should look at `isStopping`.
  let wakeDescriptor: CInt
  private let stopping = Atomic<Bool>(false)
  private let thread = Mutex<pthread_t?>(nil)

  init() throws(HTTPError) {
    wakeDescriptor = cmhd_event_open()
    guard wakeDescriptor >= 0 else {
      throw HTTPError(.other, "too many open files to start a server")
    }
  }

  deinit { close(wakeDescriptor) }

  var isStopping: Bool { stopping.load(ordering: .acquiring) }

  /// Starts the thread with every signal blocked: signals belong to the program's own threads.
  func start(_ loop: ServerLoop) throws(HTTPError) {
    // SAFETY: the thread takes over the retained loop; when it does not start, the loop is released.
    let argument = unsafe Unmanaged.passRetained(loop)
    var everything = sigset_t()
    var before = sigset_t()
    unsafe sigfillset(&everything)
    unsafe pthread_sigmask(SIG_SETMASK, &everything, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    var identifier = pthread_t()
    let status = unsafe pthread_create(
      &identifier, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<ServerLoop>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, argument.toOpaque())
    guard status == 0 else {
      unsafe argument.release()
      throw HTTPError(.other, "can't start a thread for the server")
    }
    thread.withLock { $0 = identifier }
  }

  /// Asks the thread to end and waits for it, unless called on that thread.
  func stop() {
    stopping.store(true, ordering: .releasing)
    cmhd_event_set(wakeDescriptor)
    let taken = thread.withLock { identifier in
      defer { identifier = nil }
      return identifier
    }
    guard let running = taken else { return }
    if pthread_equal(running, pthread_self()) != 0 {
      pthread_detach(running)
    } else {
      pthread_join(running, nil)
    }
  }
}
