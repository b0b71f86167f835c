// The room: keeps what stands there as it changes, without moving it under the eyes of whoever reads.

import { startComposer } from "/composer.js";
import { ago, answer, element, exact, order, visible } from "/message.js";

const KEPT = 500;
const SILENCE = 5000;
const byId = (id) => document.getElementById(id);
const room = byId("room");
const list = byId("messages");
const tip = byId("tip");

const standing = new Map();
const clock = { now: Date.now(), read: Date.now(), pace: 1 };
let run = "";
let unseen = 0;
let fresh = false;
const composer = startComposer({ room });

function item(id) {
  const content = element("div", { class: "content", tabIndex: -1 });
  return { root: element("li", { id }, content), content, thread: null, entry: null };
}

function threadOf(it) {
  if (!it.thread) {
    it.thread = { summary: element("summary"), replies: element("ol") };
    it.root.append(element("details", { class: "thread" }, it.thread.summary, it.thread.replies));
  }
  return it.thread;
}

function put(entry) {
  const known = standing.get(entry.id);
  const it = known ?? item(entry.id);
  const before = it.entry;
  it.entry = entry;
  redraw(it, entry);
  if (!known) place(it);
  tell(before, entry);
}

// Focus stays where it was; where its button has gone it stays with the message, so that Enter does nothing unmeant.
function redraw(it, entry) {
  const focused = it.content.contains(document.activeElement) ? document.activeElement : null;
  it.content.replaceChildren(entry.who ? order(entry) : answer(entry));
  it.root.className = entry.who ? "said" : "told";
  refresh(it.content);
  if (!focused) return;
  const same = [...it.content.querySelectorAll("button, time, .scroll")].find((one) => likeness(one) === likeness(focused));
  (same ?? it.content).focus({ preventScroll: true });
}

const likeness = (one) => one.dataset.command ?? one.tagName + (one.dateTime ?? "");

function place(it) {
  standing.set(it.entry.id, it);
  const parent = standing.get(it.entry.message.place.thread);
  (parent ? threadOf(parent).replies : list).append(it.root);
  if (fresh && !parent) unseen += 1;
}

function headThread({ summary, replies }) {
  const count = replies.childElementCount;
  const last = standing.get(replies.lastElementChild?.id)?.entry.message.reply.title ?? "";
  summary.replaceChildren(
    element("b", {}, `${count} ${count === 1 ? "reply" : "replies"}`), element("span", {}, visible(last)));
}

function tell(before, entry) {
  if (!fresh || entry.who || entry.message.place.thread) return;
  const title = entry.message.reply.title;
  if (before?.message.reply.title === title) return;
  const announce = byId("announce");
  announce.append(element("p", {}, visible(title)));
  while (announce.childElementCount > 5) announce.firstElementChild.remove();
}

// The oldest final messages go first, as in the room itself.
function trim() {
  for (const [id, it] of standing) {
    if (standing.size <= KEPT) return;
    if (it.entry.message.final && !it.thread?.replies.childElementCount) drop(id);
  }
}

function drop(id) {
  standing.get(id)?.root.remove();
  standing.delete(id);
}

function take(entries) {
  const atEnd = room.scrollHeight - room.scrollTop - room.clientHeight < 48;
  const anchor = [...list.children].find((one) => one.getBoundingClientRect().bottom > room.getBoundingClientRect().top);
  const top = anchor?.getBoundingClientRect().top;
  entries.forEach(put);
  new Set(entries.map((entry) => standing.get(entry.message.place.thread)?.thread)).forEach((it) => it && headThread(it));
  trim();
  byId("empty").hidden = standing.size > 0;
  if (atEnd) toEnd();
  else if (anchor?.isConnected) room.scrollTop += anchor.getBoundingClientRect().top - top;
  showNewer();
}

function toEnd() {
  room.scrollTop = room.scrollHeight;
  seen();
}

function seen() {
  unseen = 0;
  showNewer();
}

function showNewer() {
  const newer = byId("newer");
  newer.hidden = unseen === 0;
  newer.textContent = `${unseen} newer ↓`;
}

function refresh(within) {
  const now = clock.now + (Date.now() - clock.read) * clock.pace;
  for (const time of within.querySelectorAll("time")) {
    const text = ago((now - Date.parse(time.dateTime)) / 1000, "short" in time.dataset);
    if (time.textContent !== text) time.textContent = text;
  }
  for (const box of within.querySelectorAll(".scroll")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

function connect() {
  const source = new EventSource("/events");
  let silence = 0;
  const again = () => {
    source.close();
    clearTimeout(silence);
    say("lost", "connection lost, trying again");
    setTimeout(connect, 1000);
  };
  const heard = (event) => {
    clearTimeout(silence);
    silence = setTimeout(again, SILENCE);
    say("live", "live");
    const { now, pace, entries } = JSON.parse(event.data);
    Object.assign(clock, { now: Date.parse(now), read: Date.now(), pace });
    return entries;
  };
  source.addEventListener("snapshot", (event) => snapshot(event, heard(event)));
  source.addEventListener("changes", (event) => take(heard(event)));
  source.addEventListener("heartbeat", heard);
  source.addEventListener("error", again);
  silence = setTimeout(again, SILENCE);
}

// After a short loss nothing moves; after a restart of the other side the ids mean other messages.
function snapshot(event, entries) {
  const [from] = event.lastEventId.split("-");
  const kept = new Set(from === run ? entries.map((entry) => entry.id) : []);
  [...standing.keys()].filter((id) => !kept.has(id)).forEach(drop);
  run = from;
  take(entries);
  composer.remember(entries.filter((entry) => entry.who).map((entry) => entry.message.reply.title));
  if (!fresh) toEnd();
  fresh = true;
}

function say(state, words) {
  const shown = byId("state");
  if (shown.dataset.state === state) return;
  shown.dataset.state = state;
  shown.textContent = words;
}

function showTip(event) {
  const time = event.target.closest?.("time");
  tip.hidden = !time;
  if (!time) return;
  tip.textContent = exact(time.dateTime);
  time.setAttribute("aria-describedby", "tip");
  const box = time.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(box.left, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${box.top > 48 ? box.top - tip.offsetHeight - 6 : box.bottom + 6}px`;
}

for (const kind of ["mouseover", "focusin"]) document.addEventListener(kind, showTip);
room.addEventListener("scroll", () => {
  tip.hidden = true;
  if (room.scrollHeight - room.scrollTop - room.clientHeight < 48) seen();
}, { passive: true });
byId("newer").addEventListener("click", () => { toEnd(); byId("order").focus(); });
new ResizeObserver(() => refresh(list)).observe(room);
setInterval(() => refresh(list), 1000);
connect();
