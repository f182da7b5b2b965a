-- Initech: HubSpot holds the whole name in one property.
return {
  contacts = {
    fields = {
      firstname = false,
      lastname = { from = "full_name", to = { "FirstName", "LastName" }, split = " ", trim = true },
    },
  },
}
