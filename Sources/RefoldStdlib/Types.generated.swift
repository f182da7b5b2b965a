// Generated from stdlib/types/ by tools/embed-stdlib. Edit the Lua files, then run it again.
// swift-format-ignore-file

extension Stdlib {
  /// Definitions for editors; nothing of them runs. Sorted by name.
  public static let types: [EmbeddedSource] = [
    EmbeddedSource(name: "json", text: ##"""
---@meta json

--- Reading and writing JSON exactly: `local json = require "json"`.
local json = {}

--- JSON's null inside of tables. It is true in conditions; compare with it: `value == json.null`.
---@type lightuserdata
json.null = nil

--- Why text is not JSON, or why a value has no JSON; `tostring(err)` is the message.
---@class json.Error
---@field code "syntax"|"encoding"|"depth"|"number"|"value"|"size"
---@field message string The place and the reason.
---@field script? string `file:line` of the call.
---@field line? integer The line of the text, from 1.
---@field column? integer The character in the line, from 1.
---@field byte_offset? integer The offset in the text, from 0.
---@field path? string The place in the value: `$.lines[3].qty`.

--- Decodes a JSON text (RFC 8259, nothing beyond it).
---
--- Objects and arrays become tables, arrays marked so that `[]` stays one; `null` becomes `json.null`. Integers of 64
--- bits stay integers, other numbers become floats. Of equal keys the last wins. Raises `json.Error`.
---@param text string
---@param opts? { big?: "string"|"float", depth?: integer, lazy?: boolean } `big`: what becomes of an integer beyond
--- 64 bits; "string" keeps its digits. `depth`: how deep arrays and objects may lie, 1 to 10000, default 1000. `lazy`:
--- arrays and objects become `json.View`s.
---@return any
function json.decode(text, opts) end

--- Encodes a value as JSON.
---
--- A table is an array when it is marked as one, or when its keys are exactly 1 to n, n at least 1; an empty table
--- without a mark is `{}`. Mixed, sparse and cyclic tables, NaN, infinity, functions, and text that is not UTF-8 raise
--- `json.Error`.
---@param value any
---@param opts? { pretty?: boolean, sort_keys?: boolean, depth?: integer } `pretty`: line breaks and two blanks a level.
---@return string
function json.encode(value, opts) end

--- A read-only view of an array or object that makes Lua values of what is touched: `view.field`, `view[1]`, `#view`,
--- `pairs` and `ipairs` work, and arrays and objects in it are views again. The whole text was checked before. `next`
--- and the functions of `table` that write need a plain table: `json.copy(view)`, or `view()`. Pays off for a few
--- fields of a large text.
---@class json.View: userdata
---@field [string|integer] any
---@operator len: integer
---@operator call: table

--- Makes a plain table of all that a view shows.
---@param view json.View
---@return table
function json.copy(view) end

--- Iterates a text with one JSON document a line, without holding more than one of them; blank lines are passed over.
---
--- ```lua
--- for record in json.lines('{"id":1}\n{"id":2}\n') do print(record.id) end  -- 1, 2
--- ```
---@param text string
---@param opts? { big?: "string"|"float", depth?: integer } As of `decode`.
---@return fun(): any # The next value; nil after the last. Raises `json.Error` with the line of the whole text.
function json.lines(text, opts) end

--- Marks a table as an array, so that it is written as `[…]` even when it is empty; makes one when it is left out.
---@generic T: table
---@param table? T
---@return T
function json.array(table) end

--- Marks a table as an object, so that it is written as `{…}` even when it is empty; makes one when it is left out.
---@generic T: table
---@param table? T
---@return T
function json.object(table) end

return json

"""##),
    EmbeddedSource(name: "refold", text: ##"""
---@meta

--- Actions of connected apps, and the facts of the run. It is there without `require`.
refold = {}

--- Why an action failed; `tostring(err)` is one readable block.
---@class refold.Error
---@field kind "transient"|"auth"|"permanent"|"budget"|"permission"|"unknown_outcome"|"cancelled"
---@field code string What to branch on beside `kind`: `reconnect_needed`, `unknown_action`, or what the API answered.
---@field message string
---@field hint? string How to fix it.
---@field status? integer The HTTP status.
---@field app? string
---@field action? string
---@field account? string
---@field retryable boolean Whether the same call may be made again.
---@field retry_after? number Seconds.
---@field trace_id? string What the platform's support asks for.
---@field script string `file:line` of the call.

---@class refold.Reply
---@field node_status? string `Success`
---@field success? boolean
---@field http_status? integer
---@field data any What the app answered.

---@class refold.Options
---@field timeout? number The seconds that this call may take.
---@field retry? boolean|integer How often the call may be made, 1 to 10; 4 unless it says otherwise, 1 for `false`.
---@field lazy? boolean Arrays and objects of the result become `json.View`s: for a few fields of a large answer.
---@field key? string A key under which you promise that repeating the call is harmless.
---@field find? fun(params: table, since: number): any How a write is looked up when a run is resumed and nobody knows
--- whether it was applied. `params`: what was sent. `since`: seconds since 1970; what the write has made was made then
--- or later. Returns what the action would have answered as `data`, or a list of all that match: one is adopted,
--- several end the run with exit code 10, nil or none means that it is not there. It only reads, maybe several times.

--- Executes an action. Raises `refold.Error`.
---@param app string The slug of the app: `hubspot`.
---@param action string The id of the action: `create_contact`.
---@param account? string nil is the run's own; another is refused.
---@param params? table<string, any> Checked against the action's schema before anything is sent.
---@param opts? refold.Options
---@return refold.Reply
function refold.exec(app, action, account, params, opts) end

--- Executes an action. Raises only for arguments that are none.
---@param app string
---@param action string
---@param account? string
---@param params? table<string, any>
---@param opts? refold.Options
---@return refold.Reply? reply
---@return refold.Error? err
function refold.try(app, action, account, params, opts) end

--- Lists the actions of an app. Raises `refold.Error`.
---@param app string
---@param account? string
---@return { action_id: string, name: string, description: string, tag?: string, effect: "read"|"write" }[]
function refold.actions(app, account) end

--- Lists the parameters of an action; keys that are not named here are kept. Raises `refold.Error`.
---@param app string
---@param action string
---@param account? string
---@return { name: string, label: string, required: boolean, type: string }[]
function refold.schema(app, action, account) end

--- Describes an app and its connection. Raises `refold.Error`.
---@param app string
---@param account? string
---@return { slug: string, name: string, connected?: boolean, reauth_required?: boolean }
function refold.app(app, account) end

--- Describes all apps and their connections. Raises `refold.Error`.
---@param account? string
---@return { slug: string, name: string, connected?: boolean, reauth_required?: boolean }[]
function refold.apps(account) end

--- Calls functions at once, and returns what they return, in their order; nil becomes `refold.null`.
---
--- The first error gives the others up and is raised here. No child outlives the call.
---@param functions (fun(): any)[]
---@param opts? { concurrency?: integer, settle?: boolean } `concurrency`: how many run at once; all unless it says
--- otherwise. `settle`: results are `{ ok, value }` or `{ ok, error }`, and no error is raised.
---@return any[]
function refold.all(functions, opts) end

--- Calls a function with each element of a list and its index, and returns what it returns, in the order of the list.
---@param list any[]
---@param fn fun(element: any, index: integer): any
---@param opts? { concurrency?: integer, settle?: boolean } As of `all`; `concurrency` is 8 unless it says otherwise.
---@return any[]
function refold.map(list, fn, opts) end

--- Waits without holding up anything else.
---@param seconds number 0 to 2592000, which is 30 days.
function refold.sleep(seconds) end

--- Does something at most once for a key and the run's account, also across scripts and processes.
---
--- Who calls while the function runs waits for its result; who calls later gets the result that it returned, as JSON
--- keeps it. When the function raises, the key may be tried again. When it was stopped in the middle, this raises a
--- `refold.Error` of the kind `unknown_outcome` with the code `once_interrupted`, until somebody has looked and
--- `refold state delete --once` allows it again.
---@generic T
---@param key string What is done, as in `welcome:ada@example.com`; 1 to 1024 bytes.
---@param fn fun(): T What it returns is kept, up to 16 MiB of JSON; only its first value counts.
---@param opts? { window?: number } `window`: the seconds after which it may be done again; never without it.
---@return T
function refold.once(key, fn, opts) end

--- Keeps a record that the script could not deal with, and the error, among the dead letters of the project.
---
--- Durable when it returns: the run may go on with the next record, or be killed. `refold dlq` shows the letters, and
--- `refold dlq retry` runs the script again with the record as `refold.input`. A run that is resumed keeps none twice;
--- in a retry, the same record is counted as one more attempt at the same letter.
---@param record any What JSON can say, up to 16 MiB; counts as output of the run. Not nil.
---@param err? any What was raised: an error table is kept with its fields, anything else as its text; without secrets.
---@return string id Such as `dl_7wad5wgf4g3snx4h5rpw`.
function refold.dead_letter(record, err) end

--- Values that outlive the run, for its account and its script. A change is durable when the call returns.
refold.store = {}

--- Returns the value of a key; nil when it has none.
---@param key string 1 to 1024 bytes.
---@return any
function refold.store.get(key) end

--- Sets the value of a key. Raises at the caller's line what is no JSON, with its path.
---@param key string 1 to 1024 bytes.
---@param value any Up to 16 MiB of JSON; nil removes the key.
function refold.store.set(key, value) end

--- Sets the value of a key to what a function makes of it, as if nobody else changed it meanwhile.
---@generic T
---@param key string 1 to 1024 bytes.
---@param fn fun(old: any): T Called again when another run was faster; nil removes the key.
---@return T value What the function returned last.
function refold.store.update(key, fn) end

--- Removes a key.
---@param key string 1 to 1024 bytes.
---@return boolean wasThere
function refold.store.delete(key) end

--- Returns an iterator over keys and values, in the order of the bytes of the keys; holds at most 128 values.
---@param prefix? string What the keys begin with.
---@return fun(): string?, any
function refold.store.each(prefix) end

--- Returns what the base script returns, in a customer's own version of it: `scripts/customers/ACCOUNT/NAME.lua`.
---
--- It is loaded once in a run; the same value is given from then on, and may be changed. Raises an error elsewhere.
---@return any
function refold.base() end

--- Returns the data of the run's account: `scripts/customers/ACCOUNT/config.lua`, an empty table without that file.
---
--- With an app: what counts for it. That is the platform's config of the account, `{ config_id, fields, workflows }`
--- with values by the ids of fields, and over it what the file says and what its `apps[app]` says.
--- Raises `refold.Error`.
---@param app? string The slug of the app: `hubspot`.
---@return table<string, any> # A new table with each call.
function refold.config(app) end

--- The linked account of the run.
---@type string
refold.account = nil

--- The input of the run; nil when it has none.
---@type any
refold.input = nil

--- The id of the run: `run_` and 20 letters and digits.
---@type string
refold.run_id = nil

--- How the run was started: `live`.
---@type string
refold.mode = nil

--- JSON's null.
---@type lightuserdata
refold.null = nil

--- Marks a table as a JSON array.
---@generic T: table
---@param table? T
---@return T
function refold.array(table) end

--- Marks a table as a JSON object.
---@generic T: table
---@param table? T
---@return T
function refold.object(table) end

--- Lines on standard error, with fields as JSON behind the message.
refold.log = {}

---@param message string
---@param fields? table<string, any>
function refold.log.debug(message, fields) end

---@param message string
---@param fields? table<string, any>
function refold.log.info(message, fields) end

---@param message string
---@param fields? table<string, any>
function refold.log.warn(message, fields) end

---@param message string
---@param fields? table<string, any>
function refold.log.error(message, fields) end

"""##),
    EmbeddedSource(name: "refold_files", text: #"""
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

"""#),
    EmbeddedSource(name: "test", text: #"""
---@meta test

--- Defines a test; `refold test` runs it in a state, with a sandbox and a clock of its own. Only in `*_test.lua` files.
---@class Test
---@overload fun(name: string, fn: fun(t: TestContext))
test = {}

--- Defines a test for each case, in the order of their keys.
---
--- A test is named after the case's field `name`, else after its key: `squares: 2`.
---@generic Case
---@param name string
---@param cases table<any, Case>
---@param fn fun(t: TestContext, case: Case)
function test.each(name, cases, fn) end

--- What a test says and does. Called with a dot.
---@class TestContext
local t = {}

--- Fails unless `actual == expected`. Tables are compared by identity.
---@param actual any
---@param expected any
function t.equal(actual, expected) end

--- Fails unless two values are the same, tables by what they hold. NaN is the same as itself.
---@param actual any
---@param expected any
function t.same(actual, expected) end

--- Fails unless a function raises an error; returns the error.
---@param fn fun()
---@param expected? string|table A text that the message contains, or fields that the error has.
---@return any
function t.raises(fn, expected) end

--- Fails unless a text matches a Lua pattern.
---@param text string
---@param pattern string
function t.matches(text, pattern) end

--- Fails unless a value is the same as the last time, which is kept in `__snapshots__/` beside the file.
---@param value any What JSON can say.
---@param name? string For more than one in a test.
function t.snapshot(value, name) end

--- Runs a script of the project as `refold run` does; returns its result, raises its error.
---@param script string `"contacts/upsert"` for `scripts/contacts/upsert.lua`, or a path that ends with `.lua`.
---@param input? any
---@param opts? { account?: string } `account`: another than the test's own.
---@return any
function t.run(script, input, opts) end

--- Replaces all records of a table of the sandbox.
---@param app string
---@param table_name string
---@param records table[] In the app's own shape; of HubSpot's the properties are enough. Those without an id get one.
---@param opts? { account?: string }
function t.seed(app, table_name, records, opts) end

--- Returns all records of a table of the sandbox, oldest first.
---@param app string
---@param table_name string
---@param opts? { account?: string }
---@return table[]
function t.records(app, table_name, opts) end

--- Returns a file beside the test: of `*.json` the value, of others the text.
---@param path string
---@return any
function t.fixture(path) end

--- Returns the seconds since the test began, on its own clock, which only waiting moves.
---@return number
function t.time() end

--- Lets time pass; what is due meanwhile happens.
---@param seconds number
function t.advance(seconds) end

"""#),
  ]
}
