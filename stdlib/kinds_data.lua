--- The kinds of records and the ways of paging that `kinds` knows. Data only.
local HUBSPOT_CONTACT <const> = {
  "firstname", "lastname", "email", "phone", "company", "website", "jobtitle", "hubspot_owner_id",
}
local HUBSPOT_COMPANY <const> = { "name", "domain", "phone", "city", "industry" }
local HUBSPOT_DEAL <const> = { "dealname", "amount", "dealstage", "closedate", "pipeline" }

local function hubspot(kind, plural, key, list, known)
  local search, id = "search_" .. plural, kind .. "_id"
  return {
    name = "hubspot." .. kind,
    app = "hubspot",
    key = key,
    id = "id",
    fields = "properties",
    created = "createdAt",
    modified = "updatedAt",
    empty = "",
    compare = { email = "caseless", domain = "caseless" },
    get = { action = "get_" .. kind .. "_by_id", id = id },
    find = {
      action = search,
      params = { propertyName = "{key}", operator = "EQ", value = "{value}", limit = "100" },
      records = "results",
    },
    create = { action = "create_" .. kind, record = "id", known = known, more = "additional_fields" },
    update = { action = "update_" .. kind, id = id, known = known, more = "additional_fields" },
    delete = { action = "delete_" .. kind, id = id },
    list = { action = list },
    changes = { action = search, params = { propertyName = "lastmodifieddate", operator = "GTE", value = "{since}" } },
  }
end

--- What Salesforce answers to each write.
local SALESFORCE_ANSWER <const> = { id = "{id}", success = true, errors = refold.array({}) }

local function salesforce(kind, plural, key)
  return {
    name = "salesforce." .. kind,
    app = "salesforce",
    key = key,
    id = "Id",
    created = "CreatedDate",
    modified = "LastModifiedDate",
    compare = { Email = "caseless" },
    get = { action = "get_" .. kind .. "_by_id", id = kind .. "_id" },
    find = { action = "get_" .. plural, params = { where = "{key} = {value:soql}" }, records = "records" },
    create = { action = "create_" .. kind, record = "id", answer = SALESFORCE_ANSWER },
    update = { action = "update_" .. kind, id = kind .. "_id", answer = SALESFORCE_ANSWER },
    delete = { action = "delete_" .. kind, id = kind .. "_id", answer = SALESFORCE_ANSWER },
    list = { action = "get_" .. plural, params = { order_by = "Id" } },
    changes = {
      action = "get_" .. plural,
      params = { where = "LastModifiedDate >= {since}", order_by = "Id" },
    },
  }
end

local function netsuite(kind, key)
  local list = "get_list_of_records_" .. kind
  return {
    name = "netsuite." .. kind,
    app = "netsuite",
    key = key,
    id = "id",
    modified = "lastModifiedDate",
    compare = { email = "caseless" },
    get = { action = "get_record_" .. kind, id = "id" },
    find = { action = list, params = { q = "{key} IS {value:quoted}" }, records = "items" },
    create = { action = "create_record_" .. kind, record = "id" },
    update = { action = "update_record_" .. kind, id = "id" },
    delete = { action = "delete_record_" .. kind, id = "id" },
    list = { action = list },
  }
end

local kinds = {}
for _, kind in ipairs({
  hubspot("contact", "contacts", "email", "get_contact", HUBSPOT_CONTACT),
  hubspot("company", "companies", "domain", "get_companies", HUBSPOT_COMPANY),
  hubspot("deal", "deals", "dealname", "get_deals", HUBSPOT_DEAL),
  salesforce("contact", "contacts", "Email"),
  salesforce("account", "accounts", "Name"),
  salesforce("lead", "leads", "Email"),
  salesforce("opportunity", "opportunities", "Name"),
  netsuite("customer", "email"),
  netsuite("invoice", "tranId"),
}) do
  kinds[kind.name] = kind
end

--- Returns the paging of one action of Slack.
local function slack(action, records)
  return {
    actions = "^" .. action .. "$",
    style = "cursor",
    records = records,
    next = "response_metadata.next_cursor",
    into = "cursor",
    size = 200,
  }
end

--- By app: the first entry whose pattern fits the action counts. Sizes are the most that the apps take, or less.
local paging = {
  hubspot = {
    {
      actions = "^search_",
      style = "cursor",
      records = "results",
      next = "paging.next.after",
      into = "after",
      total = "total",
      size = 100,
    },
    {
      actions = "^get_",
      style = "cursor",
      records = "results",
      next = "paging.next.after",
      into = "after",
      size = 100,
    },
  },
  salesforce = {
    { actions = "^get_", style = "offset", records = "records", into = "offset", total = "totalSize", size = 200 },
  },
  netsuite = {
    {
      actions = "^get_list_of_records_",
      style = "offset",
      records = "items",
      into = "offset",
      more = "hasMore",
      total = "totalResults",
      size = 1000,
    },
  },
  slack = {
    slack("get_messages", "messages"),
    slack("get_channels", "channels"),
    slack("get_users", "members"),
  },
}

return { kinds = kinds, paging = paging }
