import Glibc

extension Descriptor {
  /// How many characters fit a line of the terminal behind it; nil when there is none, or it does not say.
  public var terminalColumns: Int? {
    var size = winsize()
    // SAFETY: `size` outlives the call, and is what this request fills.
    guard unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// The lines of the terminal behind it; nil when there is none, or it does not say.
  public var terminalRows: Int? {
    var size = winsize()
    // SAFETY: `size` outlives the call, and is what this request fills.
    guard unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return nil }
    return Int(size.ws_row)
  }
}
