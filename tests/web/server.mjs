// A codebook server for the page's tests: started, killed and started again on one port.

import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = process.env.CODEBOOK_BIN
  ?? new URL("../../target/debug/codebook", import.meta.url).pathname;

const caches = process.env.XDG_CACHE_HOME ?? mkdtempSync(join(tmpdir(), "codebook-web-"));

async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

export class Server {
  /** `bundle` is a folder; without one the embedded release answers. */
  static async start(bundle = null) {
    const server = new Server();
    server.bundle = bundle;
    server.port = await freePort();
    server.address = `http://127.0.0.1:${server.port}`;
    await server.again();
    return server;
  }

  async again() {
    const args = ["serve", "--listen", `127.0.0.1:${this.port}`];
    if (this.bundle) args.push("--bundle", this.bundle);
    this.process = spawn(program, args, {
      env: { ...process.env, XDG_CACHE_HOME: caches }, stdio: ["ignore", "ignore", "pipe"],
    });
    let log = "";
    await new Promise((ready, failed) => {
      this.process.stderr.on("data", (data) => {
        log += data;
        if (log.includes("serving on")) ready();
      });
      this.process.on("exit", () => failed(new Error(`the server ended: ${log}`)));
    });
  }

  async stop() {
    const ended = new Promise((done) => this.process.on("exit", done));
    this.process.kill("SIGKILL");
    await ended;
  }
}

/** A bundle of an invented ICD-11, in the columns of WHO's tabulation. */
export function icd11Bundle() {
  const folder = mkdtempSync(join(tmpdir(), "codebook-icd11-"));
  const header = ["Foundation URI", "Linearization URI", "Code", "BlockId", "Title", "ClassKind",
    "DepthInKind", "IsResidual", "ChapterNo", "BrowserLink", "isLeaf", "Primary tabulation",
    "Grouping1", "Grouping2", "Grouping3", "Grouping4", "Grouping5", "Version:2025 Jan 20 - 22:30 UTC"];
  const row = (id, code, title, kind, leaf) => [`http://id.who.int/icd/entity/${id}`,
    `http://id.who.int/icd/release/11/mms/${id}`, code, "", `"${title}"`, kind, "1", "False", "01", "",
    leaf, "", "", "", "", "", "", ""];
  const rows = [header, row(1, "", "Diseases of the plumage", "chapter", "False"),
    row(3, "1A00", "- Feather rot", "category", "True"), row(5, "1A01", "- Moult", "category", "True")];
  writeFileSync(join(folder, "mms.txt"), `\ufeff${rows.map((cells) => cells.join("\t")).join("\r\n")}\r\n`);
  const bundle = join(folder, "bundle");
  execFileSync(program, ["build", join(folder, "mms.txt"), "--out", bundle], { stdio: "ignore" });
  return { bundle, remove: () => rmSync(folder, { recursive: true }) };
}

/** A bundle whose titles would run as markup if a page took them for it. */
export function hostileBundle() {
  const folder = mkdtempSync(join(tmpdir(), "codebook-hostile-"));
  const title = "Kite <img src=x onerror=\"document.title='owned'\"> <script>document.title='owned'</script> fever";
  const row = (number, code, flag, text) =>
    `${String(number).padStart(5, "0")} ${code.padEnd(7)} ${flag} ${text.slice(0, 60).padEnd(60)} ${text}\n`;
  const escaped = title.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  writeFileSync(join(folder, "icd10cm_order_2027.txt"),
    row(1, "B01", 0, "Kites") + row(2, "B010", 1, title));
  writeFileSync(join(folder, "icd10cm_tabular_2027.xml"), `<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2027</version><chapter><name>1</name><desc>${escaped}</desc>
<section id="B00-B09"><desc>${escaped}</desc><diag><name>B01</name><desc>Kites</desc>
<diag><name>B01.0</name><desc>${escaped}</desc><inclusionTerm><note>${escaped}</note></inclusionTerm>
<excludes1><note>${escaped} (B01.0)</note></excludes1></diag></diag></section></chapter></ICD10CM.tabular>`);
  const bundle = join(folder, "bundle");
  execFileSync(program, ["build", folder, "--out", bundle], { stdio: "ignore" });
  return { bundle, remove: () => rmSync(folder, { recursive: true }) };
}
