--- Salesforce's contacts, accounts, leads and opportunities in the shapes of its REST API.
local kit = ...
local soql = kit.part("soql")

local connector = {
  slug = "salesforce",
  name = "Salesforce",
  description = "Customer relationship management",
  app_id = "64f0a1b2c3d4e5f600000002",
  auth_type = "oauth2",
  tags = { "CRM" },
  connections = { ["demo-user-2"] = "none" },
  kinds = { "contacts", "accounts", "leads", "opportunities" },
  indexed = { contacts = { "Email" } },
}

local SYSTEM_FIELDS <const> = { "Id", "CreatedDate", "LastModifiedDate" }

local function object(name, prefix, ...)
  local fields = { ... }
  return {
    name = name,
    prefix = prefix,
    writable = fields,
    fields = table.move(SYSTEM_FIELDS, 1, #SYSTEM_FIELDS, #fields + 1, table.move(fields, 1, #fields, 1, {})),
  }
end

local OBJECTS <const> = {
  contacts = object("Contact", "003", "FirstName", "LastName", "Email", "Phone", "Title", "AccountId"),
  accounts = object("Account", "001", "Name", "Website", "Phone", "Industry"),
  leads = object("Lead", "00Q", "FirstName", "LastName", "Company", "Email", "Status"),
  opportunities = object("Opportunity", "006", "Name", "StageName", "CloseDate", "Amount", "AccountId"),
}

local BY_NAME <const> = {}
for kind, entry in pairs(OBJECTS) do
  entry.kind = kind
  BY_NAME[entry.name:lower()] = entry
end

function connector.field_of(record, field)
  return record[field]
end

local function attributes(kind, id)
  local name = OBJECTS[kind].name
  return { type = name, url = "/services/data/v60.0/sobjects/" .. name .. "/" .. id }
end

function connector.seed_record(kind, row)
  row.attributes = attributes(kind, row.Id)
  row.CreatedDate = row.CreatedDate or "2026-01-18T08:30:00.000+0000"
  row.LastModifiedDate = row.LastModifiedDate or row.CreatedDate
  row.id = row.Id
  return row
end

function connector.complete_row(kind, row, number)
  row.Id = row.Id or row.id or OBJECTS[kind].prefix .. ("Dn%010dIAB"):format(number())
end

function connector.row_of(record)
  record.id = nil
  return record
end

-- Native answers ---------------------------------------------------------------------------------

local function native(record)
  record.id = nil
  return record
end

local function refusal(status, code, message)
  return kit.failure(status, json.array({ { errorCode = code, message = message } }))
end

local function not_found(id)
  local message = "Provided external ID field does not exist or is not accessible: " .. tostring(id)
  return refusal(404, "NOT_FOUND", message)
end

--- Calls a function; what it raises as `{ code, message }` is the answer of the app.
local function answering(run)
  return function(params, records)
    local ok, answer = pcall(run, params, records)
    if ok then
      return answer
    elseif type(answer) == "table" and answer.code then
      return refusal(400, answer.code, answer.message)
    end
    error(answer, 0)
  end
end

local function page_of(found, offset, limit)
  local page, next_offset = kit.page(found, offset, limit)
  local answer = { totalSize = #found, done = next_offset == nil, records = page }
  if next_offset then
    answer.nextRecordsUrl = "/services/data/v60.0/query/01gSANDBOX-" .. next_offset
  end
  return answer
end

-- Operations -------------------------------------------------------------------------------------

local function list(kind)
  return answering(function(params, records)
    local target = OBJECTS[kind]
    local found = records.all(kind)
    if kit.given(params.where) then
      found = kit.filter(found, soql.condition(tostring(params.where), target.name, target.fields))
    end
    if kit.given(params.order_by) then
      soql.sort(found, soql.order(tostring(params.order_by), target.name, target.fields))
    end
    local answer = page_of(found, kit.whole(params.offset, 0), kit.whole(params.limit, 200, 2000))
    for _, record in ipairs(answer.records) do
      native(record)
    end
    return answer
  end)
end

local query = answering(function(params, records)
  local parsed = soql.parse(tostring(params.query), BY_NAME)
  local found = records.all(parsed.object.kind)
  if parsed.condition then
    found = kit.filter(found, parsed.condition)
  end
  if parsed.is_count then
    return { totalSize = #found, done = true, records = json.array() }
  end
  if parsed.order then
    soql.sort(found, parsed.order)
  end
  found = kit.page(found, parsed.offset, parsed.limit or #found)
  local answer = page_of(found, 0, kit.whole(params.batch_size, 2000, 2000))
  for index, record in ipairs(answer.records) do
    local selected = { attributes = record.attributes }
    for _, field in ipairs(parsed.fields) do
      selected[field] = record[field] == nil and json.null or record[field]
    end
    answer.records[index] = selected
  end
  return answer
end)

local function get(kind, id_name)
  return function(params, records)
    local record = records.get(kind, tostring(params[id_name]))
    return record and native(record) or not_found(params[id_name])
  end
end

local function create(kind)
  return function(params, records)
    local target = OBJECTS[kind]
    local id = target.prefix .. ("Dn%010dIAB"):format(records.next(kind))
    local record = kit.pick(params, target.writable)
    record.Id, record.id, record.attributes = id, id, attributes(kind, id)
    record.CreatedDate = records.now()
    record.LastModifiedDate = record.CreatedDate
    kit.store(connector, records, kind, record)
    return { id = id, success = true, errors = json.array() }
  end
end

local function update(kind, id_name)
  return function(params, records)
    local record = records.get(kind, tostring(params[id_name]))
    if not record then
      return not_found(params[id_name])
    end
    kit.change(record, params, OBJECTS[kind].writable)
    record.LastModifiedDate = records.now()
    kit.store(connector, records, kind, record)
    return { id = record.Id, success = true, errors = json.array() }
  end
end

local function delete(kind, id_name)
  return function(params, records)
    local id = tostring(params[id_name])
    if not records.delete(kind, id) then
      return not_found(id)
    end
    return { id = id, success = true, errors = json.array() }
  end
end

-- Actions ----------------------------------------------------------------------------------------

connector.actions = {
  kit.http_request(function(message)
    return json.array({ { errorCode = "NOT_IMPLEMENTED", message = message } })
  end),
  kit.action(
    "get_entity_with_soql", "Get Entity with SOQL", "Read records with a query such as SELECT Id FROM Contact",
    kit.params("query*", "batch_size"), query
  ),
}

--- Adds the five actions of one kind of object; `required` has a `*` behind the names that creation demands.
local function add(kind, singular, plural, ...)
  local title, titles = singular:gsub("^%l", string.upper), plural:gsub("^%l", string.upper)
  local id_name = singular .. "_id"
  local with_id = { id_name .. "*" }
  for _, name in ipairs({ ... }) do
    with_id[#with_id + 1] = name:gsub("%*", "")
  end
  local actions = {
    kit.action(
      "get_" .. plural, "Get " .. titles, "List " .. plural .. " page by page; where and order_by are SOQL",
      kit.params("where", "order_by", "limit", "offset"), list(kind)
    ),
    kit.action(
      "get_" .. singular .. "_by_id", "Get " .. title .. " by ID", "Read one " .. singular,
      kit.params(id_name .. "*"), get(kind, id_name)
    ),
    kit.action(
      "create_" .. singular, "Create " .. title, "Create a record of the kind " .. singular,
      kit.params(...), create(kind)
    ),
    kit.action(
      "update_" .. singular, "Update " .. title, "Change the given fields of one " .. singular,
      kit.params(table.unpack(with_id)), update(kind, id_name)
    ),
    kit.action(
      "delete_" .. singular, "Delete " .. title, "Delete one " .. singular,
      kit.params(id_name .. "*"), delete(kind, id_name)
    ),
  }
  table.move(actions, 1, #actions, #connector.actions + 1, connector.actions)
end

add("contacts", "contact", "contacts", "FirstName", "LastName*", "Email", "Phone", "Title", "AccountId")
add("accounts", "account", "accounts", "Name*", "Website", "Phone", "Industry")
add("leads", "lead", "leads", "FirstName", "LastName*", "Company*", "Email", "Status")
add("opportunities", "opportunity", "opportunities", "Name*", "StageName*", "CloseDate*", "Amount:number", "AccountId")

-- Seed rows --------------------------------------------------------------------------------------

local function contact(number, first, last, email, phone, title)
  return {
    Id = ("003Dn00000SEED%02dIAB"):format(number),
    FirstName = first,
    LastName = last,
    Email = email or json.null,
    Phone = phone or json.null,
    Title = title or json.null,
  }
end

connector.seed = {
  ["demo-user-1"] = {
    contacts = {
      contact(1, "Ada", "Lovelace", "Ada.Lovelace@example.com", "+44 20 7946 0101", "Chief Engineer"),
      contact(2, "Grace", "Hopper", "grace.hopper@example.com", "+1 202 555 0102", "Rear Admiral"),
      contact(3, "Katherine", "Johnson", "katherine.johnson@example.com", "+1 757 555 0103", "Mathematician"),
      contact(4, "Edsger", "Dijkstra", "edsger.dijkstra@example.com", "+31 20 555 0104", "Professor"),
      contact(5, "Barbara", "Liskov", "barbara.liskov@example.com", "+1 617 555 0105", "Institute Professor"),
      contact(6, "Alan", "Kay", "alan.kay@example.com", "+1 415 555 0106", "Fellow"),
      contact(7, "Radia", "Perlman", "radia.perlman@example.com", nil, "Network Engineer"),
      contact(8, " Donald ", "Knuth", "donald.knuth@example.com", "+1 650 555 0108", "Author"),
      contact(9, "Frances", "Allen", "frances.allen@example.com", "+1 914 555 0109"),
      contact(10, "Tony", "Hoare", "tony.hoare@example.com", nil, "Researcher"),
      contact(11, "Margaret", "Hamilton", "margaret.hamilton@example.com", "+1 617 555 0111", "Director"),
      contact(12, "Ken", "Thompson", nil, "+1 908 555 0112", "Engineer"),
    },
    accounts = {
      {
        Id = "001Dn00000SEED01IAB", Name = "Analytical Engines", Website = "engines.example.com",
        Industry = "Machinery",
      },
      { Id = "001Dn00000SEED02IAB", Name = "Harbour Lines", Website = "harbour.example.com", Industry = "Shipping" },
    },
    leads = {
      {
        Id = "00QDn00000SEED01IAB", FirstName = "Hedy", LastName = "Lamarr", Company = "Frequency Works",
        Email = "hedy.lamarr@example.com", Status = "Open - Not Contacted",
      },
    },
    opportunities = {
      {
        Id = "006Dn00000SEED01IAB", Name = "Engine maintenance", StageName = "Negotiation/Review",
        CloseDate = "2026-03-31", Amount = 18000, AccountId = "001Dn00000SEED01IAB",
      },
      {
        Id = "006Dn00000SEED02IAB", Name = "New cranes", StageName = "Prospecting", CloseDate = "2026-06-30",
        Amount = 250000, AccountId = "001Dn00000SEED02IAB",
      },
    },
  },
  acme = { contacts = { contact(21, "Bugs", "Rabbit", "bugs@acme.example.com") } },
}

return connector
