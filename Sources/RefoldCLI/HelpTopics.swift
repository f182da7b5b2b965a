/// What `refold help` says about things that are no commands.
enum HelpTopics {
  static var names: String {
    let names = texts.keys.sorted().map { "'\($0)'" }
    return names.dropLast().joined(separator: ", ") + " and \(names.last ?? "")"
  }

  static let texts = [
    "projects": projects, "scripts": scripts, "exit-codes": exitCodes, "environment": environment,
    "faults": FaultOptions.help, "crashes": crashes,
  ]

  private static let crashes = """
    'refold test --crash-points' runs each script that a test runs with t.run again and again, in
    a process of its own, and kills that (SIGKILL) at each moment at which something becomes durable
    or is sent: before and after the commit of each step, of the beginning and the end of the run,
    before a write leaves, and when it was answered. Another process takes the run up until it ends.
    Then the apps' records, their ledger of writes, the values of refold.store, dead letters and the
    result have to be those of the undisturbed run. Ids and times that apps give are not compared.

    A write of unknown outcome is looked up by the resumed run. Where it cannot tell, the app's ledger
    does, as a person would; the last line says how many were found out in which way.

      --crash-points=2        only the second script that a test runs
      --crash-points=2:7      only its seventh crash point, with all that differs: what a failing one prints
      --crash-limit 50        50 crash points of each run at most, evenly spread; 1000 unless it is given
      --jobs 4                how many processes work at once

      refold test --crash-points
      refold test scripts/contacts --filter import --crash-points
    """

  private static let scripts = """
    A script is a Lua file. What it returns decides how it runs:

      return 42                                    a value is the result
      return function(input, ctx) … end            a function is called with the input
      return { input = { email = "string" },       a declared script: its input is checked first
               run = function(input, ctx) … end }

    The result is printed as JSON. The module 'refold' is there without 'require':

      refold.exec(app, action, account?, params?, opts?)   execute an action; raises an error table
      refold.try(app, action, account?, params?, opts?)    the same; returns nil, err instead
      refold.actions(app, account?)                        { { action_id, name, description, effect }, … }
      refold.schema(app, action, account?)                 { { name, label, required, type }, … }
      refold.apps(account?), refold.app(app, account?)     whether apps are connected
      refold.all(functions, opts?)                         call them at once; what they return, in order
      refold.map(list, fn, opts?)                          the same for each element, 8 at once
      refold.sleep(seconds)
      refold.base()                                        in a customer's own version: what the base script returns
      refold.config(app?)                                  the customer's data, for an app with the platform's config
      refold.store.get|set|update|delete|each              values that outlive the run; 'refold state' shows them
      refold.once(key, fn, opts?)                          call fn at most once for a key and account
      refold.account, refold.input, refold.run_id, refold.mode
      refold.null, refold.array(t), refold.object(t)       JSON's null, and tables that are [] or {}
      refold.log.debug|info|warn|error(message, fields?)   a line on standard error; print does the same

    'account' may be nil: the run's own. Error tables have kind, status, code, message, hint, app, action, account,
    retryable, retry_after, trace_id and script. 'require' finds 'json', the standard library (pages,
    ensure, mapping, sync, list, text, time, csv, validate, rules, retry, inspect, diff) and the project's own modules.
    """

  private static let projects = """
    A project is a folder with 'refold.lua' and 'scripts'; 'refold new NAME' makes one.

      scripts/contacts/upsert.lua                  the script 'contacts/upsert'
      scripts/customers/acme/contacts/upsert.lua   runs in its place for the account acme; refold.base() is the script
      scripts/customers/acme/config.lua            data of acme: refold.config() gives it

    refold.lua returns a table with any of these:

      backend = "sandbox"                          or "remote"; where actions run
      accounts = { "acme", "globex" }              what '--all-accounts' means
      budget = { calls = 100, writes = 10, output = 65536, memory = 67108864, instructions = 1000000, time = 60 }
      permissions = { read = { "hubspot" }, write = { "hubspot.update_contact" } }
      effects = { ["hubspot.merge_contacts"] = "write" }
      env = { api_key = "ACME_KEY", base_url = "…", credentials = "…", account = "…" }   variables to read in place of
                                                   REFOLD_API_KEY, REFOLD_BASE_URL, REFOLD_CREDENTIALS, REFOLD_ACCOUNT

    The folder of an account is named after its id, with what is no letter, digit or one of '-_.@+' as in a URL: a%2Fb.
    """

  private static let exitCodes = """
    0    ok
    1    the script failed, or an action that will fail again
    2    wrong usage, input or configuration
    3    'check' has found mistakes; what a plan rests on has moved
    4    the key or the connection of an app is not accepted
    5    a plan has changes ('--detailed-exitcode')
    6    some accounts failed, others did not; a plan ends before its script
    7    a limit was reached, or something is not allowed
    8    the service cannot be reached, or fails; try later
    9    a test failed, or a replay or a resumed run does something else than before
    10   the outcome of a write is unknown; look in the app before sending it again
    130  stopped by Ctrl-C
    141  nobody reads standard output any more
    """

  private static let environment = """
    REFOLD_API_KEY      the key of the Refold API; when it is set, commands run there
    REFOLD_BASE_URL     the API's address; https://app.refold.ai is the default
    REFOLD_ALLOW_HTTP   1 allows an address without TLS that is not this machine
    REFOLD_CREDENTIALS  a file with the key; refold/credentials.json in the configuration folder is the default
    REFOLD_ACCOUNT      the linked account, when '--account' is not given
    REFOLD_STATE_DIR    the folder of the databases; '.refold' is the default
    NO_COLOR            turns colour off
    HTTPS_PROXY, HTTP_PROXY, NO_PROXY
                        the way to the API
    """
}
