-- POSTs one document again and again, on 64 connections, with lua-http; prints how many answers had the right id.
-- Debian puts the pure Lua parts of lua-http into the folders of other versions.
package.path = "/usr/share/lua/5.3/?.lua;/usr/share/lua/5.3/?/init.lua;/usr/share/lua/5.2/?.lua;" .. package.path
local cqueues = require("cqueues")
local client = require("http.client")
local http_headers = require("http.headers")
local json = require("cjson")

local host, port, path, count = arg[1], tonumber(arg[2]), arg[3], tonumber(arg[4])
local started, right = 0, 0

local function call(connection)
  local body = json.encode({ contact_id = "101" })
  local headers = http_headers.new()
  headers:append(":method", "POST")
  headers:append(":scheme", "http")
  headers:append(":authority", host .. ":" .. port)
  headers:append(":path", path)
  headers:append("x-api-key", "tk_benchmark_0123456789abcdef")
  headers:append("linked_account_id", "acme")
  headers:append("content-type", "application/json")
  headers:append("content-length", tostring(#body))
  local stream = assert(connection:new_stream())
  assert(stream:write_headers(headers, false))
  assert(stream:write_chunk(body, true))
  assert(stream:get_headers())
  local answer = json.decode(assert(stream:get_body_as_string()))
  stream:shutdown()
  return answer
end

local loop = cqueues.new()
for _ = 1, 64 do
  loop:wrap(function()
    local connection = assert(client.connect({ host = host, port = port, version = 1.1 }))
    while started < count do
      started = started + 1
      if call(connection).data.id == "101" then right = right + 1 end
    end
    connection:close()
  end)
end
assert(loop:loop())
print(right)
