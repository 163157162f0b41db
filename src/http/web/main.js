// The page: one search box, a list that follows it, and the book beside it.

import * as api from "./api.js";
import { codeView, problemView } from "./book.js";
import { codeHash, days, el, systemName } from "./dom.js";
import { Results } from "./results.js";

const find = (id) => document.getElementById(id);
const box = find("q");
const dateField = find("date");
const book = find("book");
const billable = find("billable");
const system = find("system");
const results = new Results(find("results"), box, (result) => openCode(result.system, result.code));

/** What the page stands for now. `next` is the cursor of the page below. */
const state = { date: localDay(), code: null, next: null, asked: null, systems: [] };

// ---- the day of service -----------------------------------------------------------------

function localDay() {
  const now = new Date();
  const two = (number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

function setDate(date) {
  state.date = date;
  dateField.value = date;
  find("today").hidden = date === localDay();
}

function dateChanged(date) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || date === state.date) return;
  setDate(date);
  showReleases();
  requestSearch(true);
  if (state.code) {
    history.replaceState(null, "", codeHash(state.code.system, state.code.code, date));
    loadCode(false);
  }
}

async function showReleases() {
  const date = state.date;
  try {
    const answer = await api.releases(date);
    if (date !== state.date) return;
    showSystems([...new Set(answer.releases.map((release) => release.system))]);
    const answering = answer.releases.filter((release) => release.answers);
    find("release").replaceChildren(...answering.map((release) => el("span",
      { class: release.in_force ? "stamp" : "stamp outside" },
      el("strong", {}, `${systemName(release.system)} ${release.version}`), " ",
      standing(release, date))));
    works();
  } catch (error) {
    troubled(error, showReleases);
  }
}

/** How a release stands to a day: in force, ended before it, or not yet begun. */
function standing(release, date) {
  const [begins, ends] = release.effective;
  if (release.in_force) return `in force ${days(release.effective)}`;
  return begins > date ? `begins only on ${begins}` : `ended on ${ends}, not in force`;
}

function showSystems(systems) {
  state.systems = systems;
  find("system-field").hidden = systems.length < 2;
  const chosen = system.value;
  system.replaceChildren(el("option", { value: "" }, "All"),
    ...systems.map((id) => el("option", { value: id }, systemName(id))));
  system.value = systems.includes(chosen) ? chosen : "";
}

// ---- searching --------------------------------------------------------------------------

/** One request is under way at most; while it is, only the newest question waits. */
let underWay = false;
let waiting = null;
let sequence = 0;

function question() {
  const body = { q: box.value, date: state.date, mode: "complete", limit: 20 };
  if (billable.checked) body.billable = true;
  if (system.value) body.system = system.value;
  return body;
}

function requestSearch(again = false) {
  const asked = question();
  const key = JSON.stringify(asked);
  if (!again && key === state.asked) return;
  state.asked = key;
  sequence += 1;
  if (!asked.q.trim()) {
    waiting = null;
    showNothing();
    return;
  }
  waiting = { asked, sequence };
  sendWaiting();
}

async function sendWaiting() {
  if (underWay || !waiting) return;
  const { asked, sequence: mine } = waiting;
  waiting = null;
  underWay = true;
  try {
    const answer = await api.search(asked);
    if (mine === sequence) showAnswer(answer);
    works();
  } catch (error) {
    if (mine === sequence) searchFailed(error);
  } finally {
    underWay = false;
    sendWaiting();
  }
}

function searchFailed(error) {
  if (error instanceof api.Problem) {
    showNothing();
    find("start").hidden = true;
    find("count").textContent = `${error.message}.`;
    return;
  }
  troubled(error, () => requestSearch(true));
}

function showNothing() {
  results.show([], false);
  find("reading").hidden = true;
  find("count").textContent = "";
  find("more").hidden = true;
  find("start").hidden = false;
  state.next = null;
}

function showAnswer(answer) {
  find("start").hidden = true;
  results.show(answer.results, state.systems.length > 1 && !system.value);
  state.next = answer.next;
  find("more").hidden = !answer.next;
  const total = answer.total_exact ? String(answer.total) : `more than ${answer.total}`;
  find("count").textContent = answer.total === 0 ? "No code found. Try fewer or other words."
    : answer.total === 1 ? "1 code" : `${total} codes`;
  showReading(answer.query);
}

function showReading(query) {
  const parts = [];
  for (const change of query.corrected) {
    parts.push(el("span", {}, "corrected ", el("s", {}, change.from), " → ", el("b", {}, change.to)));
  }
  for (const change of query.expanded) {
    if (change.to.startsWith(change.from) && change.source !== "clipped") continue;
    parts.push(el("span", {}, "read ", el("i", {}, change.from), " as ", el("b", {}, change.to)));
  }
  if (query.negated.length) {
    parts.push(el("span", {}, "denied, not searched: ", el("s", {}, query.negated.join(", "))));
  }
  const line = find("reading");
  line.replaceChildren(...parts);
  line.hidden = parts.length === 0;
}

async function showMore() {
  const mine = sequence;
  try {
    const answer = await api.search({ ...question(), cursor: state.next });
    if (mine !== sequence) return;
    const start = results.results.length;
    results.add(answer.results);
    results.choose(start);
    state.next = answer.next;
    find("more").hidden = !answer.next;
    works();
  } catch (error) {
    if (mine !== sequence) return;
    // The data was replaced meanwhile: the first page is the place to go on from.
    if (error instanceof api.Problem) requestSearch(true);
    else troubled(error, showMore);
  }
}

// ---- the book ---------------------------------------------------------------------------

function openCode(of, code) {
  const hash = codeHash(of, code, state.date);
  if (location.hash === hash) loadCode(true);
  else location.hash = hash;
}

/** Follows the address: `#icd10cm/E11.621/2026-10-01`. */
function followHash() {
  const [of, code, date] = location.hash.slice(1).split("/");
  if (!of || !code) {
    closeBook();
    return;
  }
  if (date && /^\d{4}-\d{2}-\d{2}$/.test(date) && date !== state.date) {
    setDate(date);
    showReleases();
    requestSearch(true);
  }
  let text = code;
  try {
    text = decodeURIComponent(code);
  } catch {
    // A broken address is asked for as it is and found to be no code.
  }
  state.code = { system: of, code: text };
  loadCode(true);
}

async function loadCode(focus) {
  const { system: of, code } = state.code;
  const date = state.date;
  const isCurrent = () => state.code?.code === code && state.code?.system === of && state.date === date;
  try {
    const detail = await api.code(of, code, date);
    if (!isCurrent()) return;
    document.title = `${detail.code} ${detail.display} — codebook`;
    showBook(codeView(detail, date, copyCode), focus);
    works();
  } catch (error) {
    if (!isCurrent()) return;
    if (error instanceof api.Problem) {
      document.title = `${code} — codebook`;
      showBook(problemView(of, code, error, date, dateChanged), focus);
    } else {
      troubled(error, () => loadCode(focus));
    }
  }
}

function showBook(view, focus) {
  const back = el("button", { type: "button", class: "plain back", onclick: leaveBook }, "‹ Results");
  book.replaceChildren(back, ...view);
  book.hidden = false;
  book.scrollTop = 0;
  document.body.classList.add("reading-book");
  if (focus) find("book-title")?.focus({ preventScroll: true });
}

function closeBook() {
  state.code = null;
  book.hidden = true;
  document.title = "codebook";
  document.body.classList.remove("reading-book");
}

/** Back to the search box; on a narrow screen the book makes room for the list. */
function leaveBook() {
  document.body.classList.remove("reading-book");
  box.focus();
  box.select();
}

async function copyCode(code) {
  try {
    await navigator.clipboard.writeText(code);
    toast(`Copied ${code}`);
  } catch {
    toast("This browser does not let the page copy");
  }
}

let toastTimer = null;
function toast(text) {
  find("toast").textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { find("toast").textContent = ""; }, 2500);
}

// ---- trouble ----------------------------------------------------------------------------

let retryTimer = null;
let retry = null;

/** Says what is wrong, keeps what is shown, and tries again by itself. */
function troubled(error, again) {
  if (!(error instanceof api.Unavailable)) throw error;
  retry = again;
  find("trouble-text").textContent = `${error.message} Trying again every few seconds.`;
  find("trouble").hidden = false;
  document.body.classList.add("stale");
  clearTimeout(retryTimer);
  retryTimer = setTimeout(tryAgain, error.retryAfterSeconds * 1000);
}

function tryAgain() {
  clearTimeout(retryTimer);
  const again = retry;
  retry = null;
  again?.();
}

function works() {
  if (find("trouble").hidden) return;
  clearTimeout(retryTimer);
  find("trouble").hidden = true;
  document.body.classList.remove("stale");
  const again = retry;
  retry = null;
  again?.();
}

// ---- keys and events --------------------------------------------------------------------

function isTyping(target) {
  return target instanceof HTMLElement
    && target.matches("input:not([type=checkbox]), select, textarea");
}

box.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
  if (event.key in steps) {
    event.preventDefault();
    results.move(steps[event.key]);
  } else if (event.key === "Escape") {
    event.preventDefault();
    if (box.value === "" && state.code) location.hash = "";
    box.value = "";
    requestSearch();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (find("help").open || isTyping(event.target)) return;
  if (event.key === "/") {
    event.preventDefault();
    leaveBook();
  } else if (event.key === "Escape") {
    leaveBook();
  } else if (event.key === "c") {
    const code = state.code?.code ?? results.chosen()?.code;
    if (code) copyCode(code);
  } else if (event.key === "?") {
    find("help").showModal();
  }
});

box.addEventListener("input", () => requestSearch());
find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  results.openChosen();
});
billable.addEventListener("change", () => requestSearch());
system.addEventListener("change", () => requestSearch());
dateField.addEventListener("change", () => {
  // A year that is still being typed is a day of antiquity.
  if (dateField.validity.valid) dateChanged(dateField.value);
});
find("today").addEventListener("click", () => dateChanged(localDay()));
find("more").addEventListener("click", showMore);
find("help-open").addEventListener("click", () => find("help").showModal());
find("trouble-retry").addEventListener("click", tryAgain);
window.addEventListener("hashchange", followHash);
for (const example of document.querySelectorAll(".example")) {
  example.addEventListener("click", () => {
    box.value = example.textContent;
    box.focus();
    requestSearch();
  });
}

setDate(state.date);
showReleases();
if (location.hash) followHash();
else box.focus();
