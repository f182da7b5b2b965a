-- Acme: phone numbers in one form everywhere, and Salesforce decides on job titles.
return {
  contacts = {
    fields = {
      phone = { as = "phone", country = "+1" },
    },
    options = {
      owner = { jobtitle = "target" },
    },
  },
}
