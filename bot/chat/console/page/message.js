// Draws one message. Everything that somebody said becomes text, never markup.

const SIGNS = { plain: "", working: "…", good: "✓", bad: "✗", warning: "!" };
const CELL_TONES = { "✓": "good", "✗": "bad", "…": "working", "!": "warning" };
const UNITS = [[86400, "d", "d"], [3600, "h", "h"], [60, "min", "m"], [1, "s", "s"]];
const ADDRESS = /^https?:\/\/\S+$/;
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") made.className = value;
    else if (name.includes("-") || name === "role" || name === "scope") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

// What would be invisible, or would turn the text around, is shown as what it is.
export function visible(text) {
  return text.replace(HIDDEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

// People plan with what lies ahead: half of two hours is too much to leave out.
function rest(seconds, [unit, long] = []) {
  return seconds >= unit ? ` ${Math.floor(seconds / unit)} ${long}` : "";
}

export function ago(seconds, short) {
  const size = Math.abs(seconds);
  if (size < 1) return short ? "0 s" : "just now";
  const found = UNITS.findIndex(([unit]) => size >= unit);
  const [unit, long, brief] = UNITS[found];
  const span = `${Math.floor(size / unit)} ${short ? brief : long}`;
  if (seconds < 0) return `in ${span}${rest(Math.ceil(size) % unit, UNITS[found + 1])}`;
  return short ? span : `${span} ago`;
}

// The text of a moment is kept fresh by the page; the exact time is shown where one points or tabs to it.
export function moment(iso, short = false) {
  const time = element("time", { dateTime: iso, tabIndex: 0 });
  if (short) time.dataset.short = "";
  return time;
}

export function exact(iso) {
  const at = new Date(iso);
  const zone = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(at);
  return `${at.toLocaleString("sv-SE")} ${zone.find((part) => part.type === "timeZoneName").value}`;
}

export function order(entry) {
  return element("div", { class: "order" },
    element("span", { class: "prompt", "aria-hidden": "true" }, "›"),
    element("code", {}, visible(entry.message.reply.title)),
    element("span", { class: "who" }, visible(`@${entry.who.name}`)),
    moment(entry.posted));
}

export function answer(entry) {
  const { reply, final } = entry.message;
  return element("article", { class: `answer ${reply.tone}${final ? "" : " live"}` },
    heading(entry),
    ...fields(reply.fields), ...table(reply), ...body(reply.body), ...buttons(reply.buttons));
}

function heading(entry) {
  const { reply } = entry.message;
  const title = visible(reply.title);
  const links = reply.fields.filter(({ name, value }) => name && ADDRESS.test(value));
  const cut = reply.tone === "plain" || links.length ? -1 : title.lastIndexOf(" · ");
  const line = element("h2", {},
    SIGNS[reply.tone] && element("span", { class: "sign", "aria-hidden": "true" }, SIGNS[reply.tone]),
    element("span", { class: "words" },
      ...(cut < 0 ? named(title, links) : [title.slice(0, cut + 3)]),
      cut < 0 ? "" : element("span", { class: "verdict" }, title.slice(cut + 3))));
  const mark = reply.private ? element("span", { class: "private" }, "only for you") : "";
  return element("header", {}, line, mark, moment(entry.edited ?? entry.posted));
}

function fields(all) {
  if (!all.length) return [];
  const pairs = all.map(({ name, value }) => element("div", {},
    name ? element("dt", {}, visible(name)) : "", element("dd", {}, linked(value))));
  return [element("dl", {}, ...pairs)];
}

// The words of a title that name a link lead there. `(Open)` is meant before `Open` in a name.
function named(text, links) {
  for (const [i, { name, value }] of links.entries()) {
    const bracketed = text.indexOf(`(${visible(name)})`);
    const start = bracketed < 0 ? text.indexOf(visible(name)) : bracketed + 1;
    if (start < 0) continue;
    const end = start + visible(name).length;
    const others = links.slice(i + 1);
    return [...named(text.slice(0, start), others), linked(value, name), ...named(text.slice(end), others)];
  }
  return [text];
}

function linked(value, name = value) {
  if (!ADDRESS.test(value)) return visible(value);
  return element("a", { href: value, target: "_blank", rel: "noopener noreferrer" }, visible(name));
}

function table({ table: found, title }) {
  if (!found) return [];
  const kinds = found.columns.map((name) => (found.numeric.includes(name) ? "number" : name ? "" : "mark"));
  const head = found.columns.map((name, i) => element("th", { scope: "col", class: kinds[i] }, visible(name)));
  const rows = found.rows.map((row) => element("tr", {}, ...row.map((value, i) => cell(value, kinds[i]))));
  return [element("div", { class: "scroll", role: "region", "aria-label": `Table: ${visible(title)}` },
    element("table", {},
      element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)))];
}

function cell(value, kind) {
  if (typeof value !== "string") return element("td", { class: kind }, moment(value.at, true));
  const tone = CELL_TONES[value.slice(0, 2).trim()] ?? "";
  return element("td", { class: `${kind} ${tone}`.trim() }, visible(value));
}

// Lines indented by four spaces are verbatim; what follows each other stands in one block.
function body(text) {
  const blocks = [];
  for (const line of text ? text.split("\n") : []) {
    const verbatim = line.startsWith("    ");
    const last = blocks.at(-1);
    if (verbatim && last?.matches("pre")) last.append(`\n${visible(line.slice(4))}`);
    else if (verbatim) blocks.push(element("pre", { class: "scroll" }, visible(line.slice(4))));
    else blocks.push(bar(line) ?? element("p", {}, visible(line)));
  }
  return blocks;
}

function bar(line) {
  const found = /^\s*([█░]{4,})\s*(.*)$/u.exec(line);
  if (!found) return null;
  const [, drawn, rest] = found;
  const told = /^(\d+)\/(\d+)/.exec(rest);
  const [done, total] = told ? [Number(told[1]), Number(told[2])] : [drawn.split("█").length - 1, drawn.length];
  const filled = element("div", {});
  filled.style.width = `${total ? Math.min(100, (100 * done) / total) : 100}%`;
  const track = element("div", {
    class: "track", role: "progressbar", "aria-label": "ready",
    "aria-valuemin": "0", "aria-valuemax": String(total), "aria-valuenow": String(done),
  }, filled);
  return element("div", { class: "bar" }, track, element("span", {}, visible(rest)));
}

function buttons(all) {
  if (!all.length) return [];
  const made = all.map(({ label, command, style, confirm }) => {
    const button = element("button", { type: "button", class: style, title: visible(command) }, visible(label));
    Object.assign(button.dataset, { command, confirm: confirm ?? "" });
    return button;
  });
  return [element("div", { class: "actions" }, ...made)];
}
