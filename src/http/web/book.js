// The code book: one code with its place, notes, seventh characters and history.

import { billableMark, characters, codeHash, days, el, systemName } from "./dom.js";

const NOTES = {
  includes: "Includes", excludes1: "Excludes1 — not coded here",
  excludes2: "Excludes2 — not included here", code_first: "Code first",
  use_additional: "Use additional code", code_also: "Code also", note: "Note",
  seventh: "Seventh character",
};

const NAMES = { index: "Index", table: "Table", synonym: "Also called", short_title: "Short title" };

const CHANGES = {
  none: "Unchanged", added: "Added", revised: "Revised", deleted: "Deleted",
  became_header: "Became a header", became_billable: "Became billable",
};

/** The view of a code as `GET /v1/codes` tells it; `copy` is called with a code's text. */
export function codeView(detail, date, copy) {
  const link = (code, ...text) =>
    el("a", { class: "code", href: codeHash(detail.system, code, date) }, ...(text.length ? text : [code]));
  return [
    place(detail, link),
    el("header", { class: "head" },
      el("h2", { tabindex: "-1", id: "book-title" },
        el("span", { class: "code" }, detail.code), " ", el("span", {}, detail.display)),
      el("p", { class: "marks" },
        billableMark(detail.billable, detail.needs),
        el("button", { type: "button", class: "copy", onclick: () => copy(detail.code) },
          "Copy code ", el("kbd", {}, "c")),
        el("button", { type: "button", class: "plain print", onclick: () => window.print() }, "Print"),
      ),
    ),
    detail.billable ? null : lacking(detail),
    children(detail, link),
    seventh(detail, link),
    section("Inclusion terms", detail.inclusion_terms.length
      ? el("ul", { class: "terms" }, detail.inclusion_terms.map((term) => el("li", {}, term.text)))
      : null),
    notes(detail, link),
    names(detail),
    history(detail),
    provenance(detail),
  ].filter((node) => node !== null);
}

/** What to say when a code has no view: it is unknown, or of other releases. */
export function problemView(system, code, problem, date, goTo) {
  const body = problem.body ?? {};
  const view = [
    el("header", { class: "head" }, el("h2", { tabindex: "-1", id: "book-title" },
      el("span", { class: "code" }, code))),
    el("p", { class: "lacking" }, sentence(problem.message)),
  ];
  if (body.valid_in?.length) {
    view.push(section("Releases with this code", el("ul", { class: "children" },
      body.valid_in.map((release) => el("li", {},
        el("button", { type: "button", class: "plain", onclick: () => goTo(release.effective[0]) },
          `${systemName(system)} ${release.version}, ${days(release.effective)}`))))));
  }
  if (body.nearest?.length) {
    view.push(section("Codes like it", el("ul", { class: "children" },
      body.nearest.map((near) => el("li", {},
        el("a", { class: "code", href: codeHash(system, near.code, date) }, near.code),
        el("span", { class: "what" }, near.display), billableMark(near.billable))))));
  }
  return view;
}

function sentence(text) {
  const one = text.charAt(0).toUpperCase() + text.slice(1);
  return one.endsWith(".") ? one : `${one}.`;
}

function section(title, ...content) {
  const shown = content.filter((node) => node !== null);
  return shown.length ? el("section", {}, el("h3", {}, title), ...shown) : null;
}

/** Chapter, section and the codes above, one step deeper each, as a book indents them. */
function place(detail, link) {
  const steps = [];
  if (detail.chapter) {
    steps.push(el("li", {}, el("span", { class: "where" }, `Chapter ${detail.chapter.code}`), " ",
      detail.chapter.display));
  }
  if (detail.section) {
    steps.push(el("li", {}, el("span", { class: "where" }, detail.section.code), " ",
      detail.section.display));
  }
  for (const parent of detail.parents) {
    steps.push(el("li", {}, link(parent.code), " ", parent.display));
  }
  return el("nav", { class: "place", "aria-label": "Place in the book" }, el("ol", {}, steps));
}

function lacking(detail) {
  if (!detail.needs) return null;
  return el("p", { class: "lacking" },
    `Not billable: this is a header and needs ${characters(detail.needs)}.`);
}

/** Whether all that is missing below a code is its seventh character. */
function lacksOnlySeventh(detail) {
  return detail.children.every((child) => child.code.replace(".", "").length === 7);
}

function children(detail, link) {
  if (!detail.children.length || (detail.seventh && lacksOnlySeventh(detail))) return null;
  return section(detail.billable ? "Below this code" : "Choose a code below", el("ul", { class: "children" },
    detail.children.map((child) => el("li", {},
      link(child.code), el("span", { class: "what" }, child.display), billableMark(child.billable)))));
}

function seventh(detail, link) {
  const set = detail.seventh;
  if (!set) return null;
  const bare = detail.code.replace(".", "");
  const stem = bare.slice(0, 6).padEnd(6, set.placeholder);
  const now = bare.length === 7 ? bare[6] : null;
  const whole = (char) => `${stem.slice(0, 3)}.${stem.slice(3)}${char}`;
  const direct = lacksOnlySeventh(detail);
  return section(direct && detail.header ? "Choose a seventh character" : "Seventh character",
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Seventh characters" },
      el("table", {},
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Character"),
          el("th", { scope: "col" }, "Meaning"), direct ? el("th", { scope: "col" }, "Code") : null)),
        el("tbody", {}, set.values.map((value) => el("tr", { class: value.char === now ? "now" : null },
          el("th", { scope: "row", class: "code" }, value.char),
          el("td", {}, value.text, value.char === now ? el("strong", {}, " (this code)") : null),
          direct ? el("td", {}, link(whole(value.char))) : null))))),
    el("p", { class: "small" }, `Defined at ${set.from}. Empty places before it take ${set.placeholder}.`));
}

/** Notes by the place they stand at, the code's own first. */
function notes(detail, link) {
  const places = new Map();
  for (const note of detail.notes) {
    const key = `${note.from_level} ${note.from}`;
    if (!places.has(key)) places.set(key, []);
    places.get(key).push(note);
  }
  const groups = [...places.values()].map((group) => {
    const kinds = new Map();
    for (const note of group) {
      if (!kinds.has(note.kind)) kinds.set(note.kind, []);
      kinds.get(note.kind).push(note);
    }
    return el("div", { class: group[0].inherited ? "notes inherited" : "notes" },
      el("h4", {}, origin(group[0], link)),
      el("dl", {}, [...kinds].map(([kind, list]) => el("div", { class: `kind-${kind}` },
        el("dt", {}, NOTES[kind] ?? kind),
        list.map((note) => el("dd", {}, noteText(note, link)))))));
  });
  return groups.length ? section("Notes", ...groups) : null;
}

function origin(note, link) {
  if (!note.inherited) return "At this code";
  if (note.from_level === "code") return ["Inherited from ", link(note.from)];
  const level = note.from_level === "chapter" ? "chapter" : "section";
  return [`Inherited from ${level} ${note.from}`];
}

/** A note's text, with the codes that the server read in it as links. */
function noteText(note, link) {
  const known = new Set(note.codes.flatMap((range) => [range.first, range.last]));
  const nodes = [];
  let at = 0;
  for (const found of note.text.matchAll(/[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?/g)) {
    if (!known.has(found[0])) continue;
    nodes.push(note.text.slice(at, found.index), link(found[0]));
    at = found.index + found[0].length;
  }
  nodes.push(note.text.slice(at));
  return nodes;
}

function names(detail) {
  if (!detail.index_terms.length) return null;
  return el("details", {},
    el("summary", {}, `Names in the Index and tables (${detail.index_terms.length})`),
    el("ul", { class: "terms" }, detail.index_terms.map((term) => el("li", {},
      el("span", { class: "kind" }, NAMES[term.kind] ?? term.kind), " ", term.text))));
}

function history(detail) {
  if (!detail.history.length) return null;
  return section("History over the releases loaded",
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "History" },
      el("table", {},
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Release"),
          el("th", { scope: "col" }, "Compared with"), el("th", { scope: "col" }, "Change"))),
        el("tbody", {}, detail.history.map((change) => el("tr", {},
          el("th", { scope: "row" }, change.version), el("td", {}, change.since),
          el("td", {}, CHANGES[change.change] ?? change.change,
            change.from ? [": “", change.from, "” became “", change.to, "”"] : null)))))));
}

function provenance(detail) {
  return el("footer", { class: "small" }, Object.entries(detail.release).map(([system, release]) =>
    el("p", {}, `${systemName(system)} ${release.version}, ${days(release.effective)}. `
      + `${release.publisher}. ${release.licence}.`)));
}
