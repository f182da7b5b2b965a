import Posix
import RefoldActions
import Synchronization

extension ScriptStore {
  /// Looks at the files of all live generations, and builds those anew that changed.
  ///
  /// All that is new goes live at once. A version that does not compile, or whose data is wrong, never does. Costs one look at
  /// each file, about 2 µs, and the building of what changed.
  ///
  /// - Returns: What became of the scripts that changed.
  @discardableResult
  public func refresh() -> [GenerationNotice] {
    refresh { _, _ in true }
  }

  /// As ``refresh()``.
  ///
  /// - Parameter isWhole: Asked after a file was read; false when somebody was writing it, and it has to be read again.
  func refresh(
    isWhole: @escaping (_ path: String, _ isEmpty: Bool) -> Bool
  ) -> [GenerationNotice] {
    cache.withLock { cache in
      let reader = SourceReader(cache, isWhole: isWhole)
      var round = Round(store: self, reader: reader)
      for (key, entry) in live.withLock({ $0.entries }) { round.look(key, entry) }
      cache = reader.cache
      let updates = round.updates
      let used = live.withLock { live in
        if updates.isEmpty { return nil as Set<String>? }
        for (key, entry) in updates { live.entries[key] = entry }
        live.revision += 1
        return live.paths
      }
      if let used { cache.keep(used) }
      return round.notices.values.sorted { ($0.script, $0.text) < ($1.script, $1.text) }
    }
  }

  /// What one look at all files finds.
  private struct Round {
    let store: ScriptStore
    let reader: SourceReader
    var updates: [Key: Live] = [:]
    var notices: [String: GenerationNotice] = [:]
    private var stamps: [String: FileStamp] = [:]

    init(store: ScriptStore, reader: SourceReader) {
      self.store = store
      self.reader = reader
    }

    /// The stamp of a file, looked at once for all scripts.
    private mutating func stamp(of path: String) -> FileStamp {
      if let known = stamps[path] { return known }
      let stamp = FileStamp(of: path)
      stamps[path] = stamp
      return stamp
    }

    mutating func look(_ key: Key, _ entry: Live) {
      var entry = entry
      let computed = entry.computedModules.union(entry.generation.computedModules)
      // Modules that runs found by themselves are watched from the next look on.
      let isNews = computed != entry.computedModules
      let suspects = entry.seen.filter { $0.value.differs(from: stamp(of: $0.key)) }.map(\.key)
      guard isNews || !suspects.isEmpty else { return }
      let before = entry.seen
      let (contents, wasRefused) = (entry.generation.contents, entry.refused != nil)
      entry.computedModules = computed
      reader.beginBuild()
      var builder = GenerationBuilder(store.project, account: key.account, reader)
      builder.computedModules = computed
      builder.previous = entry.generation
      let outcome: GenerationNotice.Outcome?
      do throws(RunFailure) {
        outcome = judge(try builder.build(key.reference), &entry)
        entry.seen = reader.seen
      } catch {
        outcome = refuse(error, named: error.message, &entry)
        // The build did not come to all files; those that it would have come to are looked at again.
        entry.seen = before.reduce(into: reader.seen) { seen, file in
          if seen[file.key] == nil { seen[file.key] = SeenFile(stamp: stamp(of: file.key)) }
        }
      }
      updates[key] = entry
      guard let outcome else { return }
      let (old, new) = (contents, entry.generation.contents)
      var changed = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
      if case .kept = outcome { changed = Set(suspects) }
      // A module that became known is no news when its file is as it was.
      if changed.isEmpty, !wasRefused { return }
      note(outcome, key, changed: changed.sorted())
    }

    private func judge(
      _ generation: Generation, _ entry: inout Live
    ) -> GenerationNotice.Outcome? {
      if generation.hash == entry.generation.hash {
        let wasRefused = entry.refused != nil
        entry.refused = nil
        return wasRefused ? .live(hash: generation.hash) : nil
      }
      if let problem = generation.problems.first, entry.generation.problems.isEmpty {
        return refuse(problem, named: generation.hash, &entry)
      }
      entry.generation = generation
      entry.refused = nil
      return generation.problems.first.map { .kept($0) } ?? .live(hash: generation.hash)
    }

    private func refuse(
      _ failure: RunFailure, named name: String, _ entry: inout Live
    ) -> GenerationNotice.Outcome? {
      if entry.refused == name { return nil }
      entry.refused = name
      return .kept(failure)
    }

    private mutating func note(
      _ outcome: GenerationNotice.Outcome, _ key: Key, changed: [String]
    ) {
      var notice = GenerationNotice(
        script: key.reference, accounts: [], outcome: outcome, changed: changed)
      let name = key.reference + "\n" + notice.text
      notice.accounts = ((notices[name]?.accounts ?? []) + [key.account]).sorted()
      notices[name] = notice
    }
  }
}
