local kinds = require("kinds")
local look_up = require("refold_look_up")
local reconcile = require("refold_reconcile")

--- A write that began some seconds from now, negative for before.
local function write(params, seconds, made)
  return {
    account = refold.account,
    params = params,
    began = os.time() + (seconds or 0),
    made = function()
      return made or {}
    end,
  }
end

--- Parameters that make a record of a kind.
local CREATED <const> = {
  ["hubspot.contact"] = { email = "zed@example.com", firstname = "Zed", additional_fields = { tier = "gold" } },
  ["hubspot.company"] = { name = "Zed", domain = "zed.example.com" },
  ["hubspot.deal"] = { dealname = "Zed", amount = 7 },
  ["salesforce.contact"] = { LastName = "Zed", Email = "zed@example.com" },
  ["salesforce.account"] = { Name = "Zed's" },
  ["salesforce.lead"] = { LastName = "Zed", Company = "Zed", Email = "zed@example.com" },
  ["salesforce.opportunity"] = { Name = "Zed", StageName = "New", CloseDate = "2026-12-01", Amount = 7 },
  ["netsuite.customer"] = { companyName = "Zed", email = "zed@example.com" },
  ["netsuite.invoice"] = { entity = "Zed", tranId = "Z-1", total = 7 },
}

local names = {}
for name in pairs(CREATED) do
  names[name] = { name }
end

test.each("what is adopted is what the action would have answered", names, function(t, case)
  local kind, params = kinds.get(case[1]), CREATED[case[1]]
  t.same(look_up.created(kind, write(params)).absent ~= nil, true)
  local made = refold.exec(kind.app, kind.create.action, nil, params).data
  t.same(look_up.created(kind, write(params)).found, made)
  local id = tostring(made[kind.create.record])
  local change = { [kind.update.id] = id }
  for name, value in pairs(params) do
    change[name] = name ~= "tranId" and type(value) ~= "table" and value or nil
  end
  local changed = refold.exec(kind.app, kind.update.action, nil, change).data
  local found = look_up.updated(kind, write(change)).found
  if found.links then
    found.links = nil
  end
  t.same(found, changed)
  local gone = { [kind.delete.id] = id }
  t.same(look_up.deleted(kind, write(gone)), { absent = "record " .. id .. " is still there" })
  local answer = refold.exec(kind.app, kind.delete.action, nil, gone).data
  t.same(look_up.deleted(kind, write(gone)), { found = answer, why = "record " .. id .. " is gone" })
end)

test("the apps' actions lead to their kinds", function(t)
  for _, name in ipairs(kinds.names()) do
    local kind = kinds.get(name)
    for _, operation in ipairs({ "create", "update", "delete" }) do
      local found, what = kinds.written_by(kind.app, kind[operation].action)
      t.equal(found.name .. " " .. what, name .. " " .. operation)
    end
  end
  t.equal(kinds.written_by("slack", "send_message"), nil)
  t.equal(look_up.known("slack", "send_message"), nil)
  t.equal(type(look_up.known("hubspot", "create_contact")), "function")
end)

-- Creation -----------------------------------------------------------------------------------------

local contact <const>, deal <const> = kinds.get("hubspot.contact"), kinds.get("hubspot.deal")

test("a record that was there before is not the one that was made", function(t)
  local made = refold.exec("hubspot", "create_deal", nil, { dealname = "Zed" }).data
  t.advance(10)
  t.same(look_up.created(deal, write({ dealname = "Zed" })), {
    unknown = ("record %s has dealname 'Zed', but was made at %s, before the write began; whether the write has made "
      .. "another one, or was to, nobody can tell"):format(made.id, made.createdAt),
  })
  local again = refold.exec("hubspot", "create_deal", nil, { dealname = "Zed" }).data
  t.same(look_up.created(deal, write({ dealname = "Zed" })), {
    found = again, why = ("record %s has dealname 'Zed'"):format(again.id),
  })
end)

test("two seconds are granted to clocks and to apps that leave fractions out", function(t)
  refold.exec("hubspot", "create_deal", nil, { dealname = "Zed" })
  t.equal(look_up.created(deal, write({ dealname = "Zed" }, 2)).found ~= nil, true)
  t.equal(look_up.created(deal, write({ dealname = "Zed" }, 3)).unknown ~= nil, true)
end)

test("several are told", function(t)
  local one = refold.exec("hubspot", "create_deal", nil, { dealname = "Zed" }).data.id
  local two = refold.exec("hubspot", "create_deal", nil, { dealname = "Zed" }).data.id
  t.same(look_up.created(deal, write({ dealname = "Zed" })), {
    unknown = ("2 records have dealname 'Zed': %s, %s"):format(one, two),
  })
end)

test("what another write of the run has made is not taken twice", function(t)
  local one = refold.exec("hubspot", "create_deal", nil, { dealname = "Zed" }).data
  t.same(look_up.created(deal, write({ dealname = "Zed" }, 0, { one })), { absent = "nothing has dealname 'Zed'" })
  local two = refold.exec("hubspot", "create_deal", nil, { dealname = "Zed" }).data
  t.same(look_up.created(deal, write({ dealname = "Zed" }, 0, { one, "odd", { id = refold.null } })).found, two)
end)

test("the key has to be sent, and may be among other fields", function(t)
  t.same(look_up.created(contact, write({ firstname = "Zed" })), {
    unknown = "it is found by its email, which was not sent",
  })
  t.same(look_up.created(contact, write({ email = "" })).unknown, "it is found by its email, which was not sent")
  local tier = kinds.with(contact, { key = "tier" })
  local function sent(more)
    return { email = "z@example.com", additional_fields = more }
  end
  local made = refold.exec("hubspot", "create_contact", nil, sent({ tier = 7 })).data
  t.same(look_up.created(tier, write(sent({ tier = 7 }))).found, made)
  t.same(look_up.created(tier, write(sent('{"tier":7}'))).found, made)
end)

test("where nothing tells when a record was made, all that was sent has to be there", function(t)
  local invoice = kinds.get("netsuite.invoice")
  local sent = { entity = "Zed", tranId = "Z-1", total = 7 }
  refold.exec("netsuite", "create_record_invoice", nil, sent)
  t.equal(look_up.created(invoice, write(sent)).found.tranId, "Z-1")
  local id = look_up.created(invoice, write(sent)).found.id
  local other = { entity = "Zed", tranId = "Z-1", total = 8, memo = "x" }
  t.same(look_up.created(invoice, write(other)), {
    unknown = ("record %s has tranId 'Z-1', but differs in memo, total from what was sent, and nothing tells when "
      .. "it was made"):format(id),
  })
  t.equal(look_up.created(invoice, write(other), true).found.id, id)
end)

test("a kind of one's own is answered with its record, and the id where the answer has it", function(t)
  local own = kinds.with(contact, {
    create = { action = "create_contact", record = "contact.ref" },
    find = function(keys)
      return { { id = 7, properties = { email = keys.email } } }
    end,
    created = "made",
  })
  t.same(look_up.created(own, write({ email = "z@example.com" })).found, {
    id = 7, properties = { email = "z@example.com" }, contact = { ref = "7" },
  })
end)

-- Updates and deletion -----------------------------------------------------------------------------

test("an update is found by its values, or certainly missing by the time of the last change", function(t)
  t.advance(30 * 86400)
  local sent = { contact_id = "101", phone = "+1", jobtitle = "" }
  t.same(look_up.updated(contact, write(sent)), {
    absent = "record 101 was last changed at 2026-01-20T10:00:00.000Z",
  })
  local changed = refold.exec("hubspot", "update_contact", nil, { contact_id = "101", phone = "+2" }).data.updatedAt
  local began = write(sent, -10).began
  t.same(look_up.updated(contact, write(sent, -10)), {
    unknown = ("record 101 differs in jobtitle, phone from what was sent, and was changed at %s, after the write began "
      .. "at %s"):format(changed, os.date("!%Y-%m-%dT%H:%M:%SZ", began)),
  })
  refold.exec("hubspot", "update_contact", nil, sent)
  t.equal(look_up.updated(contact, write(sent)).why, "record 101 has what was sent")
  t.same(look_up.updated(contact, write({ contact_id = "9", phone = "+1" })), { absent = "there is no record 9" })
  t.same(look_up.updated(contact, write({ phone = "+1" })).unknown, "it is found by its contact_id, which was not sent")
  t.same(look_up.updated(kinds.with(contact, { modified = "none" }), write({ contact_id = "101", phone = "+3" })), {
    unknown = "record 101 differs in phone from what was sent, and nothing tells when it was changed",
  })
end)

test("a time without a fraction may be the end of its second", function(t)
  local own = kinds.with("salesforce.contact", {
    get = function()
      return { Id = "7", Phone = "1", LastModifiedDate = "2026-01-20T10:00:05.000+0000" }
    end,
  })
  local function verdict(began)
    local sent = write({ contact_id = "7", Phone = "2" })
    sent.began = began
    return look_up.updated(own, sent)
  end
  local second = 1768903205
  t.equal(verdict(second + 0.9).unknown ~= nil, true)
  t.equal(verdict(second + 1.1).absent ~= nil, true)
end)

test("an id is needed to look for a deletion", function(t)
  t.same(look_up.deleted(contact, write({})), { unknown = "it is found by its contact_id, which was not sent" })
  t.same(look_up.deleted(contact, write({ contact_id = "104" })), { absent = "record 104 is still there" })
end)

-- The script's own way -----------------------------------------------------------------------------

local function by(find, made, params)
  return look_up.by_script(find, write(params or {}, 0, made))
end

local function returning(value)
  return function()
    return value
  end
end

test.each("what 'find' returns", {
  { nil, { absent = "'find' has found nothing" } },
  { refold.array({}), { absent = "'find' has found nothing" } },
  { { id = 7 }, { found = { id = 7 }, why = "'find' has found it" } },
  { { { id = 7 } }, { found = { id = 7 }, why = "'find' has found it" } },
  { refold.object({}), { found = {}, why = "'find' has found it" } },
  { { { id = 7 }, { id = 8 } }, { unknown = "'find' has found 2 records" } },
  { {}, {
    unknown = "'find' returned an empty table: return nil when it is certainly not there, and refold.object({}) for an "
      .. "answer without data",
  } },
  { false, {
    unknown = "'find' returned a boolean: return what the action would have answered as data, or nil when it is "
      .. "certainly not there",
  } },
  { refold.null, {
    unknown = "'find' returned null: return what the action would have answered as data, or nil when it is certainly "
      .. "not there",
  } },
}, function(t, case)
  t.same(by(returning(case[1])), case[2])
end)

test("'find' gets what was sent and when, and may read", function(t)
  local seen
  local verdict = look_up.by_script(function(params, since)
    seen = { params.email, since }
    return refold.exec("hubspot", "search_contacts", nil, {
      propertyName = "email", operator = "EQ", value = params.email,
    }, { lazy = true }).data.results
  end, { params = { email = "ada.lovelace@example.com" }, began = 7.5, made = returning({}) })
  t.same(seen, { "ada.lovelace@example.com", 5.5 })
  t.equal(verdict.found.id, "101")
end)

test("'find' does not take what another write has made, unless it was told to", function(t)
  t.same(by(returning({ { Id = "7" }, { Id = "8" } }), { { Id = "7" } }).found, { Id = "8" })
  t.same(by(returning({ { id = 7 } }), { { id = "7" } }), { absent = "'find' has found nothing" })
  t.same(by(returning({ id = 7 }), { { id = "7" } }).unknown,
    "'find' returned record 7, which another write of this run has made; return all that match")
  t.same(by(returning({ id = 7 }), { { id = "7" } }, { contact_id = "7" }).found, { id = 7 })
end)

test("an error of 'find' and a yield are told", function(t)
  t.raises(function()
    by(function()
      error("broken", 0)
    end)
  end, "broken")
  t.same(by(coroutine.yield), { unknown = "'find' yields, and has to return" })
end)

-- Deciding -----------------------------------------------------------------------------------------

local function decide(find, left, remaining)
  local start, told = os.time(), {}
  local results = table.pack(reconcile.decide(write({}), find, {
    left = function()
      return left - (os.time() - start)
    end,
    remaining = function()
      return (remaining or 600) - (os.time() - start)
    end,
    waits = function(why, seconds)
      told[#told + 1] = ("%s, %g"):format(why, seconds)
    end,
  }))
  return results, told
end

test("what is not there is looked for until that counts, with growing pauses", function(t)
  local looks, start = {}, t.time()
  local results, told = decide(function()
    looks[#looks + 1] = t.time() - start
  end, 40)
  t.same(results, { "absent", "'find' has found nothing", n = 2 })
  t.same(looks, { 0, 1, 3, 7, 15, 30, 40 })
  t.same(told, { "'find' has found nothing, 40" })
end)

test("what shows late is found, and nothing waits where nothing has to", function(t)
  local results = decide(function()
    return t.time() > 5 and { id = 7 } or nil
  end, 40)
  t.same(results, { "found", { id = 7 }, "'find' has found it", n = 3 })
  local start = t.time()
  local others, told = decide(returning(nil), 0)
  t.same({ others[1], t.time() - start, told }, { "absent", 0, {} })
end)

test("the time of the run bounds the waits", function(t)
  local start = t.time()
  t.same(decide(returning(nil), 40, 39), {
    "unknown", "'find' has found nothing, but the time of the run (--timeout) is up before that is certain", n = 2,
  })
  t.equal(t.time(), start)
end)

test("a look-up that fails decides nothing", function(t)
  t.same(decide(function()
    refold.exec("hubspot", "get_contact_by_id", nil, { contact_id = "9" })
  end, 0), { "unknown", "the look-up failed: 'hubspot' did not find it: Object not found. objectId: 9", n = 2 })
  t.same(decide(function()
    error("broken", 0)
  end, 0), { "unknown", "the look-up failed: broken", n = 2 })
end)

test("a write without anybody who knows is not looked up", function(t)
  t.equal(select("#", reconcile.decide({ app = "slack", action = "send_message" }, nil, {})), 2)
  t.equal((reconcile.decide({ app = "slack", action = "send_message" }, nil, {})), "unknown")
end)

test("a person's look-up waits for itself", function(t)
  local start = t.time()
  local asked = {
    app = "hubspot", action = "create_deal", account = refold.account, params = { dealname = "Zed" },
    began = os.time(), made = {}, left = 3, remaining = 60,
  }
  t.same(reconcile.judge(asked), { verdict = "absent", what = "nothing has dealname 'Zed'" })
  t.equal(t.time() - start, 3)
end)
