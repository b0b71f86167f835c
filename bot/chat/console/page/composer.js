// The line one types into: history, completion, sending; and the buttons, which type for you.

const byId = (id) => document.getElementById(id);

export function startComposer({ room }) {
  const input = byId("order");
  const words = byId("words");
  const notice = byId("notice");
  const said = [];
  let back = 0;
  let draft = "";
  let chosen = -1;
  let asked = 0;
  let timer = 0;

  const last = () => input.value.lastIndexOf(" ") + 1;
  const options = () => [...words.children];

  function complain(sentence) {
    notice.textContent = sentence;
    notice.hidden = !sentence;
  }

  async function send(text) {
    complain("");
    try {
      const answer = await fetch("/orders", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text }),
      });
      if (answer.ok) return true;
      complain((await answer.text()).trim());
    } catch {
      complain("Not sent: there is no connection. The order still stands in the line.");
    }
    return false;
  }

  async function submit(event) {
    event.preventDefault();
    const text = input.value.trim();
    close();
    if (!text) return;
    input.value = "";
    remember([text]);
    if (await send(text)) room.scrollTop = room.scrollHeight;
    else if (!input.value) input.value = text;
  }

  // What is hidden in the room cannot be sent again.
  function remember(texts) {
    said.push(...texts.filter((text) => text !== said.at(-1) && !text.includes("•••")));
    back = 0;
  }

  function recall(step) {
    const next = back + step;
    if (next < 0 || next > said.length) return;
    if (back === 0) draft = input.value;
    back = next;
    input.value = back ? said[said.length - back] : draft;
    input.setSelectionRange(input.value.length, input.value.length);
    close();
  }

  function close() {
    clearTimeout(timer);
    asked += 1;
    chosen = -1;
    words.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  async function suggest() {
    const mine = (asked += 1);
    const answer = await fetch(`/suggest?text=${encodeURIComponent(input.value)}`).catch(() => null);
    const found = answer?.ok ? await answer.json() : [];
    if (mine === asked) open(found.filter((word) => word !== input.value.slice(last())));
  }

  function open(found) {
    if (!found.length) return close();
    chosen = -1;
    words.replaceChildren(...found.map((word, i) => {
      const option = document.createElement("li");
      Object.assign(option, { id: `word-${i}`, role: "option", textContent: word });
      option.addEventListener("mousedown", (event) => { event.preventDefault(); accept(word); });
      return option;
    }));
    words.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  function choose(step) {
    const all = options();
    chosen = (chosen + step + all.length) % all.length;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === chosen)));
    all[chosen].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[chosen].id);
  }

  function accept(word) {
    input.value = `${input.value.slice(0, last())}${word} `;
    close();
    later();
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(suggest, 80);
  }

  const KEYS = {
    ArrowUp: () => (words.hidden || chosen < 0 ? recall(1) : choose(-1)),
    ArrowDown: () => (words.hidden ? recall(-1) : choose(1)),
    Tab: (event) => !event.shiftKey && !words.hidden && accept(options()[Math.max(chosen, 0)].textContent),
    Enter: () => chosen >= 0 && accept(options()[chosen].textContent),
    Escape: () => (words.hidden ? complain("") : close()),
  };

  // A key is ours only where it did something: Tab with no list goes on to the next control.
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || !KEYS[event.key]) return;
    const ours = event.key.startsWith("Arrow") || !words.hidden;
    const done = KEYS[event.key](event);
    if (ours && done !== false) event.preventDefault();
  });
  input.addEventListener("input", () => { back = 0; complain(""); if (input.value.trim()) later(); else close(); });
  input.addEventListener("blur", close);
  byId("composer").addEventListener("submit", submit);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input") || byId("confirm").open) return;
    event.preventDefault();
    input.focus();
  });

  const dialog = byId("confirm");
  let asking = "";

  async function press(command, text, label, style) {
    asking = command;
    if (!text) return send(command);
    byId("question").textContent = text;
    byId("command").textContent = command;
    Object.assign(byId("yes"), { textContent: label, className: style });
    dialog.showModal();
    byId("no").focus();
  }

  room.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-command]");
    if (button) press(button.dataset.command, button.dataset.confirm, button.textContent, button.className);
  });
  byId("no").addEventListener("click", () => dialog.close());
  byId("yes").addEventListener("click", () => { dialog.close(); send(asking); });
  dialog.addEventListener("close", () => { if (document.activeElement === document.body) input.focus(); });

  return { remember };
}
