import Posix

/// How text is made to stand out on a terminal that can do it.
struct TextStyle {
  /// Whether escape sequences are written at all.
  var isOn = false

  /// Decides for one stream: `--color` first, then `NO_COLOR` and `TERM`, then whether it is a terminal.
  ///
  /// Follows no-color.org: any value of `NO_COLOR` but the empty one turns colour off.
  init(_ choice: String?, _ environment: [String: String], on descriptor: Descriptor) {
    switch choice {
    case "always": isOn = true
    case "never": isOn = false
    default:
      let isRefused = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
      isOn = !isRefused && descriptor.isTerminal
    }
  }

  /// No style.
  init() {}

  /// A select graphic rendition of ECMA-48.
  enum Rendition: String {
    case bold = "1"
    case failure = "1;31"
    case write = "33"
    case faint = "2"
    case string = "32"
    case number = "36"
    case boolean = "35"
    case null = "1;35"
    case key = "34"
    case remote = "1;33"
  }

  func callAsFunction(_ rendition: Rendition, _ text: String) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(rendition.rawValue)m\(text)\u{1B}[0m" : text
  }
}
