// The list of results: a listbox that the search box controls.

import { billableMark, el, marked, systemName } from "./dom.js";

const KINDS = {
  title: "Title", short_title: "Short title", inclusion: "Inclusion term", index: "Index",
  table: "Table", synonym: "Also called", code: "Code",
};

export class Results {
  /** `list` is the listbox, `box` its search box; `open` is called with a chosen result. */
  constructor(list, box, open) {
    this.list = list;
    this.box = box;
    this.open = open;
    this.results = [];
    this.active = -1;
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      this.choose(Number(option.dataset.place));
      this.openChosen();
    });
  }

  /** Shows `results` in place of the old ones, in one step so that nothing flickers. */
  show(results, severalSystems) {
    const before = this.chosen();
    this.results = results;
    this.severalSystems = severalSystems;
    this.list.replaceChildren(...results.map((result, place) => this.option(result, place)));
    this.box.setAttribute("aria-expanded", String(results.length > 0));
    const again = before && this.moved
      ? results.findIndex((one) => one.system === before.system && one.code === before.code)
      : -1;
    this.moved = again >= 0;
    this.choose(again >= 0 ? again : results.length ? 0 : -1, false);
    if (again < 0) this.list.scrollTop = 0;
  }

  /** Adds a page below. */
  add(results) {
    const start = this.results.length;
    this.results = [...this.results, ...results];
    this.list.append(...results.map((result, at) => this.option(result, start + at)));
  }

  option(result, place) {
    const titled = result.match.text === result.display;
    const spans = result.match.highlights;
    const typed = result.match.kind === "code";
    return el("li", {
      id: `result-${place}`, role: "option", "aria-selected": "false", "data-place": place,
      class: result.status === "active" ? "result" : "result retired",
    },
      el("span", { class: "line" },
        el("span", { class: "code" }, typed ? marked(result.code, spans) : result.code),
        this.severalSystems ? el("span", { class: "system" }, systemName(result.system)) : null,
        billableMark(result.billable, result.needs),
        result.status === "active" ? null : el("span", { class: "mark gone" },
          result.status === "retired" ? "✕ Retired" : "◷ Not yet in force"),
      ),
      el("span", { class: "title" }, titled ? marked(result.display, spans) : result.display),
      titled || typed ? null : el("span", { class: "matched" },
        el("span", { class: "kind" }, result.default_of ? `Default of ${result.default_of}`
          : KINDS[result.match.kind] ?? result.match.kind), " ",
        marked(result.match.text, spans)),
    );
  }

  chosen() {
    return this.results[this.active] ?? null;
  }

  /** Moves the choice by `step`, or to the first or last for an infinite one. */
  move(step) {
    if (!this.results.length) return;
    const last = this.results.length - 1;
    this.moved = true;
    this.choose(Math.max(0, Math.min(last, this.active + step)));
  }

  choose(place, scroll = true) {
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = place;
    const option = this.list.children[place];
    if (!option) {
      this.box.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    this.box.setAttribute("aria-activedescendant", option.id);
    if (scroll) option.scrollIntoView({ block: "nearest" });
  }

  openChosen() {
    const result = this.chosen();
    if (result) this.open(result);
  }
}
