// The copilot: suggestions shown while they are written, and put where one types. Without it, forms do the same and wait.
(() => {
  "use strict";
  let writing = null;
  let drafted = false;

  const place = () => document.querySelector("[data-copilot]");
  const part = (name) => place()?.querySelector(`[data-copilot-${name}]`);

  function tell(words) {
    const status = part("status");
    if (status) status.textContent = words;
  }

  function show(text) {
    const box = part("writing");
    if (box) box.hidden = text === null;
    const written = part("text");
    if (written) written.textContent = text ?? "";
  }

  // The stream's events, one after the other (the HTML standard, section 9.2, as far as the console writes them).
  async function* events(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop();
      for (const each of parts) {
        const [event, data] = each.split("\n");
        yield [event.slice("event: ".length), JSON.parse(data.slice("data: ".length))];
      }
    }
  }

  async function ask(task, kind) {
    drafted ||= kind === "wrap_up";
    writing?.abort();
    const mine = writing = new AbortController();
    tell("");
    show("");
    try {
      const answer = await fetch(`/api/v1/tasks/${encodeURIComponent(task)}/suggestions`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ kind }),
        signal: mine.signal,
      });
      if (!answer.ok) {
        const problem = await answer.json();
        tell(`No AI help now: ${problem.title}.`);
        return;
      }
      for await (const [event, told] of events(answer.body)) {
        if (event === "written") show(told.text);
        else if (event === "unavailable") tell(`No AI help now: ${told.cause === "error" ? "it broke off" : told.why}. You go on as you are.`);
        else if (event === "suggestion") await htmx.ajax("GET", `/desk/tasks/${encodeURIComponent(task)}/copilot`, { target: "#copilot", swap: "innerHTML" });
      }
    } catch (error) {
      tell(error.name === "AbortError" ? "The AI writes no more." : "No AI help now: the connection is lost. You go on as you are.");
    } finally {
      if (writing === mine) {
        writing = null;
        show(null);
      }
    }
  }

  let recorded = Promise.resolve();

  // It goes on the record without the person waiting for it; what they send goes after it.
  async function record(task, suggestion, into) {
    const answer = await fetch(`/api/v1/tasks/${encodeURIComponent(task)}/suggestions/${encodeURIComponent(suggestion)}/insert`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ into }),
      keepalive: true,
      signal: AbortSignal.timeout(5000),
    }).catch(() => null);
    if (!answer?.ok) tell("That you inserted it could not be recorded.");
  }

  function insert(place, id, text, disposition) {
    const form = place.matches("form") ? place : place.querySelector("form");
    if (place.matches("details")) place.open = true;
    const field = form.elements.text ?? form.elements.comment;
    field.value = field.value.trim() ? `${field.value.trimEnd()}\n${text}` : text;
    if (disposition) form.elements.disposition.value = disposition;
    form.elements.suggestion.value = id;
    form.querySelector("[data-suggested]").hidden = false;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.copilotAsk) {
      event.preventDefault();
      ask(place().dataset.copilot, form.dataset.copilotAsk);
    } else if (form.dataset.copilotInsert) {
      const into = document.getElementById(`form-${form.dataset.copilotInsert}`);
      const text = document.getElementById(`${form.dataset.suggestion}-text`);
      if (!into || !text) return;
      event.preventDefault();
      insert(into, form.dataset.suggestion, text.textContent, form.dataset.disposition);
      recorded = record(place().dataset.copilot, form.dataset.suggestion, form.dataset.copilotInsert);
    }
  });
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.target.elements?.suggestion?.value || event.detail.question) return;
    event.preventDefault();
    recorded.then(() => event.detail.issueRequest(true));
  });
  // Who turns to the form that closes the task finds closing notes drafted, once.
  document.addEventListener("focusin", (event) => {
    if (drafted || writing || !part('ask="wrap_up"')) return;
    if (!event.target.matches("#form-work :is(input, textarea, select), #form-dispose[open] :is(textarea, select)")) return;
    drafted = true;
    if (!part('insert="work"') && !part('insert="dispose"')) ask(place().dataset.copilot, "wrap_up");
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-copilot-cancel]")) writing?.abort();
  });
})();
