/// The files of a new project: a script, its test, and a customer for whom it is a little different.
enum ProjectTemplate {
  /// The files by their paths, with their texts.
  static let files: [(path: String, text: String)] = [
    ("refold.lua", config), ("scripts/contacts/upsert.lua", script),
    ("scripts/contacts/upsert_test.lua", test),
    ("scripts/customers/acme/config.lua", customerConfig),
    ("scripts/customers/acme/contacts/upsert.lua", override), (".gitignore", "/.refold/\n"),
  ]

  private static let config = """
    -- What all scripts of the project have in common; 'refold help projects' says more.
    return {
      backend = "sandbox",
      accounts = { "demo-user-1", "acme" },
      permissions = {
        read = { "hubspot" },
        write = { "hubspot.create_contact", "hubspot.update_contact" },
      },
    }

    """

  private static let script = """
    -- One HubSpot contact by e-mail: create it, update it when a field differs, or leave it alone.
    --
    --   refold run contacts/upsert --account acme --input '{"email":"ada@example.com","title":"Countess"}'
    local M = {
      description = "Create the contact, or update it when a field differs",
      input = { email = "string", firstname = "string?", lastname = "string?", phone = "string?" },
      permissions = {
        read = { "hubspot" },
        write = { "hubspot.create_contact", "hubspot.update_contact" },
      },
      -- HubSpot's names of the fields, by those of the input; customers may change them.
      mapping = { email = "email", firstname = "firstname", lastname = "lastname", phone = "phone" },
    }

    --- Turns the input into HubSpot's fields.
    function M.transform(input)
      local fields = { company = refold.config().company }
      for name, field in pairs(M.mapping) do
        fields[field] = input[name]
      end
      return fields
    end

    --- Returns the contact with this e-mail, or nil.
    local function find(email)
      local found = refold.exec("hubspot", "search_contacts", nil, {
        propertyName = "email",
        operator = "EQ",
        value = email,
      })
      return found.data.results[1]
    end

    function M.run(input)
      local desired = M.transform(input)
      local contact = find(input.email)
      if not contact then
        local created = refold.exec("hubspot", "create_contact", nil, desired)
        return { action = "created", id = created.data.id }
      end
      local changes = {}
      for field, value in pairs(desired) do
        if contact.properties[field] ~= value then
          changes[field] = value
        end
      end
      if next(changes) == nil then
        return { action = "unchanged", id = contact.id }
      end
      changes.contact_id = contact.id
      local updated = refold.exec("hubspot", "update_contact", nil, changes)
      return { action = "updated", id = updated.data.id }
    end

    return M

    """

  private static let test = """
    local ADA <const> = { email = "ada@example.com", firstname = "Ada", phone = "1" }

    test("creates a contact, then leaves it alone", function(t)
      t.seed("hubspot", "contacts", {})
      t.equal(t.run("contacts/upsert", ADA).action, "created")
      t.equal(t.run("contacts/upsert", ADA).action, "unchanged")
      t.equal(t.records("hubspot", "contacts")[1].properties.phone, "1")
    end)

    test("updates a field that differs", function(t)
      t.seed("hubspot", "contacts", { { email = "ada@example.com", firstname = "Augusta" } })
      t.equal(t.run("contacts/upsert", ADA).action, "updated")
      t.equal(t.records("hubspot", "contacts")[1].properties.firstname, "Ada")
    end)

    test("takes a title and a company for acme", function(t)
      local acme = { account = "acme" }
      t.seed("hubspot", "contacts", {}, acme)
      t.run("contacts/upsert", { email = "ada@example.com", title = "Countess" }, acme)
      local contact = t.records("hubspot", "contacts", acme)[1].properties
      t.equal(contact.jobtitle, "Countess")
      t.equal(contact.company, "Acme Corporation")
    end)

    """

  private static let customerConfig = """
    -- What is different for acme, as data: scripts read it with refold.config().
    return {
      company = "Acme Corporation",
    }

    """

  private static let override = """
    -- acme sends titles too; everything else is as in the base script.
    local base = refold.base()

    base.input.title = "string?"
    base.mapping.title = "jobtitle"

    return base

    """
}
