// Follows a case's events and shows the page anew when something happened. What was typed and not sent yet, and what was unfolded, is kept;
// a page that shows the newest already is left alone. The address it follows by says what it shows.
// A page that nobody looks at follows nothing: browsers speaking HTTP/1.1 have six connections to a house, and each stream holds one.
"use strict";

(() => {
  const main = document.getElementById("main");
  let path = main && main.dataset.follow;
  if (!path || !window.EventSource) return;

  const typed = () => [...main.querySelectorAll("input[id]")].filter((i) => i.type !== "hidden" && i.value !== i.defaultValue);

  let latest = 0; // fetches overtake one another, and the one that began last has the newest

  const refresh = async () => {
    const turn = ++latest;
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
    if (!fresh || turn !== latest || fresh.dataset.follow === main.dataset.follow) return;
    const kept = typed().map((i) => [i.id, i.value]);
    const unfolded = new Map([...main.querySelectorAll("details[id]")].map((d) => [d.id, d.open]));
    const focused = document.activeElement && document.activeElement.id;
    main.dataset.follow = path = fresh.dataset.follow || "";
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

  let source = null;
  const close = () => {
    if (source) source.close();
    source = null;
  };
  // Whoever comes back is told at once of what they missed.
  const open = () => {
    if (source || !path || document.hidden) return;
    source = new EventSource(path);
    source.addEventListener("change", () => { refresh().catch(() => {}); });
    source.addEventListener("end", () => {
      close();
      path = "";
    });
  };

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
})();
