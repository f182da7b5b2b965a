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
