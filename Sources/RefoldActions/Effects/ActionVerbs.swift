/// The verbs that tell what an action does, as they appear in action ids.
enum ActionVerbs {
  /// Verbs that read when they come first.
  static let reading: Set<String> = [
    "get", "list", "search", "find", "fetch", "read", "query", "count", "describe", "lookup",
    "retrieve", "check", "exists", "download", "export",
  ]

  /// Verbs that write wherever they stand: `find_one_and_update` changes a record.
  static let writing: Set<String> = [
    "activate", "add", "append", "approve", "archive", "assign", "associate", "attach",
    "cancel", "clear", "clone", "convert", "create", "deactivate", "delete", "destroy",
    "detach", "disable", "disassociate", "dissociate", "drop", "duplicate", "edit", "enable",
    "erase", "execute", "import", "insert", "merge", "modify", "overwrite", "patch", "post",
    "publish", "purge", "push", "put", "reject", "remove", "rename", "replace", "reset",
    "restore", "revoke", "save", "send", "set", "submit", "subscribe", "unarchive", "unassign",
    "undelete", "unlink", "unpublish", "unsubscribe", "update", "upload", "upsert", "void",
    "write",
  ]

  /// Verbs that are nouns as often (`get_refund`), so they write only after a conjunction.
  static let writingAfterConjunction: Set<String> = [
    "acknowledge", "block", "book", "call", "change", "charge", "close", "complete", "copy",
    "empty", "forward", "grant", "increment", "invite", "invoke", "issue", "link", "lock",
    "log", "make", "mark", "move", "open", "order", "pay", "process", "record", "refund",
    "register", "release", "reply", "report", "run", "schedule", "share", "start", "stop",
    "store", "sync", "tag", "transfer", "trigger", "unlock",
  ]

  static let conjunctions: Set<String> = ["and", "or", "then", "else"]
}
