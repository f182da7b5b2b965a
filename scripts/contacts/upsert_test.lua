local ADA <const> = { email = "ada@example.com", firstname = "Ada" }

test("creates a contact that is not there", function(t)
  t.seed("hubspot", "contacts", {})
  local result = t.run("contacts/upsert", ADA)
  t.equal(result.action, "created")
  t.equal(t.records("hubspot", "contacts")[1].properties.firstname, "Ada")
end)

test("writes only the fields that differ", function(t)
  t.seed("hubspot", "contacts", { ADA })
  local result = t.run("contacts/upsert", { email = "ada@example.com", firstname = "Augusta" })
  t.same(result.changed, { "firstname" })
  t.equal(t.records("hubspot", "contacts")[1].properties.firstname, "Augusta")
end)

test("leaves a contact alone that is as it should be", function(t)
  t.seed("hubspot", "contacts", { ADA })
  local before = t.records("hubspot", "contacts")
  t.equal(t.run("contacts/upsert", ADA).action, "unchanged")
  t.same(t.records("hubspot", "contacts"), before)
end)

test("needs an e-mail address", function(t)
  t.raises(function()
    t.run("contacts/upsert", { firstname = "Ada" })
  end, "input field 'email' is missing")
end)
