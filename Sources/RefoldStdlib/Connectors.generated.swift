// Generated from stdlib/connectors/ by tools/embed-stdlib. Edit the Lua files, then run it again.
// swift-format-ignore-file

extension Stdlib {
  /// The sandbox's connector files, one per app. Sorted by name.
  public static let connectors: [EmbeddedSource] = [
    EmbeddedSource(name: "hubspot", text: ##"""
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

"""##),
    EmbeddedSource(name: "kit", text: ##"""
--- What all connectors of the sandbox share: describing actions, checking parameters, paging, searching.
---
--- A connector is a table:
---   slug, name, description, auth_type, tags   as the API shows an app
---   connections   { [account] = "connected" | "reauth_required" | "none" }; others are connected
---   indexed       { [kind] = { field, … } }: fields looked up by value, read with `field_of`
---   field_of      function(record, field): the value of an indexed field of a stored record
---   actions       { { action_id, name, description, effect?, tag?, params, run } , … }
---   seed          { [account] = { [kind] = { record, … } } }; a record has `id`
---
--- An action's `run(params, records)` returns the app's native answer, or `kit.failure(status, native)`.
--- `records` is the store of one account: `get(kind, id)`, `all(kind)`, `find(kind, field, value)`, `next(kind)`,
--- `put(kind, id, record, keys)`, `delete(kind, id)`, `now()`.
local kit = {}

local failure = {}

--- Returns what an action gives when the app itself refuses.
---
---@param status integer The app's HTTP status.
---@param native table The app's own error body.
function kit.failure(status, native)
  return setmetatable({ status = status, native = native }, failure)
end

--- Returns a parameter as a whole number: numbers and numeric text count.
---
---@param value any
---@param default integer For a parameter that was not given or is no number.
---@param most? integer The largest value that the app takes.
---@return integer
function kit.whole(value, default, most)
  local number = math.tointeger(tonumber(value) or default) or default
  if number < 0 then
    number = default
  end
  return most and math.min(number, most) or number
end

--- Whether a parameter holds something: not nil, null or empty text.
function kit.given(value)
  return value ~= nil and value ~= json.null and value ~= ""
end

--- Returns the named parameters that were given.
function kit.pick(params, names)
  local picked = {}
  for _, name in ipairs(names) do
    if kit.given(params[name]) then
      picked[name] = params[name]
    end
  end
  return picked
end

--- Makes a schema: names with `*` are required, `name:type` sets a type other than text.
---
---@param ... string For example `"email*", "limit", "associations:json"`.
---@return table[] # `{ { name, label, required, type }, … }`
function kit.params(...)
  local list = json.array()
  for _, text in ipairs({ ... }) do
    local name, star, kind = text:match("^([%w_]+)(%*?):?(%w*)$")
    local label = name:gsub("_", " "):gsub("^%l", string.upper)
    list[#list + 1] = {
      name = name,
      label = label,
      required = star == "*",
      type = kind ~= "" and kind or "text",
    }
  end
  return list
end

--- Returns one page of a list and the offset of the next, nil after the last.
function kit.page(list, offset, limit)
  local page = json.array()
  for index = offset + 1, math.min(offset + limit, #list) do
    page[#page + 1] = list[index]
  end
  local next_offset = offset + #page
  return page, next_offset < #list and next_offset or nil
end

-- Stored records ---------------------------------------------------------------------------------

local function keys_of(connector, kind, record)
  local keys = {}
  for _, field in ipairs(connector.indexed and connector.indexed[kind] or {}) do
    local value = connector.field_of(record, field)
    if kit.given(value) then
      keys[field] = tostring(value):lower()
    end
  end
  return keys
end

--- Stores a record with the look-up keys that its connector declares.
function kit.store(connector, records, kind, record)
  records.put(kind, tostring(record.id), record, keys_of(connector, kind, record))
  return record
end

--- Stores the seed rows of one account.
function kit.seed(connector, account, records)
  for kind, rows in pairs(connector.seed and connector.seed[account] or {}) do
    for _, row in ipairs(rows) do
      local record = connector.seed_record and connector.seed_record(kind, row, records) or row
      kit.store(connector, records, kind, record)
    end
  end
end

-- What the API asks ------------------------------------------------------------------------------

local function find_action(connector, action_id)
  for _, action in ipairs(connector.actions) do
    if action.action_id == action_id then
      return action
    end
  end
end

--- Returns the API's list of actions.
function kit.actions(connector)
  local list = json.array()
  for _, action in ipairs(connector.actions) do
    list[#list + 1] = {
      name = action.name,
      action_id = action.action_id,
      description = action.description,
      tag = action.tag,
    }
  end
  return list
end

--- Returns the effects that connectors declare where the verb of the action misleads.
function kit.effects(connector)
  local effects = {}
  for _, action in ipairs(connector.actions) do
    effects[action.action_id] = action.effect
  end
  return effects
end

--- Returns an action's schema, nil for an unknown action.
function kit.schema(connector, action_id)
  local action = find_action(connector, action_id)
  return action and action.params
end

--- Returns how an app is connected for an account: "connected", "reauth_required" or "none".
function kit.connection(connector, account)
  return connector.connections and connector.connections[account] or "connected"
end

--- Returns the API's view of an app for one account.
function kit.application(connector, account)
  local connection = kit.connection(connector, account)
  local app = {
    _id = connector.app_id,
    app_id = connector.app_id,
    name = connector.name,
    slug = connector.slug,
    icon = "https://example.com/icons/" .. connector.slug .. ".png",
    description = connector.description,
    type = connector.slug,
    auth_type = connector.auth_type,
    tags = json.array(connector.tags),
    ecosystem = false,
    auth_type_options = json.object({ [connector.auth_type] = json.array() }),
    auth_input_map = json.array(),
    reauth_required = connection == "reauth_required",
  }
  if connection ~= "none" then
    app.connected = true
    app.connected_accounts = json.array({
      {
        identifier = account .. "@" .. connector.slug,
        auth_type = connector.auth_type,
        connectedAt = "2026-01-15T09:00:00.000Z",
        status = "active",
      },
    })
  end
  return app
end

--- Returns how a linked account lists an app, nil when the app is not connected.
function kit.integration(connector, account)
  local connection = kit.connection(connector, account)
  if connection ~= "none" then
    return {
      type = connector.slug,
      name = connector.name,
      app_id = connector.app_id,
      reauth_required = connection == "reauth_required",
    }
  end
end

local function platform_error(status, kind, code, message)
  return status, { status_code = status, http_error_type = kind, error_code = code, message = message }
end

--- Executes an action and returns the HTTP status and the body of the platform's answer.
function kit.execute(connector, action_id, params, records, account)
  local action = find_action(connector, action_id)
  local connection = kit.connection(connector, account)
  if connection == "none" then
    local message = connector.name .. " is not connected for this linked account"
    return platform_error(403, "FORBIDDEN", "EXTERNAL_API_FAILURE", message)
  elseif connection == "reauth_required" then
    local message = "The connection of " .. connector.name .. " has expired, reauthentication is required"
    return platform_error(401, "UNAUTHORIZED", "EXTERNAL_API_FAILURE", message)
  end
  for _, parameter in ipairs(action.params) do
    if parameter.required and not kit.given(params[parameter.name]) then
      local message = "Required parameter '" .. parameter.name .. "' is missing"
      return platform_error(400, "BAD_REQUEST", "VALIDATION_ERROR", message)
    end
  end
  local answer = action.run(params, records)
  if getmetatable(answer) == failure then
    return 200, { node_status = "Failed", http_status = answer.status, data = answer.native }
  end
  return 200, { node_status = "Success", data = answer }
end

return kit

"""##),
    EmbeddedSource(name: "salesforce", text: ##"""
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

"""##),
  ]
}
