// Comfort on top of plain forms: keys, counting, copying. Without it everything works.
"use strict";

const TOO_SOON_MS = 400; // nobody has read a card in less
let shownAt = performance.now();
let sending = false;
let cards, keys, live; // what the page that is shown has of them
let slip; // whose page was opened last
let tag; // of the news that were heard last

document.documentElement.classList.add("js");
addEventListener("pageshow", () => {
  shownAt = performance.now();
  sending = false;
});

// A decision once, and never by a click or key that was meant for the page before. To stop
// everything is never too soon.
addEventListener("submit", (event) => {
  if (event.target.matches(".stop")) return;
  if (sending || performance.now() - shownAt < TOO_SOON_MS) {
    event.preventDefault();
    return;
  }
  sending = true;
  if (!event.target.matches(".card form, .status form")) return;
  event.preventDefault();
  decide(event.target, event.submitter);
});

// The answer to a decision takes the place of the page: sooner than a new one would, and what was
// typed on other cards stays.
async function decide(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  const headers = { Prefer: "return=representation" };
  let onward = null;
  let page = null;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers, redirect: "manual" });
    onward = answer.headers.get("Location");
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {} // what is missing then tells it
  if (page?.querySelector(".status") && livesBy(page) === livesBy(document)) return swap(page, form, onward);
  if (!onward) return stay(page);
  history.replaceState(null, "", onward); // it is decided, and a page of another kind follows
  location.reload();
}

function livesBy(page) {
  const found = page.querySelectorAll("head script, head [rel=stylesheet]");
  return [...found].map((part) => part.src ?? part.href).join();
}

// No page followed: it is said why, if anything is known, and what was typed stands where it stood.
// Who was logged out logs in beside it.
function stay(page) {
  const status = document.querySelector(".status");
  const line = status.querySelector("[role=status]");
  const said = page && (page.querySelector("[role=alert]") ?? page.querySelector("h1") ?? page.body);
  line.textContent = said?.textContent ?? status.dataset.silent;
  const door = page?.querySelector("form.door[action]");
  if (door) {
    const link = document.createElement("a");
    link.href = door.action;
    link.target = "_blank";
    link.textContent = page.querySelector("h1").textContent;
    line.append(" ", link);
  }
  sending = false;
}

// Words that were typed and have not been sent, by the form in which they stand.
const typed = new Map();

function keep(form) {
  const { text, act, seen } = form.elements;
  const other = [...(act?.options ?? [])].some((option) => option.selected !== option.defaultSelected);
  if (other || (text && text.value !== text.defaultValue)) {
    typed.set(form.id, { text: text?.value, act: act.value, seen: seen.value });
  } else typed.delete(form.id);
}

// A card that has changed since is still told apart by what was seen of it.
function put(form) {
  for (const [name, value] of Object.entries(typed.get(form.id) ?? {})) {
    if (form.elements[name]) form.elements[name].value = value;
  }
}

function swap(page, form, onward) {
  document.querySelectorAll("form.act").forEach(keep);
  typed.delete(form.id);
  if (onward) {
    const at = new URL(onward, location);
    if (at.pathname === location.pathname) history.replaceState(null, "", at);
    else history.pushState(null, "", at);
  }
  shown = location.pathname + location.search;
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  const first = page.querySelector("[autofocus]");
  first?.removeAttribute("autofocus"); // browsers heed it once, and complain the next time
  const added = weave(document.body, page.body);
  added.forEach(remember);
  if (onward) for (const part of added) part.querySelectorAll("form.act").forEach(put);
  wake(added);
  if (!arrive()) show(cards[0]);
  document.getElementById(first?.id)?.focus();
  shownAt = performance.now();
  sending = false;
}

// What the house sent of each part of the page: what it sends again just so stays as it is now.
const sent = new WeakMap();
const remember = (part) => sent.set(part, part.outerHTML);
const FRAMES = ["main", ".status", "[role=status]"]; // these stay themselves, whatever they frame

function weave(old, fresh) {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) old.setAttribute(name, value);
  const known = new Map([...old.children].map((part) => [sent.get(part), part]));
  const added = [];
  const parts = [...fresh.childNodes].map((part) => {
    if (part.nodeType !== Node.ELEMENT_NODE) return part;
    const frame = FRAMES.find((which) => part.matches(which));
    const framed = frame && [...old.children].find((each) => each.matches(frame));
    const told = framed ? "" : part.outerHTML;
    const same = framed ?? known.get(told);
    known.delete(told);
    if (framed) added.push(...weave(framed, part));
    else if (!same) added.push(part);
    return same ?? part;
  });
  for (const part of [...old.childNodes]) if (!parts.includes(part)) part.remove();
  let at = old.firstChild;
  for (const part of parts) {
    if (part === at) at = at.nextSibling;
    else old.insertBefore(part, at);
  }
  return added;
}

let shown = location.pathname + location.search;
addEventListener("popstate", () => {
  if (shown !== location.pathname + location.search) location.reload();
});

// Cards, and the rows of a list of clients.
const CARD = ".card, [data-row]";

function current() {
  return document.activeElement?.closest(CARD) ?? cards[0];
}

function show(card) {
  const inner = card?.matches(".card") ? "summary" : "a";
  const target = card?.querySelector(":scope > h2") ?? card?.querySelector(inner);
  target?.focus({ preventScroll: true });
  if (card === cards[0]) scrollTo(0, 0);
  else card?.scrollIntoView({ block: "start" });
}

function move(step) {
  const active = document.activeElement?.closest(CARD);
  const place = active ? cards.indexOf(active) + step : 0;
  show(cards[Math.max(0, Math.min(cards.length - 1, place))]);
}

function unfold(card, selector) {
  const fold = card?.querySelector(selector);
  if (!fold) return;
  fold.open = !fold.open;
  const button = fold.open && fold.querySelector("button");
  (button || fold.querySelector("summary")).focus();
}

function press(selector, within = current()) {
  within?.querySelector(selector)?.requestSubmit();
}

// What there is to press on a card, or, where there is none, on the page of a client.
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  a: () => press("form.act"),
  e: () => current()?.querySelector(".words:not([hidden]) textarea")?.focus(),
  s: () => {
    if (current()?.querySelector("form[data-key=s]")) press("form[data-key=s]");
    else unfold(current(), ".choose[data-key=s]");
  },
  h: () => unfold(current(), ".choose[data-key=h]"),
  n: () => unfold(current(), ".choose[data-key=n]"),
  t: () => press("form[data-key=t]"),
  i: () => unfold(current() ?? document, ".choose[data-key=i]"),
  o: () => {
    const link = current()?.querySelector("a.open, a.original");
    if (link) link.click();
    else press("form[data-key=o]");
  },
  w: () => unfold(current(), ".why"),
  z: () => press("form[data-key=z]", document),
  d: () => press("form[data-key=d]"),
  x: () => press("form[data-key=x]"),
  "/": () => document.getElementById("search")?.select(),
  "?": () => unfold(document.body, "#keys"),
};

addEventListener("keydown", (event) => {
  if (event.repeat || event.altKey || event.metaKey) return;
  const typing = event.target.closest("input, textarea:not([readonly]), select");
  if (event.ctrlKey) {
    if (event.key === "Enter" && typing?.matches("textarea")) typing.form?.requestSubmit();
    return;
  }
  if (event.key === "Escape") {
    const open = event.target.closest(".choose[open]");
    if (open) unfold(open.parentElement, ".choose[open]");
    else typing?.blur();
    return;
  }
  const deed = KEYS[keys[event.key]];
  if (typing || !deed) return;
  event.preventDefault();
  deed();
});

// How long a text is where it will stand. The house counts again before it takes a text.
function graphemes(text) {
  return Intl.Segmenter ? [...new Intl.Segmenter().segment(text)].map((part) => part.segment) : [...text];
}

function weight(sign) {
  if (/\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(sign)) return 2;
  const light = (code) =>
    code < 0x1100 || (code >= 0x2000 && code < 0x200e) || (code >= 0x2010 && code < 0x2020) ||
    (code >= 0x2032 && code < 0x2038);
  return [...sign].reduce((sum, one) => sum + (light(one.codePointAt(0)) ? 1 : 2), 0);
}

const LENGTH = {
  bluesky: (text) => graphemes(text).length,
  x: (text) => {
    const links = text.match(/https?:\/\/\S+/gi) ?? [];
    const rest = graphemes(text.replace(/https?:\/\/\S+/gi, ""));
    return links.length * 23 + rest.reduce((sum, sign) => sum + weight(sign), 0);
  },
};

function lookAfter(form) {
  const box = form.querySelector("textarea");
  const select = form.querySelector("select");
  const card = form.closest(".card");
  let draft = select?.selectedOptions[0].dataset.draft ?? box?.value;

  const tell = () => {
    const { network, limit } = select?.selectedOptions[0].dataset ?? {};
    const count = form.querySelector(".count");
    const n = (LENGTH[network] ?? ((text) => [...text].length))(box.value);
    const words = limit ? count.dataset.of : n === 1 ? count.dataset.one : count.dataset.many;
    count.textContent = words.replace("{n}", n).replace("{limit}", limit);
    count.classList.toggle("over", Boolean(limit) && n > Number(limit));
    form.querySelector(".gap").hidden = !/\[\s*(?:…|\.\.\.)\s*\]/.test(box.value);
  };
  const choose = () => {
    const { words, draft: other, acting, manner } = select.selectedOptions[0].dataset;
    card.querySelector(".acting").textContent = acting;
    card.querySelector(".manner").textContent = manner;
    if (!box) return;
    if (box.value === draft) box.value = other;
    draft = other;
    form.querySelector(".words").hidden = words === "none";
    form.querySelector(".welcome").hidden = words !== "welcome";
    tell();
  };
  box?.addEventListener("input", tell);
  select?.addEventListener("change", choose);
  if (select) choose();
}

// Copying needs a safe address (https or this machine); elsewhere the text is selected.
function select(box) {
  box.focus({ preventScroll: true });
  box.select();
  box.closest(".words").querySelector(".selected").hidden = false;
}

function copies(control) {
  const box = document.getElementById(control.dataset.copies);
  if (!navigator.clipboard) {
    control.addEventListener("click", () => select(box));
    return;
  }
  control.hidden = false;
  if (control.dataset.label) control.firstChild.textContent = control.dataset.label;
  control.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(box.value);
    } catch {
      select(box);
      return;
    }
    if (control.dataset.done) control.textContent = control.dataset.done;
  });
}

// Phones hand text and address to the app in which one is at home.
function shares(control) {
  const text = document.getElementById(control.dataset.shares).value;
  control.hidden = !navigator.share;
  control.addEventListener("click", () => {
    navigator.share({ text, url: control.dataset.url }).catch(() => {}); // thought better of it
  });
}

// Who comes back from the page where they acted finds the slip under their fingers.
function opens(link) {
  link.addEventListener("click", () => (slip = link.closest(".slip")));
}

addEventListener("visibilitychange", () => {
  if (document.hidden || !slip) return;
  show(slip);
  slip = null;
});

// After a decision the next card has the focus at once, and so has the slip of what was approved.
function arrive() {
  const named = location.hash && document.getElementById(location.hash.slice(1))?.closest(".card");
  const alone = document.querySelector(".heading + .slip");
  if (!named && !alone && !new URLSearchParams(location.search).has("after")) return false;
  show(named || alone || cards[0]);
  if (alone && !navigator.clipboard && alone.querySelector(".selected")) {
    select(alone.querySelector("textarea"));
  }
  return true;
}

// What is new is said politely: nothing on the page moves, and the focus stays where it is.
const LOOK_MS = 30_000;

async function look() {
  if (document.hidden || !live) return;
  const headers = tag ? { "If-None-Match": tag } : {};
  const answer = await fetch(live.dataset.news, { headers, redirect: "error" }).catch(() => null);
  if (answer?.status !== 200) return;
  tag = answer.headers.get("ETag");
  tell(await answer.json());
}

function tell(news) {
  for (const tab of document.querySelectorAll("[data-tab]")) {
    tab.querySelector(".many").textContent = news.tabs[tab.dataset.tab] ?? "";
  }
  document.querySelector(".by-hand").textContent = news.outgoing;
  const { one, many, changed, pulse, live: page } = live.dataset;
  const fresh = news.cards.filter((card) => !document.getElementById(`card-${card}`)).length;
  let said = news.pulse === Number(pulse) ? "" : changed;
  if (page === "today" && fresh) said = (fresh === 1 ? one : many).replace("{n}", fresh);
  const link = document.querySelector(".news") ?? document.createElement("a");
  if (!said || link.textContent === said) return;
  link.className = "news";
  link.href = location.pathname;
  link.textContent = said;
  live.querySelector("[role=status]").append(link);
}

setInterval(look, LOOK_MS);
addEventListener("visibilitychange", look);

// Words as chips; what is sent is still the text in the box.
function chips(box) {
  const field = document.createElement("div");
  const input = document.createElement("input");
  const label = document.querySelector(`label[for="${box.id}"]`);
  field.className = "chips";
  input.id = `${box.id}-chips`;
  input.dir = "auto";
  if (box.dataset.list) input.setAttribute("list", box.dataset.list);
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (box.hasAttribute(name)) input.setAttribute(name, box.getAttribute(name));
  }
  label.htmlFor = input.id;
  const split = (text) => text.match(/[„“”"»«][^„“”"»«\n]+[„“”"»«]|[^,;\n„“”"»«]+/g)?.map((part) => part.trim()).filter(Boolean) ?? [];
  let words = split(box.value);
  const keep = () => { box.value = [...words, ...split(input.value)].join(", "); };
  const draw = () => {
    field.querySelectorAll(".chip").forEach((chip) => chip.remove());
    words.forEach((word, place) => {
      const chip = document.createElement("span");
      const button = document.createElement("button");
      chip.className = "chip";
      chip.append(word, button);
      button.type = "button";
      button.textContent = "×";
      button.setAttribute("aria-label", box.dataset.chips.replace("{word}", word));
      button.addEventListener("click", () => { words.splice(place, 1); draw(); input.focus(); });
      field.insertBefore(chip, input);
    });
    keep();
  };
  const take = () => { words = [...new Set([...words, ...split(input.value)])]; input.value = ""; draw(); };
  input.addEventListener("input", () => {
    const open = (input.value.match(/[„“”"»«]/g) ?? []).length % 2;
    if (/[,;]\s*$/.test(input.value) && !open) take();
    else keep();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      take();
      if (event.ctrlKey) box.form.requestSubmit();
    }
    if (event.key === "Backspace" && !input.value && words.length) { words.pop(); draw(); }
  });
  input.addEventListener("blur", take);
  field.append(input);
  box.hidden = true;
  box.after(field);
  draw();
  if ("first" in box.dataset) input.focus();
}

// A mistake in a text leads to its place.
function leads(link) {
  link.addEventListener("click", (event) => {
    const box = document.getElementById("text");
    const lines = box.value.split("\n");
    const start = lines.slice(0, link.dataset.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
    event.preventDefault();
    box.focus();
    box.setSelectionRange(start + Number(link.dataset.column) - 1, start + (lines[link.dataset.line - 1] ?? "").length);
  });
}

// What a part of a page needs when it comes.
const NEEDS = {
  "form.act": lookAfter,
  "[data-copies]": copies,
  "[data-shares]": shares,
  ".slip a.open": opens,
  "textarea[data-chips]": chips,
  "a[data-line]": leads,
};

function wake(parts) {
  for (const [which, help] of Object.entries(NEEDS)) {
    for (const part of parts) part.querySelectorAll(which).forEach(help);
  }
  cards = [...document.querySelectorAll(CARD)];
  keys = JSON.parse(document.body.dataset.keys ?? "{}"); // a house may have others, or none at all
  live = document.querySelector("[data-news]");
  slip = tag = null;
  document.getElementById("keys")?.removeAttribute("hidden");
}

document.querySelectorAll("body > *, main > *, .status > *").forEach(remember);
wake([document.body]);
arrive();
