// The customer chat: what is new appears, and what is sent needs no reload. Without it the page posts and reloads.
(() => {
  "use strict";
  const root = document.documentElement;
  for (const field of document.querySelectorAll("[data-time-zone]")) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const theme = document.querySelector("[data-theme-switch]");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
  });

  const page = document.querySelector("[data-chat]");
  if (!page) return;
  const [state, log, lines, problem, offline] = ["state", "log", "lines", "problem", "offline"].map((name) => page.querySelector(`[data-${name}]`));
  const journey = () => state.querySelector("[data-journey]").dataset.journey;
  const toEnd = () => { log.scrollTop = log.scrollHeight; };
  page.querySelector("[data-keys]").hidden = false;
  toEnd();

  // Who leaves is told so by the answer to that, and by nothing that is read meanwhile.
  let leaving = false;
  document.addEventListener("submit", (event) => { leaving = !event.target.matches("[data-send]"); });
  const reload = () => { if (!leaving) location.reload(); };

  // A part of the page; where the chat is over, the page as it then is.
  async function part(path) {
    const answer = await fetch(path, { headers: { "HX-Request": "true" } });
    if (answer.status === 401) reload();
    if (!answer.ok) throw new Error(answer.status);
    return answer.text();
  }

  // One after the other, so that no line comes twice; who asks meanwhile is served by the next round.
  let busy = false;
  let again = false;
  async function refresh() {
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again) {
        again = false;
        const before = journey();
        const now = await part("/chat/state");
        if (now.trim() !== state.innerHTML.trim()) state.innerHTML = now;
        if (before && before !== journey()) return reload();
        if (!journey()) continue;
        const last = lines.lastElementChild?.dataset.position ?? 0;
        const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
        lines.insertAdjacentHTML("beforeend", await part(`/chat/lines?journey=${encodeURIComponent(journey())}&after=${last}`));
        page.querySelector("[data-empty]").hidden = lines.childElementCount > 0;
        if (atEnd) toEnd();
        listen();
      }
    } catch {
      setTimeout(refresh, 3000);
    } finally {
      busy = false;
    }
  }

  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  let stream = null;
  function listen() {
    if (stream || !journey()) return;
    stream = new EventSource(`/api/v1/chat/journeys/${encodeURIComponent(journey())}/events?after=${page.dataset.after}`);
    stream.addEventListener("change", refresh);
    stream.addEventListener("reset", refresh);
    stream.addEventListener("open", () => { offline.textContent = ""; });
    stream.addEventListener("error", () => {
      offline.textContent = offline.dataset.offline;
      if (stream.readyState === EventSource.CLOSED) {
        stream = null;
        setTimeout(refresh, 3000);
      }
    });
  }
  listen();
  setInterval(refresh, 30000); // the place in the queue moves by others' doing
  addEventListener("pagehide", () => stream?.close());

  const text = page.querySelector("textarea");
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    text.form.requestSubmit();
  });

  for (const form of page.querySelectorAll("[data-send]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.dataset.sending) return;
      const sent = form.contains(text) ? text.value : "";
      form.dataset.sending = "yes";
      try {
        const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "HX-Request": "true" } });
        if (answer.status === 401) return reload();
        problem.replaceChildren();
        if (answer.ok) {
          form.elements.once.value = fresh();
          if (sent && text.value.startsWith(sent)) text.value = text.value.slice(sent.length); // what was typed meanwhile stays
          refresh().then(toEnd);
        } else if (answer.status < 500) {
          problem.innerHTML = await answer.text();
        } else {
          failed();
        }
      } catch {
        failed(); // sent again, it is the same message
      } finally {
        delete form.dataset.sending;
        text.focus();
      }
    });
  }
  function failed() {
    const told = document.createElement("p");
    told.className = "problem";
    told.setAttribute("role", "alert");
    told.textContent = problem.dataset.away;
    problem.replaceChildren(told);
  }
})();
