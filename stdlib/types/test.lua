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
