// POSTs one document again and again, 64 at a time, with Node's http module; prints how many answers had the right id.
import http from "node:http";

const [url, count] = [new URL(process.argv[2]), Number(process.argv[3])];
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const body = JSON.stringify({ contact_id: "101" });
const headers = { "x-api-key": "tk_benchmark_0123456789abcdef", linked_account_id: "acme", "Content-Type": "application/json",
  "Content-Length": Buffer.byteLength(body) };

function call() {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: "POST", agent, headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve(JSON.parse(Buffer.concat(parts).toString())));
    });
    request.on("error", reject);
    request.end(body);
  });
}

let [started, right] = [0, 0];
async function work() {
  while (started < count) {
    started++;
    if ((await call()).data.id === "101") right++;
  }
}
await Promise.all(Array.from({ length: 64 }, work));
console.log(right);
agent.destroy();
