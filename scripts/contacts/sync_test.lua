-- Each customer's contacts, on a sandbox of its own: what a first run does, and that the second one is quiet.

local QUIET <const> = { source = 0, target = 0 }

--- Makes contacts of both apps. Ids are `h1` … and `s1` …; Salesforce's fields have their own names.
local function seed(t, account, hubspot, salesforce)
  local left, right = {}, {}
  for index, properties in ipairs(hubspot) do
    left[index] = { id = "h" .. index, properties = properties }
  end
  for index, record in ipairs(salesforce) do
    record.Id = "s" .. index
    right[index] = record
  end
  t.seed("hubspot", "contacts", left, { account = account })
  t.seed("salesforce", "contacts", right, { account = account })
end

--- Returns the fields of a contact of an app by its e-mail address.
local function contact(t, app, account, email)
  for _, record in ipairs(t.records(app, "contacts", { account = account })) do
    local fields = record.properties or record
    if (fields.email or fields.Email) == email then
      return fields
    end
  end
end

local function sync(t, account, input)
  return t.run("contacts/sync", input, { account = account })
end

test("without a config the base is what counts", function(t)
  seed(t, "nobody", { { email = "ada@example.com", firstname = "Ada", jobtitle = "Countess" } }, {
    { Email = "alan@example.com", LastName = "Turing" },
  })
  local first = sync(t, "nobody")
  t.equal(first.created, 2)
  t.equal(contact(t, "salesforce", "nobody", "ada@example.com").Title, "Countess")
  t.equal(contact(t, "salesforce", "nobody", "ada@example.com").LastName, "(unknown)")
  t.equal(contact(t, "hubspot", "nobody", "alan@example.com").lastname, "Turing")
  t.same(sync(t, "nobody").writes, QUIET)
  t.same(sync(t, "nobody", { full = true }).writes, QUIET)
end)

test("acme: phones in one form, titles as Salesforce has them", function(t)
  seed(t, "acme", {
    { email = "bob@example.com", lastname = "Bell", phone = "202 555 0102", jobtitle = "Clerk" },
  }, { { Email = "Bob@example.com", LastName = "Bell", Title = "Director" } })
  t.equal(sync(t, "acme").updated, 1)
  t.equal(contact(t, "hubspot", "acme", "bob@example.com").jobtitle, "Director")
  t.equal(contact(t, "salesforce", "acme", "Bob@example.com").Phone, "+12025550102")
  t.same(sync(t, "acme").writes, QUIET)
  t.same(sync(t, "acme", { full = true }).writes, QUIET)
end)

--- Changes fields of the only contact that an app has.
local function change(t, app, account, changes)
  local record = t.records(app, "contacts", { account = account })[1]
  for name, value in pairs(changes) do
    (record.properties or record)[name] = value
  end
  t.seed(app, "contacts", { record }, { account = account })
end

test("acme: a change on each side reaches the other, and then all is quiet", function(t)
  seed(t, "acme", { { email = "bob@example.com", lastname = "Bell", phone = "202 555 0102" } }, {})
  sync(t, "acme")
  change(t, "hubspot", "acme", { firstname = "Bob", phone = "(202) 555-0103" })
  change(t, "salesforce", "acme", { LastName = "Bellamy" })
  t.same(sync(t, "acme").writes, { source = 1, target = 1 })
  local left = contact(t, "hubspot", "acme", "bob@example.com")
  local right = contact(t, "salesforce", "acme", "bob@example.com")
  t.same({ left.firstname, left.lastname, left.phone }, { "Bob", "Bellamy", "(202) 555-0103" })
  t.same({ right.FirstName, right.LastName, right.Phone }, { "Bob", "Bellamy", "+12025550103" })
  t.same(sync(t, "acme").writes, QUIET)
  t.same(sync(t, "acme", { full = true }).writes, QUIET)
end)

test("hooli: properties of their own, and deletions on both sides", function(t)
  seed(t, "hooli", {
    { email = "gavin@example.com", lastname = "Belson", hooli_position = "exec", mobilephone = "+1 650 555 0101" },
    { email = "jack@example.com", lastname = "Barker", hooli_position = "Advisor", phone = "650 555 0102" },
  }, {})
  t.equal(sync(t, "hooli").created, 2)
  local gavin = contact(t, "salesforce", "hooli", "gavin@example.com")
  t.same({ gavin.Title, gavin.Phone }, { "Executive", "+16505550101" })
  t.equal(contact(t, "salesforce", "hooli", "jack@example.com").Title, "Advisor")
  t.same(sync(t, "hooli").writes, QUIET)
  local kept = t.records("hubspot", "contacts", { account = "hooli" })[1]
  t.seed("hubspot", "contacts", { { id = kept.id, properties = kept.properties } }, { account = "hooli" })
  t.equal(sync(t, "hooli").deleted, 1)
  t.equal(#t.records("salesforce", "contacts", { account = "hooli" }), 1)
  t.same(sync(t, "hooli").writes, QUIET)
end)

test("initech: customers only, with one property for the name", function(t)
  seed(t, "initech", {
    { email = "peter@example.com", full_name = "Peter Gibbons", lifecyclestage = "customer" },
    { email = "milton@example.com", full_name = "Milton Waddams", lifecyclestage = "lead" },
  }, { { Email = "bill@example.com", LastName = "Lumbergh" } })
  t.equal(sync(t, "initech").created, 1)
  local peter = contact(t, "salesforce", "initech", "peter@example.com")
  t.same({ peter.FirstName, peter.LastName }, { "Peter", "Gibbons" })
  t.equal(contact(t, "salesforce", "initech", "milton@example.com"), nil)
  t.equal(contact(t, "hubspot", "initech", "bill@example.com"), nil)
  t.same(sync(t, "initech").writes, QUIET)
end)

test("globex: an expired connection ends the run, and says what to do", function(t)
  t.raises(function()
    sync(t, "globex")
  end, { kind = "auth", code = "reconnect_needed", app = "hubspot" })
end)
