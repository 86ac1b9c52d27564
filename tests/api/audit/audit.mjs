// Holds the server at the given URL to GraphQL over HTTP: one line of JSON an audit, then the sum.
import { serverAudits } from "graphql-http";

const [url] = process.argv.slice(2);
const audits = serverAudits({ url, fetchFn: fetch });
let passed = 0;
for (const { id, name, fn } of audits) {
  const { status, reason } = await fn();
  passed += status === "ok";
  console.log(JSON.stringify({ id, name, status, reason }));
}
console.log(`${passed} of ${audits.length} audits pass`);
