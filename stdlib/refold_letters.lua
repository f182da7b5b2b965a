--- Letters beyond ASCII for `text` and `rules`: upper and lower case, and their plain forms.
---
--- Covers Latin (U+00C0 to U+017F), Greek and Cyrillic; other scripts stay as they are.
local M = {}

local char <const> = utf8.char

local upper_of, lower_of = {}, {}

local function pair(upper, lower)
  upper_of[char(lower)] = char(upper)
  lower_of[char(upper)] = char(lower)
end

--- Adds the letters from `first` to `last`, whose lower case lies `distance` behind.
local function add_range(first, last, distance)
  for code = first, last do
    pair(code, code + distance)
  end
end

--- Adds letters that stand in pairs, upper case first.
local function add_pairs(first, last)
  for code = first, last, 2 do
    pair(code, code + 1)
  end
end

add_range(0xC0, 0xD6, 32)
add_range(0xD8, 0xDE, 32)
add_pairs(0x100, 0x12E)
add_pairs(0x132, 0x136)
add_pairs(0x139, 0x147)
add_pairs(0x14A, 0x176)
add_pairs(0x179, 0x17D)
pair(0x178, 0xFF)
pair(0x386, 0x3AC)
add_range(0x388, 0x38A, 37)
pair(0x38C, 0x3CC)
add_range(0x38E, 0x38F, 63)
add_range(0x391, 0x3A1, 32)
add_range(0x3A3, 0x3AB, 32)
add_range(0x400, 0x40F, 80)
add_range(0x410, 0x42F, 32)
add_pairs(0x490, 0x490)
lower_of["İ"] = "i"
upper_of["ı"] = "I"
upper_of["ß"] = "SS"
upper_of["ſ"] = "S"
upper_of["ς"] = "Σ"

--- The letters of Latin that have a plain form, by that form.
local PLAIN <const> = {
  A = "ÀÁÂÃÄÅĀĂĄ", AE = "Æ", C = "ÇĆĈĊČ", D = "ÐĎĐ", E = "ÈÉÊËĒĔĖĘĚ", G = "ĜĞĠĢ", H = "ĤĦ", I = "ÌÍÎÏĨĪĬĮİ", IJ = "Ĳ",
  J = "Ĵ", K = "Ķ", L = "ĹĻĽĿŁ", N = "ÑŃŅŇŊ", O = "ÒÓÔÕÖØŌŎŐ", OE = "Œ", R = "ŔŖŘ", S = "ŚŜŞŠ", T = "ŢŤŦ", TH = "Þ",
  U = "ÙÚÛÜŨŪŬŮŰŲ", W = "Ŵ", Y = "ÝŶŸ", Z = "ŹŻŽ",
}

local plain_of = { ["ß"] = "ss", ["ı"] = "i", ["ĸ"] = "k", ["ŉ"] = "n", ["ſ"] = "s", ["ẞ"] = "SS" }

for plain, letters in pairs(PLAIN) do
  for letter in letters:gmatch(utf8.charpattern) do
    plain_of[letter] = plain
    plain_of[lower_of[letter]] = plain:lower()
  end
end
plain_of["i"] = nil

--- The letters with which UTF-8 writes what the tables hold: two bytes, or three for `ẞ`.
local LETTER <const> = "[\xC3-\xD2\xE1][\x80-\xBF]+"

--- Returns a text in lower case.
---
---@param text string
---@return string
function M.lower(text)
  text = text:lower()
  if text:find("[\x80-\xFF]") then
    text = text:gsub(LETTER, lower_of)
  end
  return text
end

--- Returns a text in upper case; `ß` becomes `SS`.
---
---@param text string
---@return string
function M.upper(text)
  text = text:upper()
  if text:find("[\x80-\xFF]") then
    text = text:gsub(LETTER, upper_of)
  end
  return text
end

--- Returns a text with the plain forms of Latin letters: `Ł` becomes `L`, `ß` becomes `ss`.
---
---@param text string
---@return string
function M.plain(text)
  if text:find("[\x80-\xFF]") then
    -- Accents that stand as characters of their own behind their letter.
    text = text:gsub(LETTER, plain_of):gsub("\xCC[\x80-\xBF]", ""):gsub("\xCD[\x80-\xAF]", "")
  end
  return text
end

return M
