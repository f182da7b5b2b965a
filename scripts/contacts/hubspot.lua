--- One HubSpot contact by e-mail: look it up, see what differs, write only that.
local M = {}

--- Returns the contact with this e-mail, or nil.
---
---@param email string
---@return table? # `{ id, properties, … }` as HubSpot gives it. Raises `refold.Error`, and an error when several match.
function M.find(email)
  local found = refold.exec("hubspot", "search_contacts", nil, {
    propertyName = "email",
    operator = "EQ",
    value = email,
  })
  local results = found.data.results
  if #results > 1 then
    error({
      code = "several_matches",
      message = #results .. " HubSpot contacts have the e-mail '" .. email .. "'",
      hint = "merge them in HubSpot, then run again",
    })
  end
  return results[1]
end

--- Returns the desired fields that the contact does not have yet. Its other fields are not looked at.
---
---@param properties table<string, any> What HubSpot holds.
---@param desired table<string, any> What it shall hold. A field that is nil is left alone.
---@return table<string, any> changes
---@return string[] names The changed fields, sorted.
function M.difference(properties, desired)
  local changes, names = {}, {}
  for field, value in pairs(desired) do
    local current = properties[field]
    if current == nil or current == refold.null then
      current = ""
    end
    if tostring(current) ~= tostring(value) then
      changes[field] = value
      names[#names + 1] = field
    end
  end
  table.sort(names)
  return changes, names
end

--- Creates the contact, updates the fields that differ, or leaves it alone.
---
---@param desired table<string, any> The fields to own; `email` is the key.
---@return { action: "created"|"updated"|"unchanged", id: string, changed: string[] }
function M.upsert(desired)
  local contact = M.find(desired.email)
  if not contact then
    local created = refold.exec("hubspot", "create_contact", nil, desired)
    return { action = "created", id = created.data.id, changed = refold.array({}) }
  end
  local changes, names = M.difference(contact.properties, desired)
  if #names == 0 then
    return { action = "unchanged", id = contact.id, changed = refold.array({}) }
  end
  changes.contact_id = contact.id
  refold.exec("hubspot", "update_contact", nil, changes)
  return { action = "updated", id = contact.id, changed = names }
end

return M
