--- Salesforce's contacts, accounts, leads and opportunities in the shapes of its REST API.
local kit = ...

local connector = {
  slug = "salesforce",
  name = "Salesforce",
  description = "Customer relationship management",
  app_id = "64f0a1b2c3d4e5f600000002",
  auth_type = "oauth2",
  tags = { "CRM" },
  connections = { ["demo-user-2"] = "none" },
  indexed = { contacts = { "Email" } },
}

local OBJECTS <const> = {
  contacts = { type = "Contact", prefix = "003" },
  accounts = { type = "Account", prefix = "001" },
  leads = { type = "Lead", prefix = "00Q" },
  opportunities = { type = "Opportunity", prefix = "006" },
}

function connector.field_of(record, field)
  return record[field]
end

local function attributes(kind, id)
  local name = OBJECTS[kind].type
  return { type = name, url = "/services/data/v60.0/sobjects/" .. name .. "/" .. id }
end

function connector.seed_record(kind, row)
  row.attributes = attributes(kind, row.Id)
  row.CreatedDate = "2026-01-18T08:30:00.000+0000"
  row.LastModifiedDate = row.CreatedDate
  row.id = row.Id
  return row
end

local function native(record)
  record.id = nil
  return record
end

local function not_found(id)
  local message = "Provided external ID field does not exist or is not accessible: " .. tostring(id)
  return kit.failure(404, json.array({ { errorCode = "NOT_FOUND", message = message } }))
end

local function list(kind)
  return function(params, records)
    local all = records.all(kind)
    local offset, limit = kit.whole(params.offset, 0), kit.whole(params.limit, 200, 2000)
    local page, next_offset = kit.page(all, offset, limit)
    for _, record in ipairs(page) do
      native(record)
    end
    local answer = { totalSize = #all, done = next_offset == nil, records = page }
    if next_offset then
      answer.nextRecordsUrl = "/services/data/v60.0/query/01gSANDBOX-" .. next_offset
    end
    return answer
  end
end

local function create(kind, fields)
  return function(params, records)
    local object = OBJECTS[kind]
    local id = object.prefix .. ("Dn%010dIAB"):format(records.next(kind))
    local record = kit.pick(params, fields)
    record.Id, record.id, record.attributes = id, id, attributes(kind, id)
    record.CreatedDate = records.now()
    record.LastModifiedDate = record.CreatedDate
    kit.store(connector, records, kind, record)
    return { id = id, success = true, errors = json.array() }
  end
end

local function update(kind, id_name, fields)
  return function(params, records)
    local record = records.get(kind, tostring(params[id_name]))
    if not record then
      return not_found(params[id_name])
    end
    for name, value in pairs(kit.pick(params, fields)) do
      record[name] = value
    end
    record.LastModifiedDate = records.now()
    kit.store(connector, records, kind, record)
    return { id = record.Id, success = true, errors = json.array() }
  end
end

local CONTACT <const> = { "FirstName", "LastName", "Email", "Phone", "Title", "AccountId" }
local ACCOUNT <const> = { "Name", "Website", "Phone", "Industry" }

connector.actions = {
  {
    action_id = "get_contacts",
    name = "Get Contacts",
    description = "List contacts page by page",
    params = kit.params("limit", "offset"),
    run = list("contacts"),
  },
  {
    action_id = "create_contact",
    name = "Create Contact",
    description = "Create a contact",
    params = kit.params("FirstName", "LastName*", "Email", "Phone", "Title", "AccountId"),
    run = create("contacts", CONTACT),
  },
  {
    action_id = "update_contact",
    name = "Update Contact",
    description = "Change the given fields of a contact",
    params = kit.params("contact_id*", "FirstName", "LastName", "Email", "Phone", "Title", "AccountId"),
    run = update("contacts", "contact_id", CONTACT),
  },
  {
    action_id = "get_accounts",
    name = "Get Accounts",
    description = "List accounts page by page",
    params = kit.params("limit", "offset"),
    run = list("accounts"),
  },
  {
    action_id = "create_account",
    name = "Create Account",
    description = "Create an account",
    params = kit.params("Name*", "Website", "Phone", "Industry"),
    run = create("accounts", ACCOUNT),
  },
  {
    action_id = "update_account",
    name = "Update Account",
    description = "Change the given fields of an account",
    params = kit.params("account_id*", "Name", "Website", "Phone", "Industry"),
    run = update("accounts", "account_id", ACCOUNT),
  },
  {
    action_id = "create_lead",
    name = "Create Lead",
    description = "Create a lead",
    params = kit.params("FirstName", "LastName*", "Company*", "Email", "Status"),
    run = create("leads", { "FirstName", "LastName", "Company", "Email", "Status" }),
  },
  {
    action_id = "create_opportunity",
    name = "Create Opportunity",
    description = "Create an opportunity",
    params = kit.params("Name*", "StageName*", "CloseDate*", "Amount:number"),
    run = create("opportunities", { "Name", "StageName", "CloseDate", "Amount" }),
  },
}

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
    accounts = { { Id = "001Dn00000SEED01IAB", Name = "Analytical Engines", Website = "engines.example.com" } },
  },
  acme = { contacts = { contact(21, "Bugs", "Rabbit", "bugs@acme.example.com") } },
}

return connector
