// What every page has: the theme, the keys, and words for what happened. Pages work without it.
(() => {
  "use strict";
  const root = document.documentElement;

  function say(text) {
    const said = document.getElementById("said");
    if (said) said.textContent = text;
  }

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  // Keys: an element says its own with `data-key="g d"` and, for the list, `data-key-words`. Typing is never taken for one.
  const typing = (target) => target.closest("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");
  let before = "";
  let beforeAt = 0;

  function keyed() {
    return [...document.querySelectorAll("[data-key]")].filter((each) => !each.disabled && each.offsetParent !== null);
  }

  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "?") return help(event);
    const pair = event.timeStamp - beforeAt < 1200 ? `${before} ${event.key}` : "";
    const found = keyed().find((each) => each.dataset.key === pair) ?? keyed().find((each) => each.dataset.key === event.key);
    before = event.key;
    beforeAt = event.timeStamp;
    if (!found) return;
    event.preventDefault();
    before = "";
    if (found.matches("input, textarea, select, [data-key-focus]")) found.focus();
    else found.click();
    if (found.matches("summary")) found.dispatchEvent(new Event("unfold", { bubbles: true })); // `toggle` comes after the next key
  }

  function help(event) {
    const dialog = document.getElementById("keys");
    if (!dialog || dialog.open) return;
    event?.preventDefault();
    const list = dialog.querySelector("[data-keys]");
    list.replaceChildren();
    const told = new Set();
    for (const each of keyed()) {
      if (told.has(each.dataset.key)) continue;
      told.add(each.dataset.key);
      const key = document.createElement("dt");
      const what = document.createElement("dd");
      key.append(...each.dataset.key.split(" ").map((name) => Object.assign(document.createElement("kbd"), { textContent: name })));
      what.textContent = each.dataset.keyWords ?? each.getAttribute("aria-label") ?? each.textContent.trim();
      list.append(key, what);
    }
    list.append(
      Object.assign(document.createElement("dt"), { textContent: "?" }),
      Object.assign(document.createElement("dd"), { textContent: "These keys" }),
    );
    dialog.showModal();
  }

  document.addEventListener("keydown", press);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-switch]")) {
      root.dataset.theme = isDark() ? "light" : "dark";
      localStorage.setItem("theme", root.dataset.theme);
      say(`${root.dataset.theme} theme`);
    } else if (event.target.closest("[data-keys-help]")) {
      help(event);
    }
  });

  // Times tick on without a request: `<time datetime=... data-until>` counts down, `data-since` up, `data-when` is `5 min ago` later.
  const units = (minutes) => [[Math.floor(minutes / 1440), "d"], [Math.floor(minutes / 60) % 24, "h"], [minutes % 60, "min"]]
    .filter(([number]) => number).slice(0, 2).map(([number, unit]) => `${number} ${unit}`).join(" ");
  function tick() {
    for (const each of document.querySelectorAll("time[data-until], time[data-since]")) {
      const at = Date.parse(each.dateTime);
      const seconds = Math.max(0, Math.round((each.hasAttribute("data-until") ? at - Date.now() : Date.now() - at) / 1000));
      const text = seconds < 90 ? `${seconds} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
      if (each.textContent !== text) each.textContent = text;
    }
    for (const each of document.querySelectorAll("time[data-when]")) {
      const minutes = Math.floor((Date.now() - Date.parse(each.dateTime)) / 60_000);
      if (minutes >= 1 && minutes < 48 * 60) each.textContent = `${units(minutes)} ago`;
    }
  }
  setInterval(tick, 1000);

  // What a page reads by itself, because something changed or time went by, is no sign that anybody is there.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb === "get" && !event.detail.triggeringEvent?.isTrusted) event.detail.headers["Journeyman-Unattended"] = "yes";
  });

  // A refusal is shown where it belongs, and nothing that was typed is lost.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const answer = event.detail.xhr;
    for (const each of answer.status < 400 ? document.querySelectorAll("[data-away]") : []) { // it is back
      each.replaceChildren();
      each.removeAttribute("data-away");
    }
    if (answer.status >= 400 && answer.getResponseHeader("content-type")?.startsWith("text/html")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
      const place = event.detail.elt.closest("[data-problems]")?.querySelector("[data-problem]") ?? document.querySelector("[data-problem]");
      if (place && answer.status !== 422 && !answer.getResponseHeader("HX-Retarget")) {
        event.detail.target = place;
        place.toggleAttribute("data-away", answer.status >= 500);
        event.detail.swapOverride = "innerHTML";
      }
    }
  });
  // What is read again stays as one left it: opened lists stay open, by their ids, as the focus does (htmx sees to that).
  let unfolded = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    unfolded = [...event.detail.target.querySelectorAll("details[open][id]")].map((each) => each.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of unfolded.splice(0)) document.getElementById(id)?.setAttribute("open", "");
  });

  // What is told live, or was changed here, is read again at once, but three times a second at most, and the last of it is never
  // left unread. A part says `hx-trigger="live from:body"`; the page, inside what has `sse-connect`, `<span hidden hx-trigger="sse:change, sse:reset">`.
  let reading;
  let readAt = -Infinity;
  const live = () => {
    reading ??= setTimeout(() => {
      reading = undefined;
      readAt = performance.now();
      htmx.trigger(document.body, "live");
    }, Math.max(20, readAt + 300 - performance.now()));  // what is done at once is told in a few events
  };
  document.addEventListener("changed", live);  // told by the answer to what was done here
  document.addEventListener("sse:change", live);
  document.addEventListener("sse:reset", live);

  // Who signs out leaves nothing that they typed.
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") !== "/signout") return;
    for (const key of Object.keys(localStorage)) if (key.startsWith("draft:")) localStorage.removeItem(key);
  });

  // A look ends with its page.
  const left = document.querySelector("[data-left]")?.dataset.left;
  if (left) addEventListener("pagehide", () => navigator.sendBeacon(left));

  document.addEventListener("htmx:sendError", () => say("The connection is lost. What you typed is kept here; send it again."));
  document.addEventListener("htmx:sseError", () => root.classList.add("offline"));
  document.addEventListener("htmx:sseOpen", () => root.classList.remove("offline"));
})();
