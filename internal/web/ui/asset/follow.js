// Follows a case's events and shows the page anew when something happened. What was typed and not sent yet, and what was unfolded, is kept.
"use strict";

(() => {
  const main = document.getElementById("main");
  const path = main && main.dataset.follow;
  if (!path || !window.EventSource) return;

  const typed = () => [...main.querySelectorAll("input[id]")].filter((i) => i.type !== "hidden" && i.value !== i.defaultValue);

  const refresh = async () => {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
    if (!fresh) return;
    const kept = typed().map((i) => [i.id, i.value]);
    const unfolded = new Map([...main.querySelectorAll("details[id]")].map((d) => [d.id, d.open]));
    const focused = document.activeElement && document.activeElement.id;
    main.replaceChildren(...fresh.childNodes);
    for (const [id, value] of kept) {
      const field = document.getElementById(id);
      if (field) field.value = value;
    }
    for (const d of main.querySelectorAll("details[id]")) {
      if (unfolded.has(d.id)) d.open = unfolded.get(d.id);
    }
    const again = focused && document.getElementById(focused);
    if (again) again.focus();
  };

  const source = new EventSource(path);
  source.addEventListener("change", () => { refresh().catch(() => {}); });
  source.addEventListener("end", () => source.close());
  window.addEventListener("pagehide", () => source.close());
})();
