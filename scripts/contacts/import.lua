-- Salesforce's contacts, transformed, written into HubSpot only where it differs.
--
--   refold run scripts/contacts/import.lua
local ensure = require("ensure")
local mapping = require("mapping")
local pages = require("pages")

local fields = mapping.compile({
  fields = {
    email = { from = "Email", trim = true, case = "lower" },
    firstname = { from = "FirstName", trim = true },
    lastname = { from = "LastName", trim = true },
    phone = { from = "Phone", trim = true },
    jobtitle = { from = "Title", trim = true },
  },
})

return {
  description = "Copy contacts from Salesforce to HubSpot, writing only what differs",
  input = { limit = "integer?" },
  permissions = {
    read = { "salesforce", "hubspot" },
    write = { "hubspot.create_contact", "hubspot.update_contact" },
  },
  run = function(input)
    local counts = { read = 0, created = 0, updated = 0, unchanged = 0, skipped = 0 }
    for record in pages.each("salesforce", "get_contacts") do
      if counts.read == input.limit then
        break
      end
      counts.read = counts.read + 1
      local desired = fields.forward(record)
      if not desired.email then
        counts.skipped = counts.skipped + 1
        refold.log.warn("skipped a contact without an e-mail", { id = record.Id })
      else
        local result = ensure.record("hubspot.contact", desired)
        counts[result.action] = counts[result.action] + 1
        if result.action ~= "unchanged" then
          refold.log.info(result.action .. " " .. desired.email, { changed = result.changed })
        end
      end
    end
    return counts
  end,
}
