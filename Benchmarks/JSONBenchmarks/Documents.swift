/// The documents that are measured: made by the same seed each time, so the same in each run.
enum Documents {
  /// A page of 100 contacts as HubSpot gives them, about 58 KB.
  static func page() -> String {
    var random = Random(seed: 42)
    let contacts = (0..<100).map { contact($0, &random) }.joined(separator: ",")
    return #"{"results":[\#(contacts)],"paging":{"next":{"after":"10003700","#
      + #""link":"https://api.hubapi.com/crm/v3/objects/contacts?after=10003700&limit=100"}}}"#
  }

  /// An array of records with numbers of all kinds, about 5 MB.
  static func large() -> String {
    var random = Random(seed: 7)
    var records: [String] = []
    var size = 0
    while size < 5_000_000 {
      let text = record(records.count, &random)
      size += text.utf8.count + 1
      records.append(text)
    }
    return "[" + records.joined(separator: ",") + "]"
  }

  /// One object of about 300 bytes.
  static func small() -> String {
    #"{"id":"10000037","properties":{"email":"ada.lovelace@example.com","firstname":"Ada","#
      + #""lastname":"Lovelace","lifecyclestage":"customer","hs_lead_status":null,"score":42,"ratio":0.125},"#
      + #""createdAt":"2024-01-02T03:04:05.678Z","updatedAt":"2024-06-07T08:09:10.111Z","archived":false,"#
      + #""tags":["a","b"]}"#
  }

  private static let firstNames = [
    "Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Ken", "Margaret", "Radia", "Zoë",
    "Łukasz",
  ]
  private static let lastNames = [
    "Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Perlman", "O'Brien", "Müller",
    "García",
  ]

  private static func contact(_ index: Int, _ random: inout Random) -> String {
    let (first, last) = (random.pick(firstNames), random.pick(lastNames))
    let id = String(10_000_000 + index * 37)
    let company = random.pick([
      "Acme, Inc.", #"Globex \"West\""#, "Initech", "Umbrella", "Hooli / XYZ",
    ])
    let status = random.pick(["null", #""NEW""#, #""OPEN""#, #""IN_PROGRESS""#])
    let title = random.pick(["null", #""Engineer""#, #""VP of Sales""#, #""CTO""#])
    let deals = random.pick(["null", #""0""#, #""1""#, #""12""#])
    return #"{"id":"\#(id)","properties":{"createdate":"\#(random.time())","#
      + #""email":"\#(first.lowercased()).\#(last.lowercased())\#(index)@example.com","firstname":"\#(first)","#
      + #""hs_object_id":"\#(id)","lastmodifieddate":"\#(random.time())","lastname":"\#(last)","#
      + #""phone":"+1 (555) \#(random.below(900) + 100)-\#(random.below(9000) + 1000)","company":"\#(company)","#
      + #""lifecyclestage":"\#(random.pick(["lead", "customer", "subscriber", "opportunity"]))","#
      + #""hs_lead_status":\#(status),"jobtitle":\#(title),"num_associated_deals":\#(deals),"#
      + #""website":"https://www.example\#(index).com/path"},"createdAt":"\#(random.time())","#
      + #""updatedAt":"\#(random.time())","archived":false,"#
      + #""url":"https://app.hubspot.com/contacts/123456/record/0-1/\#(id)"}"#
  }

  private static func record(_ index: Int, _ random: inout Random) -> String {
    let note = random.pick([
      "null", #""""#, #""line1\nline2""#,
      #""plain text note that is a bit longer than forty bytes in total length""#,
    ])
    let tags = random.pick([
      #"["red","vip","eu"]"#, #"["green","new","us"]"#, #"["blue","churned","vip"]"#,
    ])
    return #"{"id":\#(index),"uuid":"\#(random.hexadecimal(32))","#
      + #""name":"\#(random.pick(firstNames)) \#(random.pick(lastNames))","#
      + #""amount":\#(Double(random.below(10_000_000)) / 100),"score":\#(random.fraction()),"#
      + #""active":\#(random.below(2) == 0),"tags":\#(tags),"#
      + #""geo":{"lat":\#(Double(random.below(180_000_000)) / 1e6 - 90),"#
      + #""lon":\#(Double(random.below(360_000_000)) / 1e6 - 180)},"note":\#(note),"#
      + #""count":\#(random.below(1 << 40))}"#
  }
}

/// Random values that are the same in each run.
private struct Random {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  // SplitMix64, from Steele, Lea and Flood: Fast splittable pseudorandom number generators (2014).
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func pick(_ choices: [String]) -> String { choices[below(choices.count)] }

  mutating func hexadecimal(_ count: Int) -> String {
    String((0..<count).map { _ in Character(String(below(16), radix: 16)) })
  }

  mutating func time() -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
    return "20\(two(18 + below(7)))-\(two(1 + below(12)))-\(two(1 + below(28)))T"
      + "\(two(below(24))):\(two(below(60))):\(two(below(60))).\(100 + below(900))Z"
  }
}
