// Generated from stdlib/connectors/ by tools/embed-stdlib. Edit the Lua files, then run it again.
// swift-format-ignore-file

extension Stdlib {
  /// The sandbox's connector files, one per app. Sorted by name.
  public static let connectors: [EmbeddedSource] = [
    EmbeddedSource(name: "hubspot", text: ##"""
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

"""##),
    EmbeddedSource(name: "netsuite", text: ##"""
--- NetSuite's invoices and customers in the shapes of its SuiteTalk REST API.
local kit = ...
local search = kit.part("search")

local connector = {
  slug = "netsuite",
  name = "NetSuite",
  description = "Enterprise resource planning",
  app_id = "64f0a1b2c3d4e5f600000003",
  auth_type = "keybased",
  tags = { "ERP", "Accounting" },
  envelope = "success",
  kinds = { "customer", "invoice" },
  indexed = { invoice = { "tranId" }, customer = { "email", "entityId" } },
}

local FIELDS <const> = {
  invoice = { "tranId", "entity", "tranDate", "dueDate", "currency", "total", "status", "memo" },
  customer = { "entityId", "companyName", "email", "phone", "subsidiary", "isInactive" },
}

function connector.field_of(record, field)
  return record[field]
end

-- Native answers ---------------------------------------------------------------------------------

local function refusal(status, title, code, detail)
  return kit.failure(status, {
    type = "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5",
    title = title,
    status = status,
    ["o:errorDetails"] = json.array({ { detail = detail, ["o:errorCode"] = code } }),
  })
end

local function not_found(kind, id)
  local detail = "The record instance does not exist. Provide a valid record instance ID."
  return refusal(404, "Not Found", "NONEXISTENT_ID", detail .. " " .. kind .. ": " .. tostring(id))
end

local function links(kind, path)
  return json.array({ { rel = "self", href = "https://sandbox.suitetalk.example.com/record/v1/" .. kind .. path } })
end

-- The filter `q` ---------------------------------------------------------------------------------

local operators = {
  IS = search.equal,
  EQUAL = search.equal,
  IS_NOT = function(actual, wanted)
    return not search.equal(actual, wanted)
  end,
  CONTAIN = function(actual, wanted)
    return tostring(actual):lower():find(wanted:lower(), 1, true) ~= nil
  end,
  START_WITH = function(actual, wanted)
    return tostring(actual):lower():sub(1, #wanted) == wanted:lower()
  end,
  GREATER = function(actual, wanted)
    return search.less(wanted, actual)
  end,
  GREATER_OR_EQUAL = function(actual, wanted)
    return not search.less(actual, wanted)
  end,
  LESS = search.less,
  LESS_OR_EQUAL = function(actual, wanted)
    return not search.less(wanted, actual)
  end,
  AFTER = function(actual, wanted)
    return search.less(wanted, actual)
  end,
  BEFORE = search.less,
}

local function invalid_filter(detail)
  error({ detail = detail }, 0)
end

local function is_field(kind, name)
  for _, field in ipairs(FIELDS[kind]) do
    if field == name then
      return true
    end
  end
  return name == "id"
end

--- Reads one comparison, such as `email IS "ada@example.com"`, and returns it with the offset after it.
local function comparison(kind, text, at)
  local field, operator, after = text:match("^%s*([%w_]+)%s+([%u_]+)()", at)
  if not field then
    invalid_filter("Invalid search query. Expected a field and an operator at position " .. at .. ".")
  elseif not is_field(kind, field) then
    invalid_filter("Invalid search query. Field '" .. field .. "' does not exist.")
  elseif operator == "EMPTY" or operator == "EMPTY_NOT" then
    return function(record)
      return kit.given(record[field]) == (operator == "EMPTY_NOT")
    end, after
  elseif not operators[operator] then
    invalid_filter("Invalid search query. Operator '" .. operator .. "' is not supported.")
  end
  local value, rest = text:match('^%s*"([^"]*)"()', after)
  if not value then
    value, rest = text:match("^%s*([^%s]+)()", after)
  end
  if not value then
    invalid_filter("Invalid search query. A value is missing after '" .. operator .. "'.")
  end
  return function(record)
    return kit.given(record[field]) and operators[operator](record[field], value)
  end, rest
end

--- Reads comparisons joined by AND and OR; AND binds closer.
local function filter_of(kind, text)
  local alternatives, all, at = {}, {}, 1
  while true do
    local test
    test, at = comparison(kind, text, at)
    all[#all + 1] = test
    local joint, after = text:match("^%s+(%u+)%s+()", at)
    if joint == "AND" then
      at = after
    elseif joint == "OR" then
      alternatives[#alternatives + 1] = all
      all, at = {}, after
    elseif text:find("%S", at) then
      invalid_filter("Invalid search query. Expected AND or OR at position " .. at .. ".")
    else
      alternatives[#alternatives + 1] = all
      break
    end
  end
  return function(record)
    for _, tests in ipairs(alternatives) do
      local fits = true
      for _, test in ipairs(tests) do
        fits = fits and test(record)
      end
      if fits then
        return true
      end
    end
    return false
  end
end

-- Operations -------------------------------------------------------------------------------------

local function list(kind)
  return function(params, records)
    local found = records.all(kind)
    if kit.given(params.q) then
      local ok, filter = pcall(filter_of, kind, tostring(params.q))
      if not ok then
        if type(filter) ~= "table" then
          error(filter, 0)
        end
        return refusal(400, "Bad Request", "INVALID_PARAMETER", filter.detail)
      end
      found = kit.filter(found, filter)
    end
    local offset, limit = kit.whole(params.offset, 0), kit.whole(params.limit, 1000, 1000)
    local items, next_offset = kit.page(found, offset, limit)
    return {
      links = links(kind, ""),
      items = items,
      count = #items,
      offset = offset,
      hasMore = next_offset ~= nil,
      totalResults = #found,
    }
  end
end

local function get(kind)
  return function(params, records)
    local record = records.get(kind, tostring(params.id))
    if not record then
      return not_found(kind, params.id)
    end
    record.links = links(kind, "/" .. record.id)
    return record
  end
end

local function create(kind, complete)
  return function(params, records)
    local number = records.next(kind)
    local record = kit.pick(params, FIELDS[kind])
    record.id = tostring(number)
    complete(record, number, records)
    record.lastModifiedDate = records.now()
    kit.store(connector, records, kind, record)
    return record
  end
end

local function update(kind)
  return function(params, records)
    local record = records.get(kind, tostring(params.id))
    if not record then
      return not_found(kind, params.id)
    end
    kit.change(record, params, FIELDS[kind])
    record.lastModifiedDate = records.now()
    return kit.store(connector, records, kind, record)
  end
end

local function delete(kind)
  return function(params, records)
    if not records.delete(kind, tostring(params.id)) then
      return not_found(kind, params.id)
    end
    return json.object()
  end
end

local function complete_invoice(record, number, records)
  record.tranId = record.tranId or "INV-" .. number
  record.tranDate = record.tranDate or records.now():sub(1, 10)
  record.currency = record.currency or "USD"
  record.status = record.status or "Open"
end

local function complete_customer(record, number)
  record.entityId = record.entityId or "CUST-" .. number
  record.isInactive = record.isInactive or false
end

-- Actions ----------------------------------------------------------------------------------------

local LIST <const> = { "q", "limit", "offset" }

connector.actions = {
  kit.http_request(function(message)
    return { title = "Not Implemented", status = 501, ["o:errorDetails"] = json.array({ { detail = message } }) }
  end),
  kit.action(
    "get_list_of_records_invoice", "Get List of Invoices",
    "List invoices page by page; q filters, as in status IS \"Open\"",
    kit.params(table.unpack(LIST)), list("invoice")
  ),
  kit.action("get_record_invoice", "Get Invoice", "Read one invoice", kit.params("id*"), get("invoice")),
  kit.action(
    "create_record_invoice", "Create Invoice", "Create an invoice",
    kit.params("entity*", "total:number", "tranId", "tranDate", "dueDate", "currency", "status", "memo"),
    create("invoice", complete_invoice)
  ),
  kit.action(
    "update_record_invoice", "Update Invoice", "Change the given fields of an invoice",
    kit.params("id*", "entity", "total:number", "tranDate", "dueDate", "currency", "status", "memo"), update("invoice")
  ),
  kit.action("delete_record_invoice", "Delete Invoice", "Delete an invoice", kit.params("id*"), delete("invoice")),
  kit.action(
    "get_list_of_records_customer", "Get List of Customers",
    "List customers page by page; q filters, as in email IS \"a@b.c\"",
    kit.params(table.unpack(LIST)), list("customer")
  ),
  kit.action("get_record_customer", "Get Customer", "Read one customer", kit.params("id*"), get("customer")),
  kit.action(
    "create_record_customer", "Create Customer", "Create a customer",
    kit.params("companyName*", "entityId", "email", "phone", "subsidiary"), create("customer", complete_customer)
  ),
  kit.action(
    "update_record_customer", "Update Customer", "Change the given fields of a customer",
    kit.params("id*", "companyName", "entityId", "email", "phone", "subsidiary", "isInactive:boolean"),
    update("customer")
  ),
  kit.action("delete_record_customer", "Delete Customer", "Delete a customer", kit.params("id*"), delete("customer")),
}

-- Seed rows --------------------------------------------------------------------------------------

local function invoice(id, entity, tran_date, due_date, total, status)
  return {
    id = id,
    tranId = "INV-" .. id,
    entity = entity,
    tranDate = tran_date,
    dueDate = due_date,
    currency = "USD",
    total = total,
    status = status,
    lastModifiedDate = tran_date .. "T09:00:00.000Z",
  }
end

local function customer(id, name, email)
  return {
    id = id,
    entityId = "CUST-" .. id,
    companyName = name,
    email = email,
    subsidiary = "Parent Company",
    isInactive = false,
    lastModifiedDate = "2026-01-10T09:00:00.000Z",
  }
end

connector.seed = {
  ["demo-user-1"] = {
    customer = {
      customer("501", "Analytical Engines", "billing@engines.example.com"),
      customer("502", "Harbour Lines", "accounts@harbour.example.com"),
      customer("503", "Frequency Works", "office@frequency.example.com"),
    },
    invoice = {
      invoice("701", "Analytical Engines", "2026-01-05", "2026-02-04", 18000, "Open"),
      invoice("702", "Harbour Lines", "2026-01-08", "2026-02-07", 4200.5, "Paid In Full"),
      invoice("703", "Harbour Lines", "2025-12-01", "2025-12-31", 990, "Open"),
      invoice("704", "Frequency Works", "2026-01-12", "2026-02-11", 250.75, "Open"),
      invoice("705", "Analytical Engines", "2026-01-15", "2026-02-14", 0.1, "Pending Approval"),
    },
  },
  acme = { customer = { customer("601", "Acme Rockets", "billing@acme.example.com") } },
}

return connector

"""##),
    EmbeddedSource(name: "salesforce", text: ##"""
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

"""##),
    EmbeddedSource(name: "slack", text: ##"""
--- Slack's channels, users and messages in the shapes of its Web API.
local kit = ...

local connector = {
  slug = "slack",
  name = "Slack",
  description = "Messages for teams",
  app_id = "64f0a1b2c3d4e5f600000004",
  auth_type = "oauth2",
  tags = { "Communication" },
  envelope = "http_status",
  kinds = { "channels", "users", "messages" },
  indexed = { users = { "email" }, messages = { "channel" } },
}

function connector.field_of(record, field)
  if field == "email" then
    return record.profile and record.profile.email
  end
  return record[field]
end

function connector.complete_row(kind, row, number)
  if kind ~= "messages" then
    row.id = row.id or tostring(number())
    return
  end
  row.type = row.type or "message"
  row.ts = row.ts or ("1768901400.%06d"):format(number())
  row.id = row.id or tostring(row.channel) .. ":" .. row.ts
end

-- Native answers ---------------------------------------------------------------------------------

--- Slack answers with status 200 even when it refuses.
local function refusal(code)
  return kit.failure(200, { ok = false, error = code })
end

local function without(record, ...)
  for _, name in ipairs({ ... }) do
    record[name] = nil
  end
  return record
end

--- Returns one page; the cursor is the offset of the next one, empty text after the last.
local function page_of(list, params, default)
  local offset = 0
  if kit.given(params.cursor) then
    offset = math.tointeger(tonumber(tostring(params.cursor):match("^offset:(%d+)$")))
    if not offset then
      return nil
    end
  end
  local page, next_offset = kit.page(list, offset, kit.whole(params.limit, default, 1000))
  return page, { next_cursor = next_offset and "offset:" .. next_offset or "" }
end

--- Finds a channel by its id or its name, with or without `#`.
local function channel_of(records, text)
  local name = tostring(text):gsub("^#", "")
  for _, channel in ipairs(records.all("channels")) do
    if channel.id == text or channel.name == name then
      return channel
    end
  end
end

-- Operations -------------------------------------------------------------------------------------

local function get_channels(params, records)
  local page, metadata = page_of(records.all("channels"), params, 100)
  if not page then
    return refusal("invalid_cursor")
  end
  return { ok = true, channels = page, response_metadata = metadata }
end

local function get_users(params, records)
  local page, metadata = page_of(records.all("users"), params, 100)
  if not page then
    return refusal("invalid_cursor")
  end
  return { ok = true, members = page, response_metadata = metadata }
end

local function find_user_by_email(params, records)
  local user = records.find("users", "email", tostring(params.email):lower())[1]
  return user and { ok = true, user = user } or refusal("users_not_found")
end

--- The newest message comes first, as in Slack.
local function get_messages(params, records)
  local channel = channel_of(records, params.channel)
  if not channel then
    return refusal("channel_not_found")
  end
  local found = records.find("messages", "channel", channel.id:lower())
  table.sort(found, function(left, right)
    return left.ts > right.ts
  end)
  if kit.given(params.oldest) then
    found = kit.filter(found, function(message)
      return message.ts >= tostring(params.oldest)
    end)
  end
  local page, metadata = page_of(found, params, 100)
  if not page then
    return refusal("invalid_cursor")
  end
  for _, message in ipairs(page) do
    without(message, "id", "channel")
  end
  return { ok = true, messages = page, has_more = metadata.next_cursor ~= "", response_metadata = metadata }
end

local function send_message(params, records)
  local channel = channel_of(records, params.channel)
  if not channel then
    return refusal("channel_not_found")
  elseif tostring(params.text):match("^%s*$") then
    return refusal("no_text")
  end
  local ts = ("%d.%06d"):format(kit.epoch(records.now()), records.next("messages"))
  local message = { type = "message", user = "U0BOT", text = tostring(params.text), ts = ts }
  if kit.given(params.thread_ts) then
    message.thread_ts = tostring(params.thread_ts)
  end
  local stored = { id = channel.id .. ":" .. ts, channel = channel.id }
  for name, value in pairs(message) do
    stored[name] = value
  end
  kit.store(connector, records, "messages", stored)
  return { ok = true, channel = channel.id, ts = ts, message = message }
end

--- Finds a stored message by the `channel` and `ts` of an action.
local function message_of(params, records)
  local channel = channel_of(records, params.channel)
  if not channel then
    return nil, refusal("channel_not_found")
  end
  local message = records.get("messages", channel.id .. ":" .. tostring(params.ts))
  return message, not message and refusal("message_not_found") or nil
end

local function update_message(params, records)
  local message, problem = message_of(params, records)
  if not message then
    return problem
  end
  message.text = tostring(params.text)
  kit.store(connector, records, "messages", message)
  return { ok = true, channel = message.channel, ts = message.ts, text = message.text }
end

local function delete_message(params, records)
  local message, problem = message_of(params, records)
  if not message then
    return problem
  end
  records.delete("messages", message.id)
  return { ok = true, channel = message.channel, ts = message.ts }
end

-- Actions ----------------------------------------------------------------------------------------

connector.actions = {
  kit.http_request(function()
    return { ok = false, error = "not_implemented" }
  end),
  kit.action(
    "send_message", "Send Message", "Send a message to a channel, by its id or its name",
    kit.params("channel*", "text*:textarea", "thread_ts"), send_message
  ),
  kit.action(
    "update_message", "Update Message", "Change the text of a message",
    kit.params("channel*", "ts*", "text*:textarea"), update_message
  ),
  kit.action(
    "delete_message", "Delete Message", "Delete a message",
    kit.params("channel*", "ts*"), delete_message
  ),
  kit.action(
    "get_messages", "Get Messages", "List the messages of a channel, the newest first",
    kit.params("channel*", "limit", "cursor", "oldest"), get_messages
  ),
  kit.action(
    "get_channels", "Get Channels", "List the channels page by page",
    kit.params("limit", "cursor"), get_channels
  ),
  kit.action(
    "get_users", "Get Users", "List the members page by page",
    kit.params("limit", "cursor"), get_users
  ),
  kit.action(
    "find_user_by_email", "Find User by Email", "Find a member by e-mail address",
    kit.params("email*"), find_user_by_email
  ),
}

-- Seed rows --------------------------------------------------------------------------------------

local function user(id, name, email)
  return { id = id, name = name, deleted = false, is_bot = false, profile = { real_name = name, email = email } }
end

local function message(channel, ts, author, text)
  return { id = channel .. ":" .. ts, channel = channel, type = "message", user = author, text = text, ts = ts }
end

connector.seed = {
  ["demo-user-1"] = {
    channels = {
      { id = "C0GENERAL", name = "general", is_private = false, is_archived = false, num_members = 3 },
      { id = "C0SALES", name = "sales", is_private = false, is_archived = false, num_members = 2 },
      { id = "C0FINANCE", name = "finance", is_private = true, is_archived = false, num_members = 2 },
    },
    users = {
      user("U0ADA", "Ada Lovelace", "ada.lovelace@example.com"),
      user("U0GRACE", "Grace Hopper", "grace.hopper@example.com"),
      user("U0ALAN", "Alan Kay", "alan.kay@example.com"),
    },
    messages = {
      message("C0GENERAL", "1768901400.000100", "U0ADA", "Good morning"),
      message("C0GENERAL", "1768901460.000200", "U0GRACE", "Good morning, Ada"),
      message("C0SALES", "1768905000.000300", "U0ALAN", "The maintenance contract is out for signature"),
      message("C0FINANCE", "1768908600.000400", "U0GRACE", "Invoice INV-703 is overdue"),
    },
  },
  acme = {
    channels = { { id = "C0ACME", name = "general", is_private = false, is_archived = false, num_members = 1 } },
    users = { user("U0WILE", "Wile Coyote", "wile@acme.example.com") },
  },
}

return connector

"""##),
  ]
}
