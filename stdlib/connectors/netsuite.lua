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
