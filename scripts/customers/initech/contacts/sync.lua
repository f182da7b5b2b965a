-- Initech: only HubSpot contacts that are customers go to Salesforce, and Salesforce's own stay where they are.
local kinds = require("kinds")

local base = refold.base()

local customers = kinds.with("hubspot.contact", {
  list = {
    action = "search_contacts",
    params = { propertyName = "lifecyclestage", operator = "EQ", value = "customer" },
  },
  -- All customers are listed each time: a search takes one property, so it cannot ask for changes, too.
  changes = false,
})

base.sides = { customers, "salesforce.contact" }

local settings = base.settings

function base.settings(config, input)
  local options = settings(config, input)
  options.creates = "target"
  return options
end

return base
