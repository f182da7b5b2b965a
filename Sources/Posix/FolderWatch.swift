import Glibc
import Synchronization

/// Tells when something in folders changes: what stands directly in them, not in folders below.
///
/// What is reported is a hint that something happened, so whoever hears it looks at the files. Follows inotify(7). One
/// thread at a time waits; any thread may wake it.
public final class FolderWatch: Sendable {
  /// Something that happened in a folder.
  public struct Event: Sendable, Equatable {
    /// What happened.
    public enum Kind: Sendable {
      /// Bytes of a file changed, and whoever changed them may not be done.
      case modified
      /// A file that was open for writing was closed.
      case written
      /// A file or folder came, went or got another name.
      case other
      /// More happened than the system could tell.
      case overflow
    }

    /// The path of what it happened to; empty when that is not known.
    public var path: String
    /// What happened.
    public var kind: Kind
  }

  private struct Watched {
    var paths: [Int32: String] = [:]
    var numbers: [String: Int32] = [:]
  }

  private let descriptor: Descriptor
  private let wakeup: Wakeup
  private let watched = Mutex(Watched())

  private static let mask = UInt32(
    IN_MODIFY | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO
      | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

  /// Makes a watch that watches nothing yet.
  ///
  /// - Throws: `PosixError` when the user has too many of them, or the system has none.
  public init() throws(PosixError) {
    let number = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    guard number >= 0 else { throw PosixError.last("watch folders") }
    descriptor = Descriptor(rawValue: number)
    do throws(PosixError) {
      wakeup = try Wakeup()
    } catch {
      descriptor.close()
      throw error
    }
  }

  deinit { descriptor.close() }

  /// Watches these folders and no others; those that are not there, or are no folders, are left out.
  ///
  /// A folder that took the place of another of its name is watched from now on, the other no longer.
  ///
  /// - Returns: Whether a folder was added, in which something may have happened before.
  /// - Throws: `PosixError` when the user watches too many folders.
  @discardableResult
  public func watch(_ folders: Set<String>) throws(PosixError) -> Bool {
    let result: Result<Bool, PosixError> = watched.withLock { watched in
      for (path, number) in watched.numbers where !folders.contains(path) {
        forget(number, in: &watched)
      }
      var isNew = false
      for folder in folders.sorted() {
        // The same folder has the same number; asking again costs 2 µs and finds one that took its place.
        let number = unsafe inotify_add_watch(descriptor.rawValue, folder, Self.mask)
        guard number >= 0 else {
          if errno == ENOSPC { return .failure(PosixError.last("watch", folder)) }
          if let old = watched.numbers[folder] { forget(old, in: &watched) }
          continue
        }
        if watched.numbers[folder] == number { continue }
        if let old = watched.numbers[folder] { forget(old, in: &watched) }
        isNew = true
        watched.numbers[folder] = number
        watched.paths[number] = folder
      }
      return .success(isNew)
    }
    return try result.get()
  }

  private func forget(_ number: Int32, in watched: inout Watched) {
    guard let path = watched.paths.removeValue(forKey: number) else { return }
    if watched.numbers[path] == number { watched.numbers[path] = nil }
    // A folder that is gone has taken its watch along, which is what was wanted.
    _ = inotify_rm_watch(descriptor.rawValue, number)
  }

  /// Ends the current wait, or else the next one.
  public func wake() { wakeup.wake() }

  /// Waits for the first event, and returns those that have come; empty when the time passed, or it was woken.
  public func events(within duration: Duration) -> [Event] {
    let (seconds, attoseconds) = max(duration, .zero).components
    let milliseconds = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    var requests = [
      pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wakeup.descriptor.rawValue, events: Int16(POLLIN), revents: 0),
    ]
    // SAFETY: two elements, as the count says, and they outlive the call.
    _ = unsafe poll(&requests, 2, Int32(clamping: milliseconds))
    if requests[1].revents != 0 { wakeup.wait(.zero) }
    var events: [Event] = []
    while let bytes = try? descriptor.readNow(upTo: 1 << 16), !bytes.isEmpty {
      events += parse(bytes)
    }
    return events
  }

  /// Reads the events of a buffer: number, mask, cookie and length, 4 bytes each, then the name with zeros behind it.
  private func parse(_ bytes: [UInt8]) -> [Event] {
    var events: [Event] = []
    var offset = 0
    func word(_ place: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[offset + place + $1]) << UInt32($1 * 8) }
    }
    while offset + 16 <= bytes.count {
      let number = Int32(truncatingIfNeeded: word(0))
      let (mask, length) = (word(4), Int(word(12)))
      let name = bytes[min(offset + 16, bytes.count)..<min(offset + 16 + length, bytes.count)]
      offset += 16 + length
      let folder = watched.withLock { watched in
        let folder = watched.paths[number]
        if mask & UInt32(IN_IGNORED | IN_MOVE_SELF) != 0 { forget(number, in: &watched) }
        return folder
      }
      // Of a folder that is no longer watched there is nothing to tell.
      if folder == nil, mask & UInt32(IN_Q_OVERFLOW) == 0 { continue }
      let text = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
      let path = folder.map { text.isEmpty ? $0 : $0 == "." ? text : "\($0)/\(text)" } ?? ""
      events.append(Event(path: path, kind: Self.kind(mask)))
    }
    return events
  }

  private static func kind(_ mask: UInt32) -> Event.Kind {
    if mask & UInt32(IN_Q_OVERFLOW) != 0 { return .overflow }
    if mask & UInt32(IN_CLOSE_WRITE) != 0 { return .written }
    return mask & UInt32(IN_MODIFY) != 0 ? .modified : .other
  }
}
