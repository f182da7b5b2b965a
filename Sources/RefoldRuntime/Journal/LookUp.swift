import RefoldActions

/// A write of an earlier attempt that may have been applied, while it is looked up.
///
/// Confined to the lane of the run.
final class LookUp {
  /// The call that the script makes again.
  let request: ExecRequest
  let style: RefoldLibrary.Style
  /// The step as the earlier attempt has left it.
  let found: StepRecord
  /// The step that the call becomes when it is sent again.
  let step: StepRecord
  /// When it counts as absent if it is not found, on the lane's clock.
  let due: Int64

  init(
    _ request: ExecRequest, _ style: RefoldLibrary.Style, found: StepRecord, step: StepRecord,
    due: Int64
  ) {
    self.request = request
    self.style = style
    self.found = found
    self.step = step
    self.due = due
  }

  /// The write for messages: `step 3, hubspot.create_deal`.
  var name: String { "step \(found.number), \(found.name)" }
}

extension Run {
  /// Refuses what changes something while a write is looked up.
  func refuseInLookUp(_ name: String) throws(ActionError) {
    if current?.lookUp != nil { throw .lookUpWrites(name) }
  }
}

extension ActionError {
  static func lookUpWrites(_ name: String) -> ActionError {
    ActionError(
      kind: .permission, code: "look_up_writes",
      message: "\(name) changes something, and 'find' only looks",
      hint: "make it where the script itself goes on")
  }
}
