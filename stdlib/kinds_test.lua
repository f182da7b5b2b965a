local kinds = require("kinds")

test("every kind that is there is whole, and its actions exist", function(t)
  t.equal(#kinds.names(), 9)
  for _, name in ipairs(kinds.names()) do
    local kind = kinds.get(name)
    t.equal(kind.name, name)
    -- With a copy, the kind is checked as one of a script's own would be.
    t.equal(kinds.with(kind, {}).app, kind.app)
    for _, part in ipairs({ "get", "find", "create", "update", "delete", "list" }) do
      local schema = refold.schema(kind.app, kind[part].action)
      local known = {}
      for _, parameter in ipairs(schema) do
        known[parameter.name] = true
      end
      for parameter in pairs(kind[part].params or {}) do
        t.equal(parameter .. " " .. tostring(known[parameter]), parameter .. " true")
      end
      for _, parameter in ipairs(kind[part].known or {}) do
        t.equal(parameter .. " " .. tostring(known[parameter]), parameter .. " true")
      end
    end
    t.equal(kinds.paging(kind.app, kind.list.action).records ~= nil, true)
  end
end)

test("an unknown action has no paging", function(t)
  t.equal(kinds.paging("hubspot", "create_contact"), nil)
  t.equal(kinds.paging("acme", "get_things"), nil)
end)

test.each("templates are filled", {
  { "{key} = {value:soql}", "Name = 'O\\'Hara\\\\'", value = "O'Hara\\" },
  { "{key} IS {value:quoted}", 'Name IS "a b"', value = "a b" },
  { "{value}", "7", value = 7 },
  { "{other} {value}", "{other} x", value = "x" },
}, function(t, case)
  t.same(kinds.params({ q = case[1], limit = 5 }, { key = "Name", value = case.value }), { q = case[2], limit = 5 })
end)

test("a value that its quotes cannot hold is an error", function(t)
  t.raises(function()
    kinds.params({ q = "{value:quoted}" }, { value = 'a"b' })
  end, { code = "unsearchable_value", hint = "look the record up by another field" })
end)

test("misuse is told at the caller's line", function(t)
  for text, fn in pairs({
    ["kinds.get: no kind 'hubspot.contacts' (did you mean 'hubspot.contact'?)"] = function()
      kinds.get("hubspot.contacts")
    end,
    ["kinds.get: no kind 'zendesk.ticket' (kinds.names() lists them; or pass a table)"] = function()
      kinds.get("zendesk.ticket")
    end,
    ["kinds.get: a kind is its name or a table, but is an integer"] = function()
      kinds.get(7)
    end,
    ["kinds.with: kind 'hubspot.contact': unknown field 'kee' (did you mean 'key'?)"] = function()
      kinds.with("hubspot.contact", { kee = "email" })
    end,
    ["kinds.with: kind 'hubspot.contact': 'get' must be a table or a function, but is a string"] = function()
      kinds.with("hubspot.contact", { get = "get_contact" })
    end,
  }) do
    t.matches(tostring(t.raises(fn, text)), "kinds_test.lua")
  end
end)
