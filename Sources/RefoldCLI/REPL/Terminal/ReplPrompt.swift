import LineEditing
import RefoldActions
import RefoldRuntime

/// What stands before the line: whose records these are, and whether they can be changed.
struct ReplPrompt {
  let account: String
  let backend: String
  let areWritesOn: Bool
  let isRemote: Bool
  let style: TextStyle

  init(
    account: String, backend: String, areWritesOn: Bool, isRemote: Bool, style: TextStyle
  ) {
    self.account = PlainText.oneLine(account)
    self.backend = backend
    self.areWritesOn = areWritesOn
    self.isRemote = isRemote
    self.style = style
  }

  init(_ workbench: Workbench) {
    self.init(
      account: workbench.session.account, backend: workbench.backend.name,
      areWritesOn: workbench.areWritesOn, isRemote: workbench.isRemote,
      style: workbench.console.style)
  }

  /// The prompt without colour.
  var plain: String { text(account) }

  private func text(_ account: String) -> String {
    "\(account)@\(backend)\(areWritesOn ? "" : " read-only")> "
  }

  /// The prompt, shortened where it would leave no room to type.
  func prompt(columns: Int) -> Prompt {
    let room = max(2, columns / 2)
    var shown = plain
    if TextWidth.of(shown) > room, columns < 60 || TextWidth.of(shown) > columns - 20 {
      let taken = TextWidth.of(text("")) + 1
      let start = TextWidth.prefix(of: account, columns: max(0, room - taken))
      shown = text(start + "…")
      if TextWidth.of(shown) > room { shown = areWritesOn ? "> " : "read-only> " }
      if TextWidth.of(shown) > columns - 5 { shown = "> " }
    }
    // Yellow: a customer's records. Red: they can be changed.
    let rendition: TextStyle.Rendition? =
      isRemote ? (areWritesOn ? .failure : .remote) : .bold
    let colored = rendition.map { style($0, shown) } ?? shown
    return Prompt(colored, plain: shown)
  }
}
