// Building the page: every text becomes a text node, so nothing in a code book can become markup.

/** Makes an element: `el("p", { class: "note" }, "text", child)`. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** `text` as nodes, with the spans (in Unicode characters) marked; words side by side as one. */
export function marked(text, spans) {
  const characters = Array.from(text);
  const runs = [];
  for (const [first, end] of spans) {
    const last = runs.at(-1);
    if (last && characters.slice(last[1], first).every((c) => c === " ")) last[1] = end;
    else runs.push([first, end]);
  }
  const nodes = [];
  let at = 0;
  for (const [first, end] of runs) {
    if (first > at) nodes.push(characters.slice(at, first).join(""));
    nodes.push(el("mark", {}, characters.slice(first, end).join("")));
    at = end;
  }
  if (at < characters.length) nodes.push(characters.slice(at).join(""));
  return nodes;
}

/** Whether a code can be billed, in words, a sign and a colour. */
export function billableMark(billable, needs = null) {
  if (billable) return el("span", { class: "mark billable" }, "✓ Billable");
  const more = needs ? ` · needs ${characters(needs)}` : "";
  return el("span", { class: "mark header" }, `▸ Header${more}`);
}

/** What a header lacks, in words. */
export function characters(needs) {
  if (needs.most > needs.characters) return `${needs.characters}–${needs.most} more characters`;
  return needs.characters === 1 ? "1 more character" : `${needs.characters} more characters`;
}

/** The name people use of a system. */
export function systemName(id) {
  const names = {
    icd10cm: "ICD-10-CM", icd10pcs: "ICD-10-PCS", hcpcs: "HCPCS", cpt: "CPT",
    icd11: "ICD-11", icd10who: "ICD-10", icd9cm: "ICD-9-CM",
  };
  return names[id] ?? id;
}

/** The address of a code on this page: system, code and day, never a query. */
export function codeHash(system, code, date) {
  return `#${system}/${encodeURIComponent(code)}/${date}`;
}

/** Two days as a reader writes them. */
export function days([first, last]) {
  if (first && last) return `${first} to ${last}`;
  if (first) return `from ${first}`;
  return last ? `until ${last}` : "";
}
