--- Slack's channels, users and messages in the shapes of its Web API.
local kit = ...

local connector = {
  slug = "slack",
  name = "Slack",
  description = "Messages for teams",
  app_id = "64f0a1b2c3d4e5f600000004",
  auth_type = "oauth2",
  tags = { "Communication" },
  envelope = "http_status",
  kinds = { "channels", "users", "messages" },
  indexed = { users = { "email" }, messages = { "channel" } },
}

function connector.field_of(record, field)
  if field == "email" then
    return record.profile and record.profile.email
  end
  return record[field]
end

function connector.complete_row(kind, row, number)
  if kind ~= "messages" then
    row.id = row.id or tostring(number())
    return
  end
  row.type = row.type or "message"
  row.ts = row.ts or ("1768901400.%06d"):format(number())
  row.id = row.id or tostring(row.channel) .. ":" .. row.ts
end

-- Native answers ---------------------------------------------------------------------------------

--- Slack answers with status 200 even when it refuses.
local function refusal(code)
  return kit.failure(200, { ok = false, error = code })
end

local function without(record, ...)
  for _, name in ipairs({ ... }) do
    record[name] = nil
  end
  return record
end

--- Returns one page; the cursor is the offset of the next one, empty text after the last.
local function page_of(list, params, default)
  local offset = 0
  if kit.given(params.cursor) then
    offset = math.tointeger(tonumber(tostring(params.cursor):match("^offset:(%d+)$")))
    if not offset then
      return nil
    end
  end
  local page, next_offset = kit.page(list, offset, kit.whole(params.limit, default, 1000))
  return page, { next_cursor = next_offset and "offset:" .. next_offset or "" }
end

--- Finds a channel by its id or its name, with or without `#`.
local function channel_of(records, text)
  local name = tostring(text):gsub("^#", "")
  for _, channel in ipairs(records.all("channels")) do
    if channel.id == text or channel.name == name then
      return channel
    end
  end
end

-- Operations -------------------------------------------------------------------------------------

local function get_channels(params, records)
  local page, metadata = page_of(records.all("channels"), params, 100)
  if not page then
    return refusal("invalid_cursor")
  end
  return { ok = true, channels = page, response_metadata = metadata }
end

local function get_users(params, records)
  local page, metadata = page_of(records.all("users"), params, 100)
  if not page then
    return refusal("invalid_cursor")
  end
  return { ok = true, members = page, response_metadata = metadata }
end

local function find_user_by_email(params, records)
  local user = records.find("users", "email", tostring(params.email):lower())[1]
  return user and { ok = true, user = user } or refusal("users_not_found")
end

--- The newest message comes first, as in Slack.
local function get_messages(params, records)
  local channel = channel_of(records, params.channel)
  if not channel then
    return refusal("channel_not_found")
  end
  local found = records.find("messages", "channel", channel.id:lower())
  table.sort(found, function(left, right)
    return left.ts > right.ts
  end)
  if kit.given(params.oldest) then
    found = kit.filter(found, function(message)
      return message.ts >= tostring(params.oldest)
    end)
  end
  local page, metadata = page_of(found, params, 100)
  if not page then
    return refusal("invalid_cursor")
  end
  for _, message in ipairs(page) do
    without(message, "id", "channel")
  end
  return { ok = true, messages = page, has_more = metadata.next_cursor ~= "", response_metadata = metadata }
end

local function send_message(params, records)
  local channel = channel_of(records, params.channel)
  if not channel then
    return refusal("channel_not_found")
  elseif tostring(params.text):match("^%s*$") then
    return refusal("no_text")
  end
  local ts = ("%d.%06d"):format(kit.epoch(records.now()), records.next("messages"))
  local message = { type = "message", user = "U0BOT", text = tostring(params.text), ts = ts }
  if kit.given(params.thread_ts) then
    message.thread_ts = tostring(params.thread_ts)
  end
  local stored = { id = channel.id .. ":" .. ts, channel = channel.id }
  for name, value in pairs(message) do
    stored[name] = value
  end
  kit.store(connector, records, "messages", stored)
  return { ok = true, channel = channel.id, ts = ts, message = message }
end

--- Finds a stored message by the `channel` and `ts` of an action.
local function message_of(params, records)
  local channel = channel_of(records, params.channel)
  if not channel then
    return nil, refusal("channel_not_found")
  end
  local message = records.get("messages", channel.id .. ":" .. tostring(params.ts))
  return message, not message and refusal("message_not_found") or nil
end

local function update_message(params, records)
  local message, problem = message_of(params, records)
  if not message then
    return problem
  end
  message.text = tostring(params.text)
  kit.store(connector, records, "messages", message)
  return { ok = true, channel = message.channel, ts = message.ts, text = message.text }
end

local function delete_message(params, records)
  local message, problem = message_of(params, records)
  if not message then
    return problem
  end
  records.delete("messages", message.id)
  return { ok = true, channel = message.channel, ts = message.ts }
end

-- Actions ----------------------------------------------------------------------------------------

connector.actions = {
  kit.http_request(function()
    return { ok = false, error = "not_implemented" }
  end),
  kit.action(
    "send_message", "Send Message", "Send a message to a channel, by its id or its name",
    kit.params("channel*", "text*:textarea", "thread_ts"), send_message
  ),
  kit.action(
    "update_message", "Update Message", "Change the text of a message",
    kit.params("channel*", "ts*", "text*:textarea"), update_message
  ),
  kit.action(
    "delete_message", "Delete Message", "Delete a message",
    kit.params("channel*", "ts*"), delete_message
  ),
  kit.action(
    "get_messages", "Get Messages", "List the messages of a channel, the newest first",
    kit.params("channel*", "limit", "cursor", "oldest"), get_messages
  ),
  kit.action(
    "get_channels", "Get Channels", "List the channels page by page",
    kit.params("limit", "cursor"), get_channels
  ),
  kit.action(
    "get_users", "Get Users", "List the members page by page",
    kit.params("limit", "cursor"), get_users
  ),
  kit.action(
    "find_user_by_email", "Find User by Email", "Find a member by e-mail address",
    kit.params("email*"), find_user_by_email
  ),
}

-- Seed rows --------------------------------------------------------------------------------------

local function user(id, name, email)
  return { id = id, name = name, deleted = false, is_bot = false, profile = { real_name = name, email = email } }
end

local function message(channel, ts, author, text)
  return { id = channel .. ":" .. ts, channel = channel, type = "message", user = author, text = text, ts = ts }
end

connector.seed = {
  ["demo-user-1"] = {
    channels = {
      { id = "C0GENERAL", name = "general", is_private = false, is_archived = false, num_members = 3 },
      { id = "C0SALES", name = "sales", is_private = false, is_archived = false, num_members = 2 },
      { id = "C0FINANCE", name = "finance", is_private = true, is_archived = false, num_members = 2 },
    },
    users = {
      user("U0ADA", "Ada Lovelace", "ada.lovelace@example.com"),
      user("U0GRACE", "Grace Hopper", "grace.hopper@example.com"),
      user("U0ALAN", "Alan Kay", "alan.kay@example.com"),
    },
    messages = {
      message("C0GENERAL", "1768901400.000100", "U0ADA", "Good morning"),
      message("C0GENERAL", "1768901460.000200", "U0GRACE", "Good morning, Ada"),
      message("C0SALES", "1768905000.000300", "U0ALAN", "The maintenance contract is out for signature"),
      message("C0FINANCE", "1768908600.000400", "U0GRACE", "Invoice INV-703 is overdue"),
    },
  },
  acme = {
    channels = { { id = "C0ACME", name = "general", is_private = false, is_archived = false, num_members = 1 } },
    users = { user("U0WILE", "Wile Coyote", "wile@acme.example.com") },
  },
}

return connector
