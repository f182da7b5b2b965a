-- Globex: no phone numbers in Salesforce, and when both sides changed something, HubSpot is right.
return {
  contacts = {
    fields = {
      phone = false,
    },
    options = {
      conflicts = "source",
    },
  },
}
