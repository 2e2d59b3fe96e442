// A list of tasks by keyboard: one row is current, its buttons have the keys, and it stays current when the list is read again.
(() => {
  "use strict";
  let current = null;
  let place = 0;
  let offered = null;

  const rows = () => [...document.querySelectorAll("[data-row]")];
  const link = (row) => row.querySelector("[data-open]");

  function mark(row) {
    for (const each of rows()) {
      const here = each === row;
      each.toggleAttribute("data-current", here);
      for (const button of each.querySelectorAll("[data-row-key]")) {
        if (here) button.dataset.key = button.dataset.rowKey;
        else delete button.dataset.key;
      }
      const open = link(each);
      if (here) {
        open.dataset.key = "o";
        open.dataset.keyWords = "Open it (or Enter)";
      } else {
        delete open.dataset.key;
      }
    }
    current = row?.dataset.row ?? null;
    place = row ? rows().indexOf(row) : 0;
  }

  function step(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((each) => each.dataset.row === current);
    const inside = at >= 0 && all[at].contains(document.activeElement);
    const row = all[inside ? Math.min(Math.max(at + by, 0), all.length - 1) : Math.max(at, 0)];
    mark(row);
    link(row).focus();
  }

  function found() {
    const all = rows();
    return all.find((each) => each.dataset.row === current) ?? all[Math.min(place, all.length - 1)] ?? null;
  }

  function tell() {
    const now = new Map([...document.querySelectorAll("[data-offer]")].map((each) => [each.dataset.row, each.dataset.offer]));
    const said = document.getElementById("said");
    const fresh = offered && [...now].find(([id]) => !offered.has(id));
    if (fresh && said) {
      said.textContent = `Offered to you: ${fresh[1]}`;
      setTimeout(() => { if (said.textContent.endsWith(fresh[1])) said.textContent = ""; }, 8000);
    }
    offered = now;
  }

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row && row.dataset.row !== current) mark(row);
  });
  document.addEventListener("click", (event) => {
    const by = event.target.closest("[data-step]");
    if (by) step(Number(by.dataset.step));
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.verb === "get") return;
    for (const each of document.querySelectorAll("[data-problem]")) each.replaceChildren();
  });

  // What had the focus and is gone leaves it to the row that is current now.
  let held = false;
  document.addEventListener("htmx:beforeSwap", (event) => {
    held = event.detail.target.contains(document.activeElement) && event.detail.target.matches("[data-list]");
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!event.detail.target.matches("[data-list]")) return;
    const row = found();
    mark(row);
    if (held && row && (document.activeElement === document.body || !document.activeElement)) link(row).focus();
    tell();
  });
  // A stream that is refused, while the console answers, is of someone who is signed out or of another team now: begin anew.
  document.addEventListener("htmx:sseError", async (event) => {
    const last = Number(sessionStorage.getItem("begun-anew") ?? 0);
    if (event.detail.source.readyState !== EventSource.CLOSED || Date.now() - last < 30_000) return;
    const answer = await fetch("/desk/me.part").catch(() => null);
    if (!answer || answer.status >= 500) return;
    sessionStorage.setItem("begun-anew", String(Date.now()));
    location.reload();
  });

  mark(found());
  tell();
})();
