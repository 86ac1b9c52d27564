// What pages do beyond links and forms. Everything works without it, but for keys and live parts.

const isTyping = target => target.closest("input, textarea, select, [contenteditable]") !== null;
const rows = () => [...document.querySelectorAll("[data-row]")];

// Instants in the reader's own zone; the server writes UTC.
function showLocalTimes(within) {
  const format = new Intl.DateTimeFormat({ en: "en-GB" }[document.documentElement.lang] ?? document.documentElement.lang, { dateStyle: "medium", timeStyle: "long" });
  for (const time of within.querySelectorAll("time[datetime]")) {
    time.title = format.format(new Date(time.dateTime));
    if (/UTC$/.test(time.textContent)) time.textContent = time.title;
  }
}

// Boxes of a grid: a range with Shift, all of the page, and how many there are.
function watchBoxes(form) {
  const boxes = () => [...form.querySelectorAll('input[name="id"]')];
  const all = form.querySelector("[data-select-all]");
  const count = form.querySelector("[data-count]");
  let last = null;
  const show = () => {
    const chosen = boxes().filter(box => box.checked).length;
    if (count) count.textContent = chosen;
    if (all) { all.checked = chosen > 0 && chosen === boxes().length; all.indeterminate = chosen > 0 && !all.checked; }
  };
  form.addEventListener("click", event => {
    const box = event.target.closest('input[name="id"]');
    if (!box) return;
    if (event.shiftKey && last) {
      const list = boxes(), [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      for (const each of list.slice(from, to + 1)) each.checked = box.checked;
    }
    last = box;
    show();
  });
  all?.addEventListener("change", () => { for (const box of boxes()) box.checked = all.checked; show(); });
  show();
}

// What was typed is kept in this tab until it is sent: a session that ends, or a form that is
// refused, loses nothing. It is offered again on the same page, to the same person.
const person = document.body.dataset.person ?? "";
const stored = () => Object.keys(sessionStorage).filter(key => key.startsWith("typed "));
function settleTyped() {
  for (const key of stored()) {
    const isTheirs = key.startsWith(`typed ${person} `);
    const wasSent = JSON.parse(sessionStorage.getItem(key)).isSent && "sent" in document.body.dataset;
    if (person && (!isTheirs || wasSent)) sessionStorage.removeItem(key);
  }
}
const isKept = field => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type);
function typedIn(form) {
  return [...form.elements].filter(isKept).map(field => [field.name, ["checkbox", "radio"].includes(field.type) ? field.checked : field.value]);
}
function fillIn(form, typed) {
  [...form.elements].filter(isKept).forEach((field, at) => {
    const [name, value] = typed[at] ?? [];
    if (name !== field.name) return;
    if (typeof value === "boolean") field.checked = value; else field.value = value;
  });
}
function keepUnsaved(form) {
  let isChanged = false;
  const verb = form.querySelector('[name="do"]')?.value ?? "";
  const key = `typed ${person} ${location.pathname} ${verb}`;
  const keep = isSent => sessionStorage.setItem(key, JSON.stringify({ isSent, typed: typedIn(form) }));
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (kept && JSON.stringify(kept.typed) !== JSON.stringify(typedIn(form))) {
    const offer = document.getElementById("kept").content.firstElementChild.cloneNode(true);
    form.prepend(offer);
    for (let at = form.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    offer.querySelector("[data-take]").addEventListener("click", () => { fillIn(form, kept.typed); isChanged = true; offer.remove(); });
    offer.querySelector("[data-forget]").addEventListener("click", () => { sessionStorage.removeItem(key); offer.remove(); });
  }
  form.addEventListener("input", () => { isChanged = true; keep(false); });
  form.addEventListener("submit", () => { isChanged = false; keep(true); });
  addEventListener("beforeunload", event => { if (isChanged) event.preventDefault(); });
}
document.querySelector('form[action="/logout"]')?.addEventListener("submit", () => { for (const key of stored()) sessionStorage.removeItem(key); });

// The neighbours of a record, in the order of the list that it was opened from.
const listKey = "list";
function rememberList() {
  const links = rows().map(row => row.querySelector("a[href]")).filter(Boolean).map(link => link.getAttribute("href"));
  const next = document.querySelector('.pager a[rel="next"]')?.getAttribute("href") ?? null;
  sessionStorage.setItem(listKey, JSON.stringify({ from: location.pathname + location.search, links, next }));
}
function showNeighbours() {
  const around = document.getElementById("around"), list = JSON.parse(sessionStorage.getItem(listKey) ?? "null");
  const at = list ? list.links.findIndex(link => link.split("?")[0] === location.pathname) : -1;
  if (!around || at < 0 || location.pathname === list.from.split("?")[0]) return;
  const show = (link, to) => { if (to) link.href = to; else link.remove(); };
  show(around.querySelector("[data-previous]"), list.links[at - 1]);
  show(around.querySelector("[data-list]"), list.from);
  show(around.querySelector("[data-next]"), list.links[at + 1] ?? list.next);
  around.hidden = false;
}
document.addEventListener("click", event => { if (event.target.closest("[data-row] a[href]")) rememberList(); });

// What the search finds is walked through by the arrows; Enter opens, Escape leads back.
document.querySelector(".search")?.addEventListener("keydown", event => {
  const input = document.getElementById("search"), links = [...document.querySelectorAll("#found a[href]")];
  const at = links.indexOf(document.activeElement);
  if (event.key === "Escape" && at >= 0) input.focus();
  else if (event.key === "ArrowDown") links[Math.min(at + 1, links.length - 1)]?.focus();
  else if (event.key === "ArrowUp") (at > 0 ? links[at - 1] : input).focus();
  else return;
  event.preventDefault();
});

// Browsers that do not know buttons with `command` yet.
document.addEventListener("click", event => {
  const button = event.target.closest("button[commandfor]");
  if (!button || "commandForElement" in HTMLButtonElement.prototype) return;
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  if (button.getAttribute("command") === "show-modal") dialog.showModal(); else dialog.close();
});

let before = "";
document.addEventListener("keydown", event => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest("form"); // its first button says what it does, as with Enter alone
    form?.requestSubmit([...form.elements].find(each => each.type === "submit"));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const list = rows(), at = list.findIndex(row => row.classList.contains("is-at"));
  const go = to => {
    const row = list[Math.max(0, Math.min(list.length - 1, to))];
    if (!row) return;
    list[at]?.classList.remove("is-at");
    row.classList.add("is-at");
    row.querySelector("a")?.focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const follow = link => { if (link) { event.preventDefault(); link.click(); } };
  if (before === "g") follow(document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`));
  else if (event.key === "/") { event.preventDefault(); document.getElementById("search").focus(); }
  else if (event.key === "?") document.getElementById("shortcuts").showModal();
  else if (event.key === "j") go(at + 1);
  else if (event.key === "k") go(at < 0 ? 0 : at - 1);
  else if (event.key === "x") list[at]?.querySelector('input[name="id"]')?.click();
  else if (event.key === "n") follow(document.querySelector('a[rel="next"]'));
  else if (event.key === "p") follow(document.querySelector('a[rel="prev"]'));
  before = event.key;
});

const menuButton = document.querySelector(".menu-button");
menuButton?.addEventListener("click", () => {
  const isOpen = document.getElementById("menu").classList.toggle("is-open");
  menuButton.setAttribute("aria-expanded", String(isOpen));
});

// Files that are dropped are brought at once, each to an address of its own, and chosen in the form.
function bringFiles(form) {
  const list = form.querySelector("[data-files]"), drop = form.querySelector("[data-drop]");
  const sortOf = name => /\.toml$/i.test(name) ? "mapping" : /\.(csv|jsonl|ndjson)$/i.test(name) ? "data" : "media";
  const choose = (sort, id, name) => {
    if (sort === "media") {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "media", value: id }));
      return;
    }
    const select = form.querySelector(`[data-choice="${sort}"]`);
    select.append(new Option(name, id, true, true));
  };
  const send = (url, file, bar) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = event => { bar.max = event.total; bar.value = event.loaded; };
    request.onload = () => request.status === 201 ? resolve() : reject(new Error(String(request.status)));
    request.onerror = reject;
    request.open("PUT", new URL(url).pathname);
    request.send(file);
  });
  const bring = async file => {
    const sort = sortOf(file.name), row = document.createElement("li"), bar = document.createElement("progress");
    const said = document.createElement("span");
    said.textContent = `${file.name} (${list.dataset[sort]}) `;
    bar.setAttribute("aria-label", file.name);
    row.append(said, bar);
    list.append(row);
    try {
      const token = form.querySelector('[name="token"]').value;
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams({ do: "announce", name: file.name, token }) });
      const upload = await answer.json();
      if (!answer.ok) throw new Error(upload.problem);
      await send(upload.url, file, bar);
      choose(sort, upload.id, file.name);
    } catch {
      bar.remove();
      said.append(list.dataset.failed);
      row.className = "problems";
    }
  };
  const bringAll = async files => { for (const file of files) await bring(file); };
  form.querySelector('input[type="file"]').addEventListener("change", event => bringAll(event.target.files));
  drop.addEventListener("dragover", event => { event.preventDefault(); drop.classList.add("is-over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("is-over"));
  drop.addEventListener("drop", event => {
    event.preventDefault();
    drop.classList.remove("is-over");
    bringAll(event.dataTransfer.files);
  });
}

// The report of what was refused is mended where it is shown, and imported from there.
async function mendReport(form) {
  const area = form.querySelector("textarea");
  const answer = await fetch(new URL(form.dataset.report).pathname);
  if (!answer.ok) return;
  area.value = await answer.text();
  form.hidden = false;
  form.addEventListener("submit", async event => {
    if (form.elements.upload.value) return;
    event.preventDefault();
    const token = form.querySelector('[name="token"]').value, name = form.dataset.name;
    const announced = await fetch(form.action, { method: "POST", body: new URLSearchParams({ do: "announce", name, token }) });
    const upload = await announced.json();
    await fetch(new URL(upload.url).pathname, { method: "PUT", body: new Blob([area.value]) });
    form.elements.upload.value = upload.id;
    form.requestSubmit(event.submitter);
  });
}

// Parts that live renew themselves every so many seconds while somebody is there: a tab that is left
// open must not keep a session alive that nobody uses.
const QUIET_MS = 300_000;
let lastSign = Date.now();
for (const kind of ["pointermove", "keydown", "focus"]) addEventListener(kind, () => { lastSign = Date.now(); }, { passive: true });
setInterval(() => {
  if (document.visibilityState !== "visible" || Date.now() - lastSign > QUIET_MS) return;
  for (const part of document.querySelectorAll("[data-renew]")) {
    part.dataset.renewed ??= Date.now();
    if (Date.now() - part.dataset.renewed < part.dataset.renew * 1000) continue;
    part.dataset.renewed = Date.now();
    part.dispatchEvent(new Event("renew"));
  }
}, 500);

function begin(within) {
  showLocalTimes(within);
  for (const form of within.querySelectorAll("form[data-grid]")) watchBoxes(form);
  for (const form of within.querySelectorAll("form[data-keep]")) keepUnsaved(form);
  for (const form of within.querySelectorAll("form[data-upload]")) bringFiles(form);
  for (const form of within.querySelectorAll("form[data-report]")) mendReport(form);
}
settleTyped();
begin(document);
showNeighbours();
document.getElementById(location.hash.slice(1))?.closest("details")?.setAttribute("open", "");
document.addEventListener("htmx:after:swap", event => begin(event.target));
