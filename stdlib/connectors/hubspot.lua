--- HubSpot's contacts, companies, deals and tasks in the shapes of its CRM API v3.
local kit = ...
local search = kit.part("search")

local connector = {
  slug = "hubspot",
  name = "HubSpot",
  description = "Customer relationship management",
  app_id = "64f0a1b2c3d4e5f600000001",
  auth_type = "oauth2",
  tags = { "CRM", "Marketing" },
  connections = { globex = "reauth_required" },
  kinds = { "contacts", "companies", "deals", "tasks" },
  indexed = { contacts = { "email" }, companies = { "domain" } },
}

local CONTACT_FIELDS <const> = {
  "firstname", "lastname", "email", "phone", "company", "website", "jobtitle", "hubspot_owner_id",
}
local COMPANY_FIELDS <const> = { "name", "domain", "phone", "city", "industry" }
local DEAL_FIELDS <const> = { "dealname", "amount", "dealstage", "closedate", "pipeline" }
local TASK_FIELDS <const> = {
  "hs_task_subject", "hs_task_body", "hs_task_status", "hs_timestamp", "hubspot_owner_id",
}

function connector.field_of(record, field)
  return record.properties[field]
end

function connector.seed_record(_, row)
  if not row.properties then
    local properties = {}
    for name, value in pairs(row) do
      properties[name] = name ~= "id" and value or nil
    end
    row = { id = row.id, properties = properties }
  end
  local properties = row.properties
  local created = row.createdAt or "2026-01-20T10:00:00.000Z"
  local updated = row.updatedAt or created
  properties.createdate = properties.createdate or created
  properties.hs_object_id = row.id
  properties.lastmodifieddate = properties.lastmodifieddate or updated
  return { id = row.id, properties = properties, createdAt = created, updatedAt = updated, archived = false }
end

-- Native answers ---------------------------------------------------------------------------------

local function object_not_found(id)
  return kit.failure(404, {
    status = "error",
    message = "Object not found. objectId: " .. tostring(id) .. ".",
    category = "OBJECT_NOT_FOUND",
  })
end

local function already_exists(id)
  return kit.failure(409, {
    status = "error",
    message = "Contact already exists. Existing ID: " .. id,
    category = "CONFLICT",
  })
end

local function paging(next_offset)
  if not next_offset then
    return json.object()
  end
  local after = tostring(next_offset)
  return { next = { after = after, link = "?after=" .. after } }
end

-- Operations on one kind of object ---------------------------------------------------------------

--- Sets the properties that a call gives, on top of those that are there.
local function set_properties(properties, params, fields)
  kit.change(properties, params, fields)
  local more = params.additional_fields
  if type(more) == "string" and more ~= "" then
    more = json.decode(more)
  end
  if type(more) == "table" then
    for name, value in pairs(more) do
      properties[name] = nil
      if kit.given(value) then
        properties[name] = value
      end
    end
  end
  if properties.email then
    properties.email = tostring(properties.email):lower()
  end
  return properties
end

local function create(kind, fields)
  return function(params, records)
    local properties = set_properties({}, params, fields)
    if kind == "contacts" and properties.email then
      local twins = records.find(kind, "email", properties.email)
      if #twins > 0 then
        return already_exists(twins[1].id)
      end
    end
    local now, id = records.now(), tostring(records.next(kind))
    properties.createdate, properties.lastmodifieddate, properties.hs_object_id = now, now, id
    return kit.store(connector, records, kind, {
      id = id,
      properties = properties,
      createdAt = now,
      updatedAt = now,
      archived = false,
    })
  end
end

local function update(kind, id_name, fields)
  return function(params, records)
    local record = records.get(kind, tostring(params[id_name]))
    if not record then
      return object_not_found(params[id_name])
    end
    set_properties(record.properties, params, fields)
    local email = record.properties.email
    for _, twin in ipairs(email and records.find(kind, "email", email) or {}) do
      if twin.id ~= record.id then
        return already_exists(twin.id)
      end
    end
    record.updatedAt = records.now()
    record.properties.lastmodifieddate = record.updatedAt
    return kit.store(connector, records, kind, record)
  end
end

local function get(kind, id_name)
  return function(params, records)
    return records.get(kind, tostring(params[id_name])) or object_not_found(params[id_name])
  end
end

local function delete(kind, id_name)
  return function(params, records)
    local id = tostring(params[id_name])
    if not records.delete(kind, id) then
      return object_not_found(id)
    end
    return json.object()
  end
end

local function list(kind)
  return function(params, records)
    local limit, offset = kit.whole(params.limit, 10, 100), kit.whole(params.after, 0)
    local results, next_offset = kit.page(records.all(kind), offset, limit)
    return { results = results, paging = paging(next_offset) }
  end
end

-- Search -----------------------------------------------------------------------------------------

local function invalid_operator(operator)
  return kit.failure(400, {
    status = "error",
    message = "Invalid operator '" .. operator .. "'",
    category = "VALIDATION_ERROR",
  })
end

--- Returns the records of a kind whose property fits; e-mail addresses are looked up without reading all.
local function matching(kind, params, records)
  local operator, property = tostring(params.operator):upper(), tostring(params.propertyName)
  local wanted = tostring(params.value)
  if operator == "EQ" and property == "email" and kind == "contacts" then
    return records.find(kind, "email", wanted:lower())
  end
  local fits = search.operators[operator]
  return kit.filter(records.all(kind), function(record)
    local actual = record.properties[property]
    return fits(kit.given(actual) and actual or nil, wanted)
  end)
end

local function with_query(found, query)
  if not kit.given(query) then
    return found
  end
  local text = tostring(query):lower()
  return kit.filter(found, function(record)
    for _, value in pairs(record.properties) do
      if tostring(value):lower():find(text, 1, true) then
        return true
      end
    end
    return false
  end)
end

local function find(kind)
  return function(params, records)
    local operator = tostring(params.operator):upper()
    if not search.operators[operator] then
      return invalid_operator(operator)
    end
    local found = with_query(matching(kind, params, records), params.query)
    local limit, offset = kit.whole(params.limit, 10, 100), kit.whole(params.after, 0)
    local results, next_offset = kit.page(found, offset, limit)
    return { total = #found, results = results, paging = paging(next_offset) }
  end
end

-- Actions ----------------------------------------------------------------------------------------

local PAGE <const> = { "limit", "after" }
local SEARCH <const> = { "propertyName*", "operator*", "value*", "query", "limit", "after" }

connector.actions = {
  kit.http_request(function(message)
    return { status = "error", message = message, category = "NOT_IMPLEMENTED" }
  end),
  kit.action(
    "create_contact", "Create Contact", "Create a contact",
    kit.params(
      "firstname", "lastname", "email*", "phone", "company", "website", "jobtitle", "hubspot_owner_id",
      "associations:json", "additional_fields:json"
    ),
    create("contacts", CONTACT_FIELDS)
  ),
  kit.action(
    "get_contact", "Get Contacts", "List contacts page by page",
    kit.params(table.unpack(PAGE)), list("contacts")
  ),
  kit.action(
    "get_contact_by_id", "Get Contact by ID", "Read one contact",
    kit.params("contact_id*"), get("contacts", "contact_id")
  ),
  kit.action(
    "search_contacts", "Search Contacts", "Find contacts by the value of a property",
    kit.params(table.unpack(SEARCH)), find("contacts")
  ),
  kit.action(
    "update_contact", "Update Contact", "Change the given fields of a contact",
    kit.params(
      "contact_id*", "firstname", "lastname", "email", "phone", "company", "website", "jobtitle",
      "hubspot_owner_id", "additional_fields:json"
    ),
    update("contacts", "contact_id", CONTACT_FIELDS)
  ),
  kit.action(
    "delete_contact", "Delete Contact", "Archive a contact",
    kit.params("contact_id*"), delete("contacts", "contact_id")
  ),
  kit.action(
    "create_company", "Create Company", "Create a company",
    kit.params("name*", "domain", "phone", "city", "industry", "additional_fields:json"),
    create("companies", COMPANY_FIELDS)
  ),
  kit.action(
    "get_companies", "Get Companies", "List companies page by page",
    kit.params(table.unpack(PAGE)), list("companies")
  ),
  kit.action(
    "get_company_by_id", "Get Company by ID", "Read one company",
    kit.params("company_id*"), get("companies", "company_id")
  ),
  kit.action(
    "search_companies", "Search Companies", "Find companies by the value of a property",
    kit.params(table.unpack(SEARCH)), find("companies")
  ),
  kit.action(
    "update_company", "Update Company", "Change the given fields of a company",
    kit.params("company_id*", "name", "domain", "phone", "city", "industry", "additional_fields:json"),
    update("companies", "company_id", COMPANY_FIELDS)
  ),
  kit.action(
    "delete_company", "Delete Company", "Archive a company",
    kit.params("company_id*"), delete("companies", "company_id")
  ),
  kit.action(
    "create_deal", "Create Deal", "Create a deal",
    kit.params("dealname*", "amount:number", "dealstage", "closedate", "pipeline", "additional_fields:json"),
    create("deals", DEAL_FIELDS)
  ),
  kit.action(
    "get_deals", "Get Deals", "List deals page by page",
    kit.params(table.unpack(PAGE)), list("deals")
  ),
  kit.action(
    "get_deal_by_id", "Get Deal by ID", "Read one deal",
    kit.params("deal_id*"), get("deals", "deal_id")
  ),
  kit.action(
    "search_deals", "Search Deals", "Find deals by the value of a property",
    kit.params(table.unpack(SEARCH)), find("deals")
  ),
  kit.action(
    "update_deal", "Update Deal", "Change the given fields of a deal",
    kit.params("deal_id*", "dealname", "amount:number", "dealstage", "closedate", "pipeline", "additional_fields:json"),
    update("deals", "deal_id", DEAL_FIELDS)
  ),
  kit.action(
    "delete_deal", "Delete Deal", "Archive a deal",
    kit.params("deal_id*"), delete("deals", "deal_id")
  ),
  kit.action(
    "create_task", "Create Task", "Create a task",
    kit.params("hs_task_subject*", "hs_task_body", "hs_timestamp", "hubspot_owner_id"),
    create("tasks", TASK_FIELDS)
  ),
  kit.action(
    "search_tasks_v3", "Search Tasks", "Find tasks by the value of a property",
    kit.params(table.unpack(SEARCH)), find("tasks"), { tag = "v3" }
  ),
  kit.action(
    "update_task_v3", "Update Task", "Change the given fields of a task",
    kit.params("task_id*", "hs_task_subject", "hs_task_body", "hs_task_status", "hs_timestamp", "hubspot_owner_id"),
    update("tasks", "task_id", TASK_FIELDS), { tag = "v3" }
  ),
}

-- Seed rows --------------------------------------------------------------------------------------

local function contact(id, firstname, lastname, email, more)
  local properties = { firstname = firstname, lastname = lastname, email = email }
  for name, value in pairs(more or {}) do
    properties[name] = value
  end
  return { id = id, properties = properties }
end

connector.seed = {
  ["demo-user-1"] = {
    contacts = {
      contact("51", "Maria", "Johnson", "emailmaria@hubspot.example.com", { lifecyclestage = "lead" }),
      contact("101", "Ada", "Lovelace", "ada.lovelace@example.com", {
        phone = "+44 20 7946 0101", jobtitle = "Chief Engineer",
      }),
      contact("102", "Grace", "Hopper", "grace.hopper@example.com", {
        phone = "+1 202 555 0102", jobtitle = "Rear Admiral",
      }),
      contact("103", "Katherine", "Johnson", "katherine.johnson@example.com", { jobtitle = "Analyst" }),
      contact("104", "Edsger", "Dijkstra", "edsger.dijkstra@example.com", { phone = "+31 20 555 0104" }),
      contact("105", "Barbara", "Liskov", "barbara.liskov@example.com", { jobtitle = "Professor" }),
    },
    companies = {
      { id = "201", properties = { name = "Analytical Engines", domain = "engines.example.com", city = "London" } },
      { id = "202", properties = { name = "Harbour Lines", domain = "harbour.example.com" } },
    },
    deals = {
      { id = "301", properties = { dealname = "Engine maintenance", amount = "18000", dealstage = "contractsent" } },
    },
  },
  ["demo-user-2"] = {
    contacts = { contact("51", "Alan", "Turing", "alan.turing@example.com", { jobtitle = "Researcher" }) },
  },
  acme = {
    contacts = {
      contact("11", "Wile", "Coyote", "wile@acme.example.com", { jobtitle = "Product Tester" }),
      contact("12", "Road", "Runner", "road@acme.example.com"),
    },
  },
  globex = { contacts = { contact("21", "Hank", "Scorpio", "hank@globex.example.com") } },
}

return connector
