// The page in real Chromium, over the release that ships with the program.
//
//   cargo build && cd tests/web && npm ci && npm test
//
// CODEBOOK_BIN names another program.
//
// SHOTS=folder keeps screenshots of every view, to be looked at.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { Server, hostileBundle } from "./server.mjs";

const AXE = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const DATE = "2026-05-04";

let browser;
let server;

before(async () => {
  server = await Server.start();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Opens the page and fails on anything that the browser complains of. */
async function open(t, { width = 1280, height = 900, dark = false, address = server.address, hash = "" } = {}) {
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme: dark ? "dark" : "light",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") page.complaints.push(message.text());
  });
  page.on("pageerror", (error) => page.complaints.push(error.message));
  t.after(async () => {
    await context.close();
    assert.deepEqual(page.complaints, []);
  });
  await page.goto(`${address}/${hash}`);
  await page.waitForSelector(".stamp");
  return page;
}

async function type(page, text) {
  await page.locator("#q").fill("");
  await page.locator("#q").pressSequentially(text);
  await answered(page, text);
}

/** Waits until the list stands for what is in the box. */
async function answered(page) {
  await page.waitForLoadState("networkidle");
  await page.waitForSelector(".result");
}

const first = (page) => page.locator(".result .code").first().innerText();
const title = (page) => page.locator("#book-title").innerText();

test("typing, choosing and reading with the keyboard alone", async (t) => {
  const page = await open(t);
  await page.keyboard.type("type 2 diabetes with foot ulcer");
  await answered(page);
  assert.equal(await first(page), "E11.621");
  assert.match(await page.locator(".result").first().innerText(), /Billable/);
  await page.keyboard.press("ArrowDown");
  const second = await page.locator(".result .code").nth(1).innerText();
  assert.equal(await page.locator("[aria-selected=true] .code").innerText(), second);
  assert.equal(await page.locator("#q").getAttribute("aria-activedescendant"), "result-1");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#book-title");
  assert.match(await title(page), /^E11\.621\s+Type 2 diabetes mellitus with foot ulcer/);
  await page.keyboard.press("c");
  await page.waitForFunction(() => document.getElementById("toast").textContent.includes("E11.621"));
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "E11.621");
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#q").inputValue(), "");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#book").isHidden(), true);
});

test("the address holds code and day, and never the query", async (t) => {
  const page = await open(t);
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await type(page, "sprain right ankle");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#book-title");
  assert.match(page.url(), /#icd10cm\/S93\.4[0-9A-Z]*\/\d{4}-\d{2}-\d{2}$/);
  for (const url of [page.url(), ...asked]) assert.doesNotMatch(url, /sprain|ankle/);
  assert.ok(asked.some((url) => url.endsWith("/v1/search")));
});

test("a link in an Excludes1 note leads to its code, and back goes back", async (t) => {
  const page = await open(t, { hash: `#icd10cm/E11.9/${DATE}` });
  await page.waitForSelector("#book-title");
  await page.locator(".kind-excludes1 a", { hasText: "E10" }).first().click();
  await page.waitForFunction(() => document.getElementById("book-title").textContent.startsWith("E10 "));
  assert.match(await page.locator(".lacking").innerText(), /needs/);
  await page.goBack();
  await page.waitForFunction(() => document.getElementById("book-title").textContent.startsWith("E11.9"));
});

test("the day decides the release, on the page and in the answers", async (t) => {
  const page = await open(t);
  await page.locator("#date").fill(DATE);
  await page.waitForFunction(() => document.getElementById("release").textContent.includes("2026"));
  const of2026 = await page.locator("#release").innerText();
  await page.locator("#date").fill("2025-05-05");
  await page.waitForFunction(() => document.getElementById("release").textContent.includes("2025"));
  assert.notEqual(await page.locator("#release").innerText(), of2026);
  await type(page, "E11.9");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#book-title");
  assert.match(page.url(), /2025-05-05$/);
  assert.match(await page.locator("#book footer").innerText(), /2025/);
});

test("seventh characters complete a header", async (t) => {
  const page = await open(t, { hash: `#icd10cm/S52.501/${DATE}` });
  await page.waitForSelector("#book-title");
  assert.match(await page.locator(".lacking").innerText(), /needs 1 more character/);
  await page.locator("table a", { hasText: "S52.501A" }).click();
  await page.waitForFunction(() => document.getElementById("book-title").textContent.startsWith("S52.501A"));
  assert.match(await page.locator(".marks").innerText(), /Billable/);
});

test("an unknown code offers those like it", async (t) => {
  const page = await open(t, { hash: `#icd10cm/E11.99/${DATE}` });
  await page.waitForSelector("#book-title");
  assert.match(await page.locator("#book").innerText(), /Codes like it/);
  page.complaints.length = 0; // The browser reports the 404 itself.
});

test("what was read, corrected and denied is told", async (t) => {
  const page = await open(t);
  await type(page, "choleraa, no fever ");
  assert.match(await page.locator("#reading").innerText(), /corrected choleraa → cholera/);
  assert.match(await page.locator("#reading").innerText(), /not searched: fever/);
});

test("a stale answer never replaces a newer one", async (t) => {
  const page = await open(t);
  await page.route("**/v1/search", async (route) => {
    const slow = route.request().postDataJSON().q === "c";
    if (slow) await new Promise((done) => setTimeout(done, 600));
    await route.continue();
  });
  await page.locator("#q").pressSequentially("cholera");
  await page.waitForFunction(() => document.querySelector(".result .code")?.textContent.startsWith("A00"));
  await page.waitForTimeout(800);
  assert.match(await first(page), /^A00/);
});

test("more results follow the first page", async (t) => {
  const page = await open(t);
  await type(page, "fracture of radius");
  assert.equal(await page.locator(".result").count(), 20);
  await page.locator("#more").click();
  await page.waitForFunction(() => document.querySelectorAll(".result").length === 40);
});

test("a server that goes is said to be gone, and found again", async (t) => {
  const page = await open(t);
  await type(page, "asthma");
  await server.stop();
  await page.locator("#q").pressSequentially(" mild");
  await page.waitForSelector("#trouble:not([hidden])");
  assert.match(await page.locator("#trouble").innerText(), /does not answer/);
  assert.ok(await page.locator(".result").count() > 0, "the old results stay");
  await server.again();
  await page.locator("#trouble-retry").click();
  await page.waitForSelector("#trouble", { state: "hidden" });
  await page.waitForFunction(() => document.querySelector(".result .title")?.textContent.includes("ild"));
  page.complaints.length = 0; // The browser reports refused connections itself.
});

test("texts that look like markup stay texts", async (t) => {
  const { bundle, remove } = hostileBundle();
  const hostile = await Server.start(bundle);
  t.after(async () => {
    await hostile.stop();
    remove();
  });
  const page = await open(t, { address: hostile.address });
  await type(page, "kite fever");
  assert.match(await page.locator(".result").first().innerText(), /<img src=x/);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#book-title");
  assert.match(await page.locator("#book").innerText(), /<script>/);
  assert.equal(await page.locator("main img, main script").count(), 0);
  assert.doesNotMatch(await page.title(), /^owned/);
});

for (const dark of [false, true]) {
  for (const width of [320, 768, 1440, 3840]) {
    const name = `${dark ? "dark" : "light"}-${width}`;
    test(`views fit and are accessible: ${name}`, async (t) => {
      const page = await open(t, { width, dark });
      await view(page, `${name}-start`);
      await type(page, "htn with ckd stage 3");
      await view(page, `${name}-results`);
      await page.keyboard.press("Enter");
      await page.waitForSelector("#book-title");
      await view(page, `${name}-book`);
      if (width > 320) {
        await page.keyboard.press("?");
        await view(page, `${name}-keys`);
      }
    });
  }
}

/** No sideways scrolling, no finding of axe; a screenshot where one is wanted. */
async function view(page, name) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes[0].html}`), [], name);
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`) });
}

test("an answer is painted soon after a key", async (t) => {
  const page = await open(t);
  await page.evaluate(() => {
    globalThis.times = [];
    const box = document.getElementById("q");
    let start = 0;
    box.addEventListener("input", () => { start = performance.now(); }, true);
    new MutationObserver(() => requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => { if (start) globalThis.times.push(performance.now() - start); };
      channel.port2.postMessage(0);
    })).observe(document.getElementById("results"), { childList: true });
  });
  for (const text of ["type 2 diabetes with foot ulcer", "sprain of right ankle", "copd exacerbation"]) {
    await page.locator("#q").fill("");
    await page.locator("#q").pressSequentially(text, { delay: 60 });
  }
  await page.waitForLoadState("networkidle");
  const times = (await page.evaluate(() => globalThis.times)).sort((a, b) => a - b);
  const at = (share) => times[Math.floor((times.length - 1) * share)].toFixed(1);
  t.diagnostic(`key to paint, ${times.length} keys: median ${at(0.5)} ms, p95 ${at(0.95)} ms`);
  assert.ok(times.length > 20);
});
