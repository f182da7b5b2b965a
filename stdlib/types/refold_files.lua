---@meta refold_files

--- The host's part of `fs`, which says what can be read. Scripts use `fs`.
local files = {}

--- Returns bytes of a file of the project, and which version of it they are of.
---@param path string
---@param offset? integer From 0; all bytes without it.
---@param count? integer
---@param version? string Raises `file_changed` when the file is another one now.
---@return string bytes None behind the end.
---@return string version
function files.read(path, offset, count, version) end

return files
