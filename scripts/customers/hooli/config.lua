-- Hooli: HubSpot has properties of their own for position and mobile phone. A deleted contact goes on both sides.
return {
  contacts = {
    fields = {
      jobtitle = {
        from = "hooli_position",
        values = { eng = "Engineer", mgr = "Manager", exec = "Executive" },
        unknown = "keep",
      },
      phone = { from = { "mobilephone", "phone" }, as = "phone", country = "+1" },
    },
    options = {
      deletes = "delete",
      max_deletes = 5,
    },
  },
}
