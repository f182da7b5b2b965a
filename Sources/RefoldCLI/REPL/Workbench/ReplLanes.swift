import RefoldActions
import RefoldRuntime

/// What the lanes of a prompt have in common: that of the session, and those that plan or record.
struct ReplLanes {
  let context: CommandContext
  let choice: BackendChoice
  let configuration: Lane.Configuration
}
