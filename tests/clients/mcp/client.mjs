// Lists and calls every tool with the JavaScript SDK over HTTP: client.mjs URL

import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const date = "2026-04-01";
const calls = {
  search_codes: [{ query: "diabetic foot ulcer", date, limit: 3 }, "E11.621"],
  get_code: [{ codes: ["E11.621", "nonsense"], date, include: ["notes"] }, "foot ulcer"],
  validate_codes: [{ codes: ["E11.62", "E11.621"], date }, "header"],
  check_edits: [{ date, diagnoses: ["E11.9", "E10.9"] }, "icd_excludes1"],
  browse: [{ system: "icd10cm", code: "E11.62", date }, "E11.628"],
  list_releases: [{ date }, "icd10cm"],
};

const complaints = [];
console.warn = (...words) => complaints.push(words.join(" "));

const client = new Client({ name: "codebook-test", version: "1" });
await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2])));
const { tools } = await client.listTools();
assert.deepEqual(tools.map((tool) => tool.name).sort(), Object.keys(calls).sort());
for (const [name, [args, expected]] of Object.entries(calls)) {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(!result.isError, `${name}: ${JSON.stringify(result)}`);
  assert.ok(JSON.stringify(result.structuredContent).includes(expected), name);
  console.log(`  ${name}: ok`);
}
const { contents } = await client.readResource({ uri: "codes://icd10cm/2026/E11.9" });
assert.ok(contents[0].text.includes("without complications"));
const prompt = await client.getPrompt({ name: "code-this-note", arguments: { note: "foot ulcer" } });
assert.ok(prompt.messages[0].content.text.includes("foot ulcer"));
await client.close();
// A schema that a client does not understand would be complained of here.
assert.deepEqual(complaints, []);
console.log("  resources and prompt: ok");
