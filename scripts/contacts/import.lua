-- A page of Salesforce contacts, transformed, written into HubSpot only where it differs.
--
--   refold run scripts/contacts/import.lua
local hubspot = require("contacts.hubspot")

--- Returns nil for null and for blank text, else the text without blanks around it.
local function clean(value)
  if value == nil or value == refold.null then
    return nil
  end
  local text = tostring(value):match("^%s*(.-)%s*$")
  return text ~= "" and text or nil
end

--- Turns a Salesforce contact into HubSpot's fields.
local function transform(record)
  local email = clean(record.Email)
  return {
    email = email and email:lower(),
    firstname = clean(record.FirstName),
    lastname = clean(record.LastName),
    phone = clean(record.Phone),
    jobtitle = clean(record.Title),
  }
end

return {
  description = "Copy contacts from Salesforce to HubSpot, writing only what differs",
  input = { limit = "integer?" },
  permissions = {
    read = { "salesforce", "hubspot" },
    write = { "hubspot.create_contact", "hubspot.update_contact" },
  },
  run = function(input)
    local page = refold.exec("salesforce", "get_contacts", nil, { limit = tostring(input.limit or 50) })
    local counts = { read = 0, created = 0, updated = 0, unchanged = 0, skipped = 0 }
    for _, record in ipairs(page.data.records) do
      counts.read = counts.read + 1
      local desired = transform(record)
      if not desired.email then
        counts.skipped = counts.skipped + 1
        refold.log.warn("skipped a contact without an e-mail", { id = record.Id })
      else
        local result = hubspot.upsert(desired)
        counts[result.action] = counts[result.action] + 1
        if result.action ~= "unchanged" then
          refold.log.info(result.action .. " " .. desired.email, { changed = result.changed })
        end
      end
    end
    return counts
  end,
}
