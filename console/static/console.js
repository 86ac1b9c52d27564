// What pages do beyond links and forms. Everything works without it, but for keys and live parts.

const isTyping = target => target.closest("input, textarea, select, [contenteditable]") !== null;
const rows = () => [...document.querySelectorAll("[data-row]")];

// Instants in the reader's own zone; the server writes UTC.
function showLocalTimes(within) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
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

// What was typed and not sent is asked about before the page is left.
function keepUnsaved(form) {
  let isChanged = false;
  form.addEventListener("input", () => { isChanged = true; });
  form.addEventListener("submit", () => { isChanged = false; });
  addEventListener("beforeunload", event => { if (isChanged) event.preventDefault(); });
}

// Browsers that do not know buttons with `command` yet.
document.addEventListener("click", event => {
  const button = event.target.closest("button[commandfor]");
  if (!button || "commandForElement" in HTMLButtonElement.prototype) return;
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  if (button.getAttribute("command") === "show-modal") dialog.showModal(); else dialog.close();
});

let before = "";
document.addEventListener("keydown", event => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.target.closest("form")?.requestSubmit(); return; }
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

function begin(within) {
  showLocalTimes(within);
  for (const form of within.querySelectorAll("form[data-grid]")) watchBoxes(form);
  for (const form of within.querySelectorAll("form[data-keep]")) keepUnsaved(form);
}
begin(document);
document.addEventListener("htmx:after:swap", event => begin(event.target));
