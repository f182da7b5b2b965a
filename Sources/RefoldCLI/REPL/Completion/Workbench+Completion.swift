import LineEditing

extension Workbench {
  func completion(of text: String) -> Completion { Completion() }
  var isLookingUp: Bool { false }
  func pollLookUps() {}
}
