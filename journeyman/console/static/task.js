// The page of a task: what keys do in its forms, and what was typed while the connection was lost.
(() => {
  "use strict";
  const page = document.querySelector("[data-task]");
  if (!page) return;
  const task = page.dataset.task;
  const kept = (form) => `draft:${page.dataset.person}:${task}:${form}`;

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input, textarea, select");
    if (!field) return;
    if (event.key === "Escape") field.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field.form) {
      event.preventDefault();
      field.form.requestSubmit();
    }
  });

  // A form that unfolds, and the key to the work, lead to the first thing to fill in.
  const first = (place) => place.querySelector("input:not([type=hidden]):not(:disabled), textarea, select");
  function unfolded(event) {
    const deed = event.target.closest("details.deed[open]");
    if (deed && !deed.contains(document.activeElement?.closest("textarea, select"))) first(deed)?.focus();
  }
  document.addEventListener("toggle", unfolded, true);
  document.addEventListener("unfold", unfolded);
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-first-field]")) first(event.target)?.focus();
  });

  // A macro goes where one types, with what it leaves open filled in.
  document.addEventListener("click", (event) => {
    const macro = event.target.closest("[data-macro]");
    const reply = document.getElementById("say");
    if (!macro || !reply) return;
    const text = macro.dataset.macro.replaceAll("{customer}", page.dataset.customer).replaceAll("{task}", page.dataset.title);
    reply.setRangeText(text, reply.selectionStart, reply.selectionEnd, "end");
    reply.dispatchEvent(new Event("input", { bubbles: true }));
    reply.focus();
  });

  // The conversation stays at its end, unless someone reads further up.
  const messages = page.querySelector("[data-messages]");
  if (messages) {
    let atEnd = true;
    const toEnd = () => { messages.scrollTop = messages.scrollHeight; };
    toEnd();
    messages.addEventListener("scroll", () => { atEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 60; });
    new MutationObserver(() => { if (atEnd) toEnd(); }).observe(messages, { childList: true, subtree: true });
  }

  // What is typed is kept here, from each key on, until the server has it.
  const typed = (form) => new URLSearchParams(new FormData(form)).toString();
  document.addEventListener("input", (event) => {
    const mark = event.target.form?.querySelector("[data-autosave]");
    if (mark) localStorage.setItem(kept(mark.dataset.autosave), typed(mark.closest("form")));
  });
  const sent = new WeakMap();
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-autosave]")) sent.set(event.target, typed(event.target.closest("form")));
  });
  // Of a refusal, which is shown in its place, htmx tells as of a success; and of a form that was replaced, from around it.
  document.addEventListener("htmx:afterRequest", (event) => {
    const asked = event.detail.requestConfig.elt;
    const answer = event.detail.xhr;
    const form = asked.closest("form");
    const mark = form?.querySelector("[data-autosave]");
    if (!mark) return;
    const taken = answer.status >= 200 && answer.status < 300;
    if (asked === mark && !taken) mark.textContent = "Kept in this browser until the connection is back";
    const done = asked === form || answer.getResponseHeader("HX-Redirect");
    const has = asked === mark && typed(form) === sent.get(mark);
    if (taken && (done || has)) localStorage.removeItem(kept(mark.dataset.autosave));
  });

  // What is still here when the page comes goes back into its form, and on to the server, as when the connection is back.
  const save = (form) => form.dispatchEvent(new Event("input", { bubbles: true }));
  function filled(form, text) {
    const told = new URLSearchParams(text);
    const ticked = (field) => field.matches("[type=checkbox], [type=radio]");
    const own = (field) => field.type !== "hidden" || field.name === "suggestion";
    const fields = [...form.elements].filter((field) => field.name && own(field));
    const known = [...told.keys()].every((name) => form.elements.namedItem(name));
    if (!known || !fields.every((field) => ticked(field) || told.has(field.name))) return false; // it has other rows
    for (const field of fields) {
      if (ticked(field)) field.checked = told.getAll(field.name).includes(field.value);
      else field.value = told.get(field.name);
      if (field.matches("select") && field.value !== told.get(field.name)) return false; // its choices are not here yet
    }
    const suggested = form.querySelector("[data-suggested]");
    if (suggested) suggested.hidden = !told.get("suggestion");
    form.closest("details")?.setAttribute("open", "");
    return true;
  }
  async function drawAnew(name, text) {
    const answer = await fetch(`/desk/tasks/${task}/draft?form=${name}`, { method: "POST", body: new URLSearchParams(text) }).catch(() => null);
    if (!answer || answer.status >= 500) return; // still away
    if (localStorage.getItem(kept(name)) === text) localStorage.removeItem(kept(name));
    if (answer.ok) location.reload();
  }
  function giveBack(give) {
    for (const mark of page.querySelectorAll("[data-autosave]")) {
      const text = localStorage.getItem(kept(mark.dataset.autosave));
      if (text !== null) give(mark.closest("form"), mark.dataset.autosave, text);
    }
  }
  const forms = new Set([...page.querySelectorAll("[data-autosave]")].map((mark) => kept(mark.dataset.autosave)));
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(kept("")) && !forms.has(key)) localStorage.removeItem(key); // of what cannot be done any more
  }
  document.addEventListener("DOMContentLoaded", () => giveBack((form, name, text) => {
    if (filled(form, text)) save(form);
    else drawAnew(name, text);
  }));
  addEventListener("online", () => giveBack(save));
})();
