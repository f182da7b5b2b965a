-- HubSpot's and Salesforce's contacts, kept alike: what changes on one side reaches the other.
--
--   refold run scripts/contacts/sync.lua --account acme
--
-- What is different for a customer stands in scripts/customers/ACCOUNT/config.lua, under `contacts`: `fields` are laid
-- over those below, and `options` are those of `sync.two_way`. A script of the customer's own can replace functions of
-- this one: see scripts/customers/initech/contacts/sync.lua.
local mapping = require("mapping")
local sync = require("sync")

local M = {
  description = "Keep the contacts of HubSpot and Salesforce alike",
  input = { full = "boolean?" },
  permissions = {
    read = { "hubspot", "salesforce" },
    write = {
      "hubspot.create_contact", "hubspot.update_contact", "hubspot.delete_contact",
      "salesforce.create_contact", "salesforce.update_contact", "salesforce.delete_contact",
    },
  },
}

-- From HubSpot to Salesforce, and back.
M.mapping = {
  fields = {
    email = { to = "Email", trim = true, case = "lower" },
    firstname = { to = "FirstName", trim = true },
    lastname = { to = "LastName", trim = true, default = "(unknown)" },
    phone = { to = "Phone", trim = true, clear = true },
    jobtitle = { to = "Title", trim = true, most = 128 },
  },
}

M.options = { conflicts = "newest", deletes = "ignore" }

--- The records that take part, HubSpot's first: names of kinds, or kinds.
M.sides = { "hubspot.contact", "salesforce.contact" }

--- Returns the options of the sync for a customer.
---
---@param config table What the customer's config has under `contacts`.
---@param input { full?: boolean }
function M.settings(config, input)
  local options = {}
  for _, source in ipairs({ M.options, config.options or {} }) do
    for name, value in pairs(source) do
      options[name] = value
    end
  end
  options.mapping = mapping.compile(mapping.overlay(M.mapping, { fields = config.fields }))
  options.full = input.full
  options.each = M.tell
  return options
end

--- Logs what happens to a record.
function M.tell(entry)
  if entry.action == "skipped" then
    refold.log.warn(("skipped %s contact %s: %s"):format(entry.side, entry.id, entry.reason))
  else
    refold.log.info(("%s %s contact %s"):format(entry.action, entry.side, entry.id), { changed = entry.changed })
  end
end

function M.run(input)
  local config = refold.config().contacts or {}
  return sync.two_way(M.sides[1], M.sides[2], M.settings(config, input or {}))
end

return M
