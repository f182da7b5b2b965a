import Glibc

/// How a terminal treats what is typed: line by line, or key by key.
public struct TerminalMode: Sendable {
  // Never written after it was read from the system; what it holds are plain numbers.
  private let settings: termios

  /// Reads the mode of the terminal behind a descriptor; nil when there is none.
  public init?(of descriptor: Descriptor) {
    var settings = termios()
    // SAFETY: `settings` outlives the call, which fills it.
    guard unsafe tcgetattr(descriptor.rawValue, &settings) == 0 else { return nil }
    self.settings = settings
  }

  private init(_ settings: termios) { self.settings = settings }

  /// The same, with keys handed over as they are pressed: nothing is echoed, and no key sends a signal.
  ///
  /// Output stays as it was: a line feed still begins a new line.
  public func keyByKey() -> TerminalMode {
    var raw = settings
    raw.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON)
    raw.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
    raw.c_cflag |= tcflag_t(CS8)
    return TerminalMode(raw)
  }

  /// The same, with nothing echoed and each key kept as it is pressed until it is read; Ctrl-C still sends its signal.
  public func unseen() -> TerminalMode {
    var quiet = settings
    quiet.c_lflag &= ~tcflag_t(ECHO | ICANON)
    return TerminalMode(quiet)
  }

  /// Forgets what was typed and not yet read.
  public static func discardInput(of descriptor: Descriptor) {
    _ = tcflush(descriptor.rawValue, TCIFLUSH)
  }

  /// Puts the mode into force; what was typed before stays to be read.
  public func apply(to descriptor: Descriptor) {
    var settings = settings
    // SAFETY: `settings` outlives the call, which only reads it. A terminal that is gone cannot be mended.
    while unsafe tcsetattr(descriptor.rawValue, TCSADRAIN, &settings) != 0, errno == EINTR {}
  }
}

extension Signals {
  /// Lets a change of the terminal's size end waits in system calls early, as any signal with a handler does.
  public static func noticeResizes() {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in }
    // SAFETY: `action` outlives the call, which copies it. The handler does nothing.
    _ = unsafe sigaction(SIGWINCH, &action, nil)
  }
}

extension ThisProcess {
  /// Sends the process the signal of Ctrl-C.
  public static func interrupt() { _ = raise(SIGINT) }

  /// Stops the process as Ctrl-Z does, and returns when it is continued.
  public static func suspend() { _ = raise(SIGTSTP) }
}
