// For whoever is logged in and may read rights: withdraws a picture, and tells after how many
// milliseconds it was dark in this very page; then brings it back. A session counts only for pages
// of the graph's own origin, and only as JSON, so no other site can do what this page does.

const ALLOWED = "query ($id: ID!) { asset(id: $id) { rights { status } } }";
const WITHDRAW = `mutation ($id: ID!) {
  withdrawAsset(assetId: $id, reason: "withdrawn in the shop", awaitDark: true) {
    darkAt { gateways } errors { message }
  }
}`;
const REINSTATE = `mutation ($id: ID!) {
  reinstateAsset(assetId: $id, reason: "brought back in the shop", awaitDark: true) { errors { message } }
}`;
const KEPT = "withdrawn picture";
const LONGEST_MS = 10_000;
const staff = document.getElementById("staff");

async function ask(query, id) {
  const answer = await fetch(staff.dataset.graph, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ query, variables: { id } }),
  });
  const { data, errors } = await answer.json();
  const result = data && Object.values(data)[0];
  const problem = errors?.[0] ?? result?.errors?.[0];
  if (problem) throw new Error(problem.message);
  return result;
}

/** Asks for the picture again and again; returns how many milliseconds later it was refused. */
async function untilRefused(address, began, signal) {
  while (performance.now() - began < LONGEST_MS) {
    const { status } = await fetch(address, { cache: "no-store", signal });
    if (status >= 400 && status < 500) return { status, ms: Math.round(performance.now() - began) };
  }
  throw new Error("the picture is still delivered: look at the health of the gateway");
}

const made = (name, properties) => Object.assign(document.createElement(name), properties);

function say(text, ...more) {
  const place = document.getElementById("darkness")
    ?? document.body.appendChild(made("div", { id: "darkness", role: "status", lang: "en" }));
  place.replaceChildren(made("p", { textContent: text }), ...more);
}

function button(text, act) {
  const pressed = made("button", { type: "button", textContent: text, lang: "en" });
  pressed.addEventListener("click", async () => {
    pressed.disabled = true;
    await act().catch(error => say(error.message));
    pressed.disabled = false;
  });
  return pressed;
}

function offerReinstating(id, text) {
  say(text, button("Bring it back", async () => {
    await ask(REINSTATE, id);
    sessionStorage.removeItem(KEPT);
    location.reload();
  }));
}

async function withdraw(id) {
  const shown = [...document.querySelectorAll(`.picture[data-asset="${CSS.escape(id)}"]`)];
  const address = shown[0].querySelector("picture img").currentSrc;
  const began = performance.now();
  const stopped = new AbortController();
  const [withdrawn, { status, ms }] = await Promise.all([
    ask(WITHDRAW, id), untilRefused(address, began, stopped.signal),
  ]).finally(() => stopped.abort());
  sessionStorage.setItem(KEPT, id);
  for (const each of shown) {
    each.setAttribute("data-refused", "");
    Object.assign(each.querySelector(".refusal"), { lang: "en" }).replaceChildren(
      "Withdrawn: refused after", made("strong", { textContent: `${ms} ms` }), `by status ${status}`,
    );
  }
  const gateways = withdrawn.darkAt.gateways.slice(11, 23);
  offerReinstating(id, `Dark in this page after ${ms} ms; at every gateway since ${gateways} UTC.`);
}

async function start() {
  const figures = [...document.querySelectorAll("figure:has(.picture[data-asset])")];
  const kept = sessionStorage.getItem(KEPT);
  const one = kept ?? figures[0]?.querySelector(".picture").dataset.asset;
  if (!one) return;
  try {
    await ask(ALLOWED, one);
  } catch {
    const link = made("a", { href: staff.dataset.login, textContent: "Log in" });
    staff.replaceChildren(link, " as a rights manager, or by the link that `make up` printed:"
      + " then you may withdraw the pictures of a product, and see when they are dark.");
    return;
  }
  for (const figure of figures) {
    const { asset } = figure.querySelector(".picture").dataset;
    const withdrawing = button("Withdraw this picture", () => withdraw(asset));
    withdrawing.className = "withdraw";
    figure.append(withdrawing);
  }
  if (kept) offerReinstating(kept, "You withdrew a picture of this shop.");
}

start();
