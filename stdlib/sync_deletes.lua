--- Carries deletions over to the other side, as the policy says. For `sync`.
local kit = require("refold_kit")
local records = require("ensure_records")
local states = require("sync_state")

local M = {}

local OTHER <const> = { source = "target", target = "source" }

--- Whether a record of a pair is gone: no page held it, and asking for it finds nothing.
local function is_gone(job, side, id)
  return not job.seen[side][id] and records.get(job[side], id, job.opts.account) == nil
end

--- Returns the pairs of which one record is gone, with the side that lacks it.
local function losses(job)
  local list = {}
  for _, pair in ipairs(job.state.pairs()) do
    local source_gone = is_gone(job, "source", pair.source)
    local target_gone = job.is_two_way and is_gone(job, "target", pair.target)
    if source_gone and target_gone then
      job.state.forget(pair)
    elseif source_gone or target_gone then
      list[#list + 1] = { pair = pair, gone = source_gone and "source" or "target" }
    end
  end
  return list
end

local function refuse_many(job, count)
  local most = job.opts.max_deletes or 20
  if count > most then
    error(kit.failure({
      code = "too_many_deletes",
      message = ("%s: %d records are gone, more than %d"):format(job.name, count, most),
      hint = ("see that nothing was lost by mistake; then pass max_deletes = %d"):format(count),
      count = count,
    }), 0)
  end
end

--- Returns what shall become of the record that is left: `delete`, `archive` or `keep`.
local function verdict(job, loss, record)
  local side = OTHER[loss.gone]
  local hashes = states.hashes(job.fields, side, records.fields_of(job[side], record))
  if not job.is_two_way or states.is_same(hashes, loss.pair[side .. "_hashes"]) or job.opts.conflicts == loss.gone then
    return job.opts.deletes
  end
  job.counts.conflicts = job.counts.conflicts + 1
  if job.opts.conflicts == side then
    return "keep"
  end
  error(kit.failure({
    code = "conflict",
    message = ("%s %s was deleted, but %s %s was changed"):format(
      job[loss.gone].name, loss.pair[loss.gone], job[side].name, loss.pair[side]),
    hint = "delete it in both apps, or pass conflicts = '" .. loss.gone .. "' or '" .. side .. "'",
    ids = { loss.pair.source, loss.pair.target },
  }), 0)
end

local function carry_over(job, loss)
  local side = OTHER[loss.gone]
  local id = loss.pair[side]
  local record = records.get(job[side], id, job.opts.account)
  local what = record and verdict(job, loss, record)
  if what == "delete" then
    records.delete(job[side], id, job.opts.account)
  elseif what == "archive" then
    records.update(job[side], id, job.opts.archive, job.opts.account)
  end
  job.state.forget(loss.pair)
  if what == "delete" or what == "archive" then
    job.counts.deleted = job.counts.deleted + 1
    job.writes[side] = job.writes[side] + 1
    if job.opts.each then
      job.opts.each({ action = what == "delete" and "deleted" or "archived", side = side, id = id })
    end
  end
end

--- Carries all deletions over. Both sides have to be read to the end before.
---
---@param job table
---@param attempt fun(side: string, id: string, fn: function, ...) Calls a function with the job, and notes its error.
function M.run(job, attempt)
  local list = losses(job)
  refuse_many(job, #list)
  for _, loss in ipairs(list) do
    attempt(loss.gone, loss.pair[loss.gone], carry_over, loss)
  end
end

return M
