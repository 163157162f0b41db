// Other people's widgets, as they come from npm, in real Chromium against codebook:
// NLM's autocompleter, and WHO's Embedded Coding Tool over an invented ICD-11.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { Server, icd11Bundle } from "./server.mjs";

const installed = (name) => join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)));

let browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
});

test("NLM's autocompleter fills a field from the table", async (t) => {
  const server = await Server.start();
  t.after(() => server.stop());
  const folder = mkdtempSync(join(tmpdir(), "codebook-widget-"));
  t.after(() => rmSync(folder, { recursive: true }));
  // The package holds modules; they are put into one file and not changed.
  await build({
    entryPoints: [join(installed("autocomplete-lhc"), "source/index.js")], bundle: true, format: "iife",
    globalName: "Def", outfile: join(folder, "widget.js"), logLevel: "error",
    loader: { ".png": "dataurl", ".css": "empty" },
  });
  const page = await browser.newPage();
  t.after(() => page.close());
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.route("**/form.html", (route) => route.fulfill({
    contentType: "text/html",
    body: `<!doctype html><input id="dx"><script src="/widget.js"></script><script>
      new Def.Autocompleter.Search("dx", "/api/icd10cm/v3/search?sf=code,name&date=2026-04-01", {
        tableFormat: true, valueCols: [0, 1], colHeaders: ["Code", "Name"], sort: false });
      </script>`,
  }));
  await page.route("**/widget.js", (route) => route.fulfill({
    contentType: "text/javascript", body: readFileSync(join(folder, "widget.js"), "utf8"),
  }));
  await page.goto(`${server.address}/form.html`);
  const field = page.locator("#dx");
  await field.click();
  await field.pressSequentially("type 2 diabetes with foot", { delay: 20 });
  await page.waitForSelector("text=E11.621");
  assert.ok(asked.some((url) => url.includes("terms=type+2")), asked.join("\n"));
  const shown = await page.locator("#completionOptions, #searchResults").first().innerText();
  assert.match(shown, /E11\.621\s+Type 2 diabetes mellitus with foot ulcer/);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  assert.match(await field.inputValue(), /^E11\.621/);
  assert.deepEqual(errors, []);
});

test("WHO's Embedded Coding Tool finds and selects from another origin", async (t) => {
  const { bundle, remove } = icd11Bundle();
  t.after(remove);
  const server = await Server.start(bundle);
  t.after(() => server.stop());
  const tool = installed("@whoicd/icd11ect");
  const body = `<!doctype html><link rel="stylesheet" href="/style.css"><link rel="icon" href="data:,">
    <input type="text" class="ctw-input" autocomplete="off" data-ctw-ino="1">
    <div class="ctw-window" data-ctw-ino="1"></div><script src="/index.js"></script><script>
    window.selected = [];
    ECT.Handler.configure({ apiServerUrl: "${server.address}", apiSecured: false },
      { selectedEntityFunction: (entity) => window.selected.push(entity) });</script>`;
  const pages = createServer((request, response) => {
    const name = request.url.split("?")[0];
    const isFile = ["/index.js", "/style.css"].includes(name);
    response.setHeader("content-type", name.endsWith(".js") ? "text/javascript"
      : name.endsWith(".css") ? "text/css" : "text/html");
    response.end(isFile ? readFileSync(join(tool, name)) : body);
  });
  await new Promise((ready) => pages.listen(0, "127.0.0.1", ready));
  t.after(() => pages.close());
  const page = await browser.newPage();
  t.after(() => page.close());
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  const urls = [];
  page.on("request", (request) => urls.push(request.url()));
  await page.goto(`http://127.0.0.1:${pages.address().port}/`);
  const field = page.locator("input.ctw-input:enabled");
  await field.click();
  await field.pressSequentially("feather ro", { delay: 20 });
  await page.getByText("1A00").first().click();
  await page.waitForFunction(() => window.selected.length > 0);
  const [selected] = await page.evaluate(() => window.selected);
  assert.equal(selected.code, "1A00");
  assert.equal(selected.title, "Feather rot");
  assert.equal(selected.linearizationUri, "http://id.who.int/icd/release/11/2025-01/mms/3");
  assert.ok(urls.every((url) => !url.includes("feather")), "the words are in no address");
  assert.deepEqual(complaints, []);
});
