--- HubSpot's contacts, companies and deals in the shapes of its CRM API v3.
local kit = ...

local connector = {
  slug = "hubspot",
  name = "HubSpot",
  description = "Customer relationship management",
  app_id = "64f0a1b2c3d4e5f600000001",
  auth_type = "oauth2",
  tags = { "CRM", "Marketing" },
  connections = { globex = "reauth_required" },
  indexed = { contacts = { "email" }, companies = { "domain" } },
}

local CONTACT_FIELDS <const> = {
  "firstname", "lastname", "email", "phone", "company", "website", "jobtitle", "hubspot_owner_id",
}
local COMPANY_FIELDS <const> = { "name", "domain", "phone", "city", "industry" }
local DEAL_FIELDS <const> = { "dealname", "amount", "dealstage", "closedate", "pipeline" }

function connector.field_of(record, field)
  return record.properties[field]
end

function connector.seed_record(_, row)
  local created = "2026-01-20T10:00:00.000Z"
  row.properties.createdate = created
  row.properties.hs_object_id = row.id
  row.properties.lastmodifieddate = created
  return { id = row.id, properties = row.properties, createdAt = created, updatedAt = created, archived = false }
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

local function properties_of(params, fields)
  local properties = kit.pick(params, fields)
  local more = params.additional_fields
  if type(more) == "string" and more ~= "" then
    more = json.decode(more)
  end
  if type(more) == "table" then
    for name, value in pairs(more) do
      properties[name] = value
    end
  end
  if properties.email then
    properties.email = tostring(properties.email):lower()
  end
  return properties
end

local function create(kind, fields)
  return function(params, records)
    local properties = properties_of(params, fields)
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
    local changes = properties_of(params, fields)
    if changes.email then
      for _, twin in ipairs(records.find(kind, "email", changes.email)) do
        if twin.id ~= record.id then
          return already_exists(twin.id)
        end
      end
    end
    for name, value in pairs(changes) do
      record.properties[name] = value
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

local function number_or_text(value)
  return tonumber(value) or tostring(value):lower()
end

local function compare(left, right, decide)
  left, right = number_or_text(left), number_or_text(right)
  if type(left) ~= type(right) then
    left, right = tostring(left), tostring(right)
  end
  return decide(left, right)
end

local function contains_token(text, token)
  local pattern = token:lower():gsub("[^%w*]", "%%%0"):gsub("%*", ".*")
  return (" " .. tostring(text):lower() .. " "):find("%f[%w]" .. pattern .. "%f[%W]") ~= nil
end

local operators = {
  EQ = function(actual, wanted)
    return actual ~= nil and tostring(actual):lower() == wanted:lower()
  end,
  NEQ = function(actual, wanted)
    return actual ~= nil and tostring(actual):lower() ~= wanted:lower()
  end,
  LT = function(actual, wanted)
    return actual ~= nil and compare(actual, wanted, function(a, b) return a < b end)
  end,
  LTE = function(actual, wanted)
    return actual ~= nil and compare(actual, wanted, function(a, b) return a <= b end)
  end,
  GT = function(actual, wanted)
    return actual ~= nil and compare(actual, wanted, function(a, b) return a > b end)
  end,
  GTE = function(actual, wanted)
    return actual ~= nil and compare(actual, wanted, function(a, b) return a >= b end)
  end,
  CONTAINS_TOKEN = function(actual, wanted)
    return actual ~= nil and contains_token(actual, wanted)
  end,
  HAS_PROPERTY = function(actual)
    return actual ~= nil
  end,
  NOT_HAS_PROPERTY = function(actual)
    return actual == nil
  end,
  IN = function(actual, wanted)
    for item in wanted:gmatch("[^;,]+") do
      if actual ~= nil and tostring(actual):lower() == item:match("^%s*(.-)%s*$"):lower() then
        return true
      end
    end
    return false
  end,
}

local function invalid_operator(operator)
  return kit.failure(400, {
    status = "error",
    message = "Invalid operator '" .. operator .. "'",
    category = "VALIDATION_ERROR",
  })
end

local function matching(kind, params, records)
  local operator, property = tostring(params.operator):upper(), tostring(params.propertyName)
  if operator == "EQ" and property == "email" and kind == "contacts" then
    return records.find(kind, "email", tostring(params.value):lower())
  end
  local found = {}
  for _, record in ipairs(records.all(kind)) do
    local actual = record.properties[property]
    if not kit.given(actual) then
      actual = nil
    end
    if operators[operator](actual, tostring(params.value)) then
      found[#found + 1] = record
    end
  end
  return found
end

local function with_query(found, query)
  if not kit.given(query) then
    return found
  end
  local kept = {}
  for _, record in ipairs(found) do
    for _, value in pairs(record.properties) do
      if tostring(value):lower():find(tostring(query):lower(), 1, true) then
        kept[#kept + 1] = record
        break
      end
    end
  end
  return kept
end

local function search(kind)
  return function(params, records)
    local operator = tostring(params.operator):upper()
    if not operators[operator] then
      return invalid_operator(operator)
    end
    local found = with_query(matching(kind, params, records), params.query)
    local limit, offset = kit.whole(params.limit, 10, 100), kit.whole(params.after, 0)
    local results, next_offset = kit.page(found, offset, limit)
    return { total = #found, results = results, paging = paging(next_offset) }
  end
end

local function http_request()
  return kit.failure(501, {
    status = "error",
    message = "the sandbox has no raw HTTP; use one of HubSpot's other actions",
    category = "NOT_IMPLEMENTED",
  })
end

-- Actions ----------------------------------------------------------------------------------------

connector.actions = {
  {
    action_id = "httprequest",
    name = "HTTP Request",
    description = "Make a raw call with the stored credentials. Leave base_url unset and give url_path.",
    params = json.array(),
    run = http_request,
  },
  {
    action_id = "create_contact",
    name = "Create Contact",
    description = "Create a contact",
    params = kit.params(
      "firstname", "lastname", "email*", "phone", "company", "website", "jobtitle", "hubspot_owner_id",
      "associations:json", "additional_fields:json"
    ),
    run = create("contacts", CONTACT_FIELDS),
  },
  {
    action_id = "get_contact",
    name = "Get Contacts",
    description = "List contacts page by page",
    params = kit.params("limit", "after"),
    run = list("contacts"),
  },
  {
    action_id = "get_contact_by_id",
    name = "Get Contact by ID",
    description = "Read one contact",
    params = kit.params("contact_id*"),
    run = get("contacts", "contact_id"),
  },
  {
    action_id = "search_contacts",
    name = "Search Contacts",
    description = "Find contacts by the value of a property",
    params = kit.params("propertyName*", "operator*", "value*", "query", "limit", "after"),
    run = search("contacts"),
  },
  {
    action_id = "update_contact",
    name = "Update Contact",
    description = "Change the given fields of a contact",
    params = kit.params(
      "contact_id*", "firstname", "lastname", "email", "phone", "company", "website", "jobtitle",
      "hubspot_owner_id", "additional_fields:json"
    ),
    run = update("contacts", "contact_id", CONTACT_FIELDS),
  },
  {
    action_id = "delete_contact",
    name = "Delete Contact",
    description = "Archive a contact",
    params = kit.params("contact_id*"),
    run = delete("contacts", "contact_id"),
  },
  {
    action_id = "create_company",
    name = "Create Company",
    description = "Create a company",
    params = kit.params("name*", "domain", "phone", "city", "industry", "additional_fields:json"),
    run = create("companies", COMPANY_FIELDS),
  },
  {
    action_id = "get_companies",
    name = "Get Companies",
    description = "List companies page by page",
    params = kit.params("limit", "after"),
    run = list("companies"),
  },
  {
    action_id = "create_deal",
    name = "Create Deal",
    description = "Create a deal",
    params = kit.params("dealname*", "amount:number", "dealstage", "closedate", "pipeline", "additional_fields:json"),
    run = create("deals", DEAL_FIELDS),
  },
  {
    action_id = "get_deals",
    name = "Get Deals",
    description = "List deals page by page",
    params = kit.params("limit", "after"),
    run = list("deals"),
  },
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
