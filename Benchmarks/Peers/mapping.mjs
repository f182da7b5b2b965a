// The mapping of Benchmarks/RefoldBenchmarks/MappingBenchmarks.swift in Node: 12 fields with conversions, 1000 records.
//
// usage: node mapping.mjs check      prints what becomes of the records, keys sorted, as JSON text in a JSON string
//        node mapping.mjs data N     maps all records N times with the mapping as data; prints the processor seconds
//        node mapping.mjs hand N     the same with a function written by hand for these fields

const NAMES = { lead: "Open", customer: "Closed", other: "Nurturing" };
const TRUE = { true: true, yes: true, 1: true, false: false, no: false, 0: false };

function toNumber(value) {
  const text = typeof value === "string" ? value.replace(/[\s,']/g, "") : value;
  const number = Number(text);
  if (text === "" || Number.isNaN(number)) throw new Error(`'${value}' is no number`);
  return number;
}

function toBoolean(value) {
  const found = TRUE[String(value).toLowerCase()];
  if (found === undefined) throw new Error(`'${value}' is neither true nor false`);
  return found;
}

function toDate(value) {
  const time = new Date(value);
  if (Number.isNaN(time.getTime())) throw new Error(`'${value}' is no date`);
  return time.toISOString().slice(0, 10);
}

function toPhone(value) {
  let digits = String(value).replace(/[^\d+]/g, "");
  if (digits.startsWith("00")) digits = "+" + digits.slice(2);
  else if (!digits.startsWith("+")) digits = "+44" + digits.replace(/^0/, "");
  if (!/^\+[1-9]\d{6,14}$/.test(digits)) throw new Error(`'${value}' is no phone number`);
  return digits;
}

const trim = (value) => (typeof value === "string" ? value.trim() : value);
const lower = (value) => value.toLowerCase();
const status = (value) => NAMES[value] ?? fail(value);

function fail(value) {
  throw new Error(`'${value}' is none of the values`);
}

// One row a field: where from, where to, what is done, and what an empty one becomes.
const FIELDS = [
  { from: "email", to: ["Email"], steps: [trim, lower], required: true },
  { from: "firstname", to: ["FirstName"], steps: [trim] },
  { from: "lastname", to: ["LastName"], steps: [trim], required: true },
  { from: "phone", to: ["Phone"], steps: [toPhone] },
  { from: "company", to: ["Account", "Name"], steps: [], otherwise: "unknown" },
  { from: "jobtitle", to: ["Title"], steps: [] },
  { from: "lifecycle", to: ["Status"], steps: [status] },
  { from: "revenue", to: ["Revenue"], steps: [toNumber] },
  { from: "optin", to: ["OptIn"], steps: [toBoolean] },
  { from: "created", to: ["CreatedOn"], steps: [toDate] },
  { from: "city", to: ["City"], steps: [] },
  { to: ["Source"], constant: "HubSpot" },
];

const isEmpty = (value) => value === undefined || value === null || value === "";

function valueOf(field, record) {
  if (field.constant !== undefined) return field.constant;
  let value = record[field.from];
  for (const step of isEmpty(value) ? [] : field.steps) value = step(value);
  if (!isEmpty(value)) return value;
  if (field.required) throw new Error(`${field.from} is missing`);
  return field.otherwise;
}

function withData(record) {
  const out = {};
  for (const field of FIELDS) {
    const value = valueOf(field, record);
    if (value === undefined) continue;
    let place = out;
    for (let index = 0; index < field.to.length - 1; index++) place = place[field.to[index]] ??= {};
    place[field.to[field.to.length - 1]] = value;
  }
  return out;
}

function byHand(record) {
  const email = record.email?.trim();
  const lastname = record.lastname?.trim();
  if (!email || !lastname) throw new Error("a field is missing");
  return {
    Email: email.toLowerCase(), FirstName: record.firstname?.trim() || undefined, LastName: lastname,
    Phone: isEmpty(record.phone) ? undefined : toPhone(record.phone), Account: { Name: record.company || "unknown" },
    Title: record.jobtitle || undefined, Status: isEmpty(record.lifecycle) ? undefined : status(record.lifecycle),
    Revenue: isEmpty(record.revenue) ? undefined : toNumber(record.revenue),
    OptIn: isEmpty(record.optin) ? undefined : toBoolean(record.optin),
    CreatedOn: isEmpty(record.created) ? undefined : toDate(record.created), City: record.city || undefined,
    Source: "HubSpot",
  };
}

const records = Array.from({ length: 1000 }, (_, index) => {
  const number = index + 1;
  return {
    email: ` Ada${number}@Example.com`, firstname: "Ada", lastname: `Lovelace ${number}`,
    phone: `+44 20 7946 ${1000 + number}`, company: number % 3 === 0 ? "" : "Engines", jobtitle: "Engineer",
    lifecycle: number % 2 === 0 ? "lead" : "customer", revenue: `${number}.5`,
    optin: number % 2 === 0 ? "true" : "false", created: "2026-01-20T10:00:00.000Z", city: "London",
  };
});

function sorted(value) {
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

const [mode, rounds] = [process.argv[2], Number(process.argv[3])];
if (mode === "check") {
  const [one, other] = [withData, byHand].map((map) => JSON.stringify(records.map((record) => sorted(map(record)))));
  console.log(one === other ? JSON.stringify(one) : "the two in Node differ");
} else {
  const map = mode === "hand" ? byHand : withData;
  let last;
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) for (const record of records) last = map(record);
  const used = process.cpuUsage(before);
  console.log(last.Email === "ada1000@example.com" ? (used.user + used.system) / 1e6 : "wrong");
}
