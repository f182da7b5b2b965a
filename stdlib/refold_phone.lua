--- Telephone numbers for `text`: from what people type to E.164.
local M = {}

--- The calling codes of countries (ITU E.164), and the digits that stand before a national number within the country
--- and are left out from abroad.
local COUNTRIES <const> = {
  AT = { "43", "0" }, AU = { "61", "0" }, BE = { "32", "0" }, BG = { "359", "0" }, BR = { "55", "0" },
  CA = { "1", "1" }, CH = { "41", "0" }, CN = { "86", "0" }, CY = { "357" }, CZ = { "420" }, DE = { "49", "0" },
  DK = { "45" }, EE = { "372" }, ES = { "34" }, FI = { "358", "0" }, FR = { "33", "0" }, GB = { "44", "0" },
  GR = { "30" }, HK = { "852" }, HR = { "385", "0" }, HU = { "36", "06" }, IE = { "353", "0" },
  IL = { "972", "0" }, IN = { "91", "0" }, IS = { "354" }, IT = { "39" }, JP = { "81", "0" }, KR = { "82", "0" },
  LU = { "352" }, LV = { "371" }, MT = { "356" }, MX = { "52" }, NL = { "31", "0" }, NO = { "47" },
  NZ = { "64", "0" }, PL = { "48" }, PT = { "351" }, RO = { "40", "0" }, SE = { "46", "0" }, SG = { "65" },
  SI = { "386", "0" }, SK = { "421", "0" }, TR = { "90", "0" }, US = { "1", "1" }, ZA = { "27", "0" },
}

--- The countries that `number` knows, sorted.
M.countries = {}
for country in pairs(COUNTRIES) do
  M.countries[#M.countries + 1] = country
end
table.sort(M.countries)

--- Whether a country is known.
function M.knows(country)
  return COUNTRIES[country] ~= nil
end

--- Takes an extension off the end: `ext. 12`, `x12`, `#12`.
local function split_extension(text)
  for _, mark in ipairs({ "[eE][xX][tT]%a*%.?:?", "[xX]", "#" }) do
    local head, digits = text:match("^(.-)[%s,;]*" .. mark .. "%s*(%d+)%s*$")
    if head then
      return head, digits
    end
  end
  return text
end

--- Returns the number that follows a calling code, without what only a call within the country dials first.
local function national(digits, country)
  local prefix = COUNTRIES[country][2]
  -- North America's numbers have ten digits, so a leading 1 is a prefix only in front of ten.
  if prefix == "1" then
    return #digits == 11 and digits:sub(1, 1) == "1" and digits:sub(2) or digits
  elseif prefix and digits:sub(1, #prefix) == prefix then
    return digits:sub(#prefix + 1)
  end
  return digits
end

--- Returns a number in E.164, or nil and why it is none.
---
---@param text string
---@param country? string
---@return string? number
---@return string? extension_or_reason
function M.number(text, country)
  local body, extension = split_extension(text:gsub("^%s*[tT][eE][lL]:", ""))
  if body:find("[^%d%s%+%-%.%(%)/\xC2\xA0\xE2\x80\x90-\x95\xAF]") then
    return nil, "has characters that no telephone number has"
  end
  -- "+44 (0)20": the zero in brackets is dialled within the country only.
  local digits = body:gsub("%(0%)", body:find("^%s*%+") and "" or "0"):gsub("%D", "")
  if body:find("^%s*%+") then
    digits = digits:gsub("^0+", "")
  elseif digits:find("^00") and country ~= "US" and country ~= "CA" then
    digits = digits:sub(3)
  elseif country then
    digits = COUNTRIES[country][1] .. national(digits, country)
  else
    return nil, "has no country: it must begin with '+', or the country must be given"
  end
  if #digits < 7 then
    return nil, "is too short"
  elseif #digits > 15 then
    return nil, "is too long: E.164 allows 15 digits"
  elseif (country == "US" or country == "CA") and digits:sub(1, 1) == "1" and #digits ~= 11 then
    return nil, "is no number of North America: it must have 10 digits"
  end
  return "+" .. digits, extension
end

return M
