import RefoldActions

/// An app as the types need it.
struct DescribedApp {
  /// An action with its parameters, and with what it once answered.
  struct Action {
    var id = ""
    var name = ""
    var description = ""
    var effect = ""
    var parameters: [ActionParameter] = []
    /// The type of its answer; nil when nobody asked.
    var reply: SampledType?
  }

  var slug = ""
  var name = ""
  var actions: [Action] = []

  /// Looks apps up; run as a script, like all look-ups.
  ///
  /// Takes `{ apps?, sample_all?, samples }`: slugs, whether every action may be tried out, and the actions of which one
  /// answer is wanted.
  static let code = """
    -- What a required parameter may be, for trying an action out on records that nobody owns.
    local function filled(action_id, parameters)
      local is_new = action_id:find("^create") or action_id:find("^add")
      local email = is_new and "somebody.new@example.com" or "ada.lovelace@example.com"
      local given = refold.object({})
      for _, parameter in ipairs(parameters) do
        if parameter.required then
          local name, kind = parameter.name:lower(), parameter.type
          if name == "propertyname" then given[parameter.name] = "email"
          elseif name == "operator" then given[parameter.name] = "EQ"
          elseif name == "value" or name:find("email") then given[parameter.name] = email
          elseif name:find("query") then given[parameter.name] = "SELECT Id, Name FROM Contact"
          elseif kind == "number" then given[parameter.name] = 1
          elseif kind == "boolean" then given[parameter.name] = true
          elseif kind == "json" then given[parameter.name] = refold.object({})
          else given[parameter.name] = "101" end
        end
      end
      return given
    end

    local function has_required(parameters)
      for _, parameter in ipairs(parameters) do
        if parameter.required then return true end
      end
      return false
    end

    local function describe(app, action, input)
      local full = app .. "." .. action.action_id
      local parameters = refold.schema(app, action.action_id)
      local reply
      if input.sample_all then
        reply = refold.try(app, action.action_id, nil, filled(action.action_id, parameters))
      elseif input.samples[full] then
        if action.effect ~= "read" then
          error({ code = "not_a_read", message = full .. " writes, and only actions that read are sampled",
            hint = "leave it out of '--sample'" })
        elseif has_required(parameters) then
          error({ code = "needs_parameters", message = full .. " needs parameters, so it cannot be sampled",
            hint = "leave it out of '--sample'" })
        end
        reply = refold.exec(app, action.action_id)
      end
      return {
        id = action.action_id, name = action.name, description = action.description, effect = action.effect,
        parameters = parameters, reply = reply,
      }
    end

    return function(input)
      local names, wanted = {}, {}
      for _, app in ipairs(refold.apps()) do
        names[app.slug] = app.name
        if not input.apps and (input.sample_all or app.connected) then wanted[#wanted + 1] = app.slug end
      end
      table.sort(wanted)
      local found = refold.array({})
      for _, slug in ipairs(input.apps or wanted) do
        local actions = refold.map(refold.actions(slug), function(action)
          return describe(slug, action, input)
        end, { concurrency = input.sample_all and 1 or 8 })
        found[#found + 1] = { slug = slug, name = names[slug] or slug, actions = actions }
      end
      return found
    end
    """

  /// Reads what ``code`` answers.
  static func list(_ json: [UInt8]) throws(JSONScanError) -> [DescribedApp] {
    var apps: [DescribedApp] = []
    var scanner = JSONScanner(json)
    try scanner.elements { (scanner) throws(JSONScanError) in
      var app = DescribedApp()
      try scanner.members { (key, scanner) throws(JSONScanError) in
        switch key {
        case "slug": app.slug = try scanner.string() ?? ""
        case "name": app.name = try scanner.string() ?? ""
        case "actions":
          try scanner.elements { (scanner) throws(JSONScanError) in
            app.actions.append(try Self.action(&scanner, json))
          }
        default: break
        }
      }
      apps.append(app)
    }
    return apps
  }

  private static func action(
    _ scanner: inout JSONScanner, _ json: [UInt8]
  ) throws(JSONScanError) -> Action {
    var action = Action()
    try scanner.members { (key, scanner) throws(JSONScanError) in
      switch key {
      case "id": action.id = try scanner.string() ?? ""
      case "name": action.name = try scanner.string() ?? ""
      case "description": action.description = try scanner.string() ?? ""
      case "effect": action.effect = try scanner.string() ?? ""
      case "parameters":
        let start = scanner.offset
        try scanner.skipValue()
        action.parameters = try ActionParameter.list(in: Array(json[start..<scanner.offset]))
      case "reply": action.reply = try SampledType(&scanner)
      default: break
      }
    }
    return action
  }
}
