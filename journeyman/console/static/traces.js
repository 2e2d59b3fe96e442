// Keys of a trace: from entry to entry. An entry opens as every `<summary>` does.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const entries = [...document.querySelectorAll("[data-entry] > summary")];
    if (!entries.length) return;
    const step = Number(button.dataset.step);
    const here = entries.findIndex((each) => each.closest(".entry").contains(document.activeElement));
    const last = here >= 0 ? here : entries.indexOf(document.querySelector("[data-last-entry]"));
    const next = entries[Math.min(entries.length - 1, Math.max(0, last + step))];
    document.querySelector("[data-last-entry]")?.removeAttribute("data-last-entry");
    next.setAttribute("data-last-entry", "");
    next.focus();
    next.closest(".entry").scrollIntoView({ block: "nearest" });
  });
})();
