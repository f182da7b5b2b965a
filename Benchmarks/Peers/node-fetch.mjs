// POSTs one document again and again, 64 at a time, with Node's fetch; prints how many answers had the right id.
const [url, count] = [process.argv[2], Number(process.argv[3])];
const headers = { "x-api-key": "tk_benchmark_0123456789abcdef", linked_account_id: "acme", "Content-Type": "application/json" };

let [started, right] = [0, 0];
async function work() {
  while (started < count) {
    started++;
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ contact_id: "101" }) });
    if ((await response.json()).data.id === "101") right++;
  }
}
await Promise.all(Array.from({ length: 64 }, work));
console.log(right);
