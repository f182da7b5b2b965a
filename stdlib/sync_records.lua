--- Brings one pair of records together. For `sync`.
local kit = require("refold_kit")
local merging = require("sync_merge")
local records = require("ensure_records")
local states = require("sync_state")

local M = {}

local OTHER <const> = { source = "target", target = "source" }

--- How often the same may be written to a record that never keeps it.
local MOST_REPEATS <const> = 3

local function raise(code, message, hint, more)
  local failure = { code = code, message = message, hint = hint }
  for name, value in pairs(more or {}) do
    failure[name] = value
  end
  error(kit.failure(failure), 0)
end

local function note(job, entry)
  if job.opts.each then
    job.opts.each(entry)
  end
end

local function names_of(patch)
  local names = refold.array({})
  for name in pairs(patch) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- Finding the other one --------------------------------------------------------------------------

--- Returns the fields of a record as the other side calls them.
local function mapped(job, side, fields)
  return side == "source" and job.mapping.forward(fields) or job.mapping.backward(fields)
end

--- Refuses a record whose counterpart belongs to another one already.
local function refuse_taken(job, side, id, other_id)
  local taken = job.state.pair(OTHER[side], other_id)
  if taken and taken[side] ~= id and records.get(job[side], taken[side], job.opts.account) then
    raise("duplicate_key", ("%s %s and %s both belong to %s %s"):format(
      job[side].name, taken[side], id, job[OTHER[side]].name, other_id),
      "merge them, or give them different keys", { ids = { taken[side], id } })
  end
end

--- Returns the one record of the other side with these keys, nil for none.
local function counterpart(job, side, id, keys)
  local kind = job[OTHER[side]]
  local found = records.find(kind, keys, job.opts.account)
  if #found > 1 then
    raise("several_matches", ("%d records of %s have the key '%s'"):format(
      #found, kind.name, records.key_text(kind, keys)), "merge them in the app, or choose a key that is unique")
  elseif found[1] then
    refuse_taken(job, side, id, records.id_of(kind, found[1]))
  end
  return found[1]
end

-- Writing ----------------------------------------------------------------------------------------

local function is_creating(job, side)
  local creates = job.opts.creates
  return creates == "both" or creates == side
end

--- Keeps how two records were left.
local function save(job, source_id, target_id, source_fields, target_fields, modified, before)
  local pair = {
    source = source_id,
    target = target_id,
    source_hashes = states.hashes(job.fields, "source", source_fields),
    target_hashes = states.hashes(job.fields, "target", target_fields),
    source_modified = modified.source,
    target_modified = modified.target,
    written = before and before.written,
    repeats = before and before.repeats,
  }
  job.state.save(pair, not before)
  job.done[source_id] = true
end

local function create(job, side, id, record)
  local fields, modified = records.fields_of(job[side], record), { [side] = records.modified_of(job[side], record) }
  local other = OTHER[side]
  if not is_creating(job, other) then
    job.counts.skipped = job.counts.skipped + 1
    return
  end
  local created = mapped(job, side, fields)
  local sent = {}
  for name, value in pairs(created) do
    sent[name] = value ~= refold.null and value or nil
  end
  local new_id = records.create(job[other], sent, job.opts.account)
  job.counts.created = job.counts.created + 1
  job.writes[other] = job.writes[other] + 1
  if side == "source" then
    save(job, id, new_id, fields, created, modified)
  else
    save(job, new_id, id, created, fields, modified)
  end
  note(job, { action = "created", side = other, id = new_id, from = id, changed = names_of(created) })
end

--- Refuses to write the same again and again to a record that does not keep it.
local function refuse_repeats(pair, kind, id, patch)
  if not pair then
    return nil, 0
  end
  local written = states.hash_of(patch)
  local repeats = pair.written == written and (pair.repeats or 0) + 1 or 0
  if repeats >= MOST_REPEATS then
    local names = "'" .. table.concat(names_of(patch), "', '") .. "'"
    raise("stalled", ("%s %s: %s was written %d times, and is not kept"):format(kind.name, id, names, repeats),
      "the app writes the value in another way: convert it in the mapping as the app does, "
        .. "or compare it less strictly: compare = { FIELD = 'digits' }")
  end
  return written, repeats
end

local function write(job, side, id, patch, pair)
  if next(patch) == nil then
    return
  end
  local written, repeats = refuse_repeats(pair, job[side], id, patch)
  records.update(job[side], id, patch, job.opts.account)
  job.writes[side] = job.writes[side] + 1
  if pair then
    pair.written, pair.repeats = written, repeats
  end
  note(job, { action = "updated", side = side, id = id, changed = names_of(patch) })
end

-- Merging ----------------------------------------------------------------------------------------

local function merge_of(job, source, target, pair)
  local source_fields, target_fields = records.fields_of(job.source, source), records.fields_of(job.target, target)
  local back
  return {
    fields = job.fields,
    source = source_fields,
    target = target_fields,
    forward = job.mapping.forward(source_fields),
    backward = function()
      back = back or job.mapping.backward(target_fields)
      return back
    end,
    source_hashes = states.hashes(job.fields, "source", source_fields),
    target_hashes = states.hashes(job.fields, "target", target_fields),
    source_modified = records.modified_of(job.source, source),
    target_modified = records.modified_of(job.target, target),
    source_modes = job.source.compare,
    target_modes = job.target.compare,
    pair = pair,
    owner = job.opts.owner or {},
    conflicts = job.opts.conflicts or "error",
    is_two_way = job.is_two_way,
  }
end

--- Reads a listed record again before it is written: it may have changed since its page came.
local function is_stale(job, side, id, record)
  local modified = records.modified_of(job[side], record)
  if not job[side].get or not modified then
    return false
  end
  local fresh = records.get(job[side], id, job.opts.account)
  if not fresh or records.modified_of(job[side], fresh) ~= modified then
    return true, fresh
  end
  return false
end

local function refuse_conflict(job, merge, source_id, target_id)
  if #merge.conflict_fields == 0 then
    return
  end
  job.counts.conflicts = job.counts.conflicts + 1
  if merge.is_unresolved then
    local names = "'" .. table.concat(merge.conflict_fields, "', '") .. "'"
    raise("conflict", ("%s %s and %s %s: both sides changed %s"):format(
      job.source.name, source_id, job.target.name, target_id, names),
      "settle it in one of the apps, name an owner of the field, or pass conflicts = 'newest', 'source' or 'target'",
      { fields = merge.conflict_fields, ids = { source_id, target_id } })
  end
end

local bring_together

--- Merges two records and writes what differs. `listed` is the side whose record came from a page.
function bring_together(job, source, target, pair, listed, is_again)
  local ids = { source = records.id_of(job.source, source), target = records.id_of(job.target, target) }
  local merge = merge_of(job, source, target, pair)
  local patches = {}
  patches.source, patches.target = merging.patches(merge)
  if next(patches[listed]) and not is_again then
    local stale, fresh = is_stale(job, listed, ids[listed], listed == "source" and source or target)
    if stale and fresh then
      return bring_together(job, listed == "source" and fresh or source, listed == "target" and fresh or target,
        pair, listed, true)
    elseif stale then
      job.counts.skipped = job.counts.skipped + 1
      return
    end
  end
  refuse_conflict(job, merge, ids.source, ids.target)
  write(job, "target", ids.target, patches.target, pair)
  write(job, "source", ids.source, patches.source, pair)
  local has_written = next(patches.target) ~= nil or next(patches.source) ~= nil
  if not has_written and pair then
    pair.written, pair.repeats = nil, nil
  end
  local action = has_written and "updated" or "unchanged"
  job.counts[action] = job.counts[action] + 1
  save(job, ids.source, ids.target, merging.patched(merge.source, patches.source),
    merging.patched(merge.target, patches.target),
    { source = merge.source_modified, target = merge.target_modified }, pair)
end

--- Whether there is nothing to do for a record: it is as it was left, or it is older than what is known.
local function is_settled(job, side, record, pair)
  local modified, known = records.modified_of(job[side], record), pair[side .. "_modified"]
  if job.opts.full and not job.done[pair.source] then
    return false
  elseif modified and known and type(modified) == "string" and modified < known and #modified == #known then
    return true
  end
  return states.is_same(states.hashes(job.fields, side, records.fields_of(job[side], record)), pair[side .. "_hashes"])
end

local function pair_up(job, side, id, record, pair)
  local other = OTHER[side]
  local partner = records.get(job[other], pair[other], job.opts.account)
  if not partner then
    -- It is gone: the delete policy decides once everything was read, or leaves this one alone.
    job.counts.skipped = job.counts.skipped + 1
    note(job, { action = "skipped", side = side, id = id, reason = "its counterpart was deleted" })
  elseif side == "source" then
    bring_together(job, record, partner, pair, side)
  else
    bring_together(job, partner, record, pair, side)
  end
end

--- Finds the counterpart of a record without one by its natural key, or creates it.
local function meet(job, side, id, record, keys)
  local partner = counterpart(job, side, id, keys)
  if not partner then
    create(job, side, id, record)
  elseif side == "source" then
    bring_together(job, record, partner, nil, side)
  else
    bring_together(job, partner, record, nil, side)
  end
end

--- Marks a key as worked on; returns the id of the record that did so before, if any.
---
--- Another record may interrupt this one anywhere but within a C function, so taking the lock is one.
local function claim(job, key, id)
  while not table.remove(job.lock) do
    refold.sleep(0)
  end
  local before = job.busy[key]
  job.busy[key] = before or id
  job.lock[1] = true
  return before
end

--- Keeps two records of one page with the same key from being created twice.
local function meet_alone(job, side, id, record)
  local kind = job[OTHER[side]]
  local keys, empty = records.keys_of(kind, mapped(job, side, records.fields_of(job[side], record)))
  if not keys then
    job.counts.skipped = job.counts.skipped + 1
    note(job, { action = "skipped", side = side, id = id, reason = "'" .. empty .. "' is empty" })
    return
  end
  local key = records.key_text(kind, keys)
  local before = claim(job, key, id)
  if before then
    raise("duplicate_key", ("%s %s and %s have the same key '%s'"):format(job[side].name, before, id, key),
      "merge them, or give them different keys", { ids = { before, id } })
  end
  local ok, err = pcall(meet, job, side, id, record, keys)
  job.busy[key] = nil
  if not ok then
    error(err, 0)
  end
end

--- Does what a record that was read asks for.
---
---@param job table
---@param side "source"|"target"
---@param record table
function M.handle(job, side, record)
  local id = records.id_of(job[side], record)
  if job.seen then
    job.seen[side][id] = true
  end
  local pair = job.state.pair(side, id)
  if pair and is_settled(job, side, record, pair) then
    if not job.done[pair.source] then
      job.counts.read, job.counts.unchanged = job.counts.read + 1, job.counts.unchanged + 1
      job.done[pair.source] = true
    end
    return
  end
  job.counts.read = job.counts.read + 1
  if pair then
    pair_up(job, side, id, record, pair)
  else
    meet_alone(job, side, id, record)
  end
end

return M
