-- One contact by e-mail: create it, update it when a field differs, or leave it alone.
--
--   refold run scripts/contacts/upsert.lua --input '{"email":"ada@example.com","firstname":"Ada"}'
local ensure = require("ensure")

local FIELDS <const> = { "email", "firstname", "lastname", "phone", "company", "website", "jobtitle" }

return {
  description = "Create the contact, or update it when a field differs",
  input = {
    email = "string",
    firstname = "string?",
    lastname = "string?",
    phone = "string?",
    company = "string?",
    website = "string?",
    jobtitle = "string?",
  },
  permissions = {
    read = { "hubspot" },
    write = { "hubspot.create_contact", "hubspot.update_contact" },
  },
  run = function(input)
    local desired = {}
    for _, field in ipairs(FIELDS) do
      local value = input[field]
      if value ~= refold.null then
        desired[field] = value
      end
    end
    desired.email = desired.email:lower()
    return ensure.record("hubspot.contact", desired)
  end,
}
