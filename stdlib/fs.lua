--- Reading the files of a project: `local fs = require "fs"`.
---
--- A path counts from the project's folder, the one with `refold.lua`, wherever the script is: `data/contacts.csv`.
--- What is outside of it, what has a name that begins with a dot, and the folders of other customers cannot be read,
--- nor can anything be written. Bytes come as they are in the file. A run that is resumed reads files as they are then.
local files = require("refold_files")
local kit = require("refold_kit")

local M = {}

local LINES_OPTIONS <const> = kit.declare({ "keep_ends:boolean" })

--- How many bytes are read at once.
local PART_BYTES <const> = 64 * 1024

--- Returns all bytes of a file, up to 64 MiB.
---
--- Raises a failure with `code` `file_not_found`, `file_refused`, `file_too_large` or `file_failed`.
---
---@param path string
---@return string
function M.read(path)
  kit.expect("fs.read", "argument 1", path, "string")
  return (files.read(path))
end

--- Returns an iterator of the lines of a file, which may be of any size: a part of it is read at a time.
---
--- A line ends with LF or CR LF, which is cut off; the last one needs no end. Raises as `fs.read`, also `file_changed`
--- when the file becomes another one while it is read.
---
---@param path string
---@param opts? { keep_ends?: boolean } `keep_ends`: leaves the ends of the lines there, as `csv.rows` wants them.
---@return fun(): string?
function M.lines(path, opts)
  kit.expect("fs.lines", "argument 1", path, "string")
  local keeps_ends = kit.options("fs.lines", opts, LINES_OPTIONS).keep_ends
  -- The first part is read now, so that a file that is not there fails at this call.
  local part, version = files.read(path, 0, PART_BYTES)
  local offset, from = #part, 1

  local function read_part()
    part = files.read(path, offset, PART_BYTES, version)
    offset, from = offset + #part, 1
    return part ~= ""
  end

  return function()
    local begun
    while true do
      local last = part:find("\n", from, true)
      local piece = part:sub(from, last)
      from = last and last + 1 or #part + 1
      if last or begun then
        begun = begun or {}
        begun[#begun + 1] = piece
      elseif piece ~= "" then
        begun = { piece }
      end
      if last or not read_part() then
        break
      end
    end
    local line = begun and table.concat(begun)
    if line and not keeps_ends then
      line = line:gsub("\r?\n$", "")
    end
    return line
  end
end

return M
