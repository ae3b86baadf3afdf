// Shows what has changed since: the signs, the tour, and the frame of a party whose signs changed, unless somebody is at work in it.
"use strict";

(() => {
  const stale = new Set();

  const reload = () => {
    for (const frame of stale) {
      if (document.activeElement === frame) continue;
      frame.src = frame.src;
      stale.delete(frame);
    }
  };

  const replace = (here, there) => {
    const focused = here.contains(document.activeElement) && document.activeElement.id;
    here.replaceChildren(...there.childNodes);
    const again = focused && document.getElementById(focused);
    if (again) again.focus();
  };

  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const here of document.querySelectorAll("[data-live]")) {
      const there = fresh.getElementById(here.id);
      if (!there || there.innerHTML === here.innerHTML) continue;
      replace(here, there);
      const frame = document.getElementById(here.dataset.live);
      if (frame && frame.src) stale.add(frame);
    }
    for (const panel of document.querySelectorAll(".panel")) {
      const there = fresh.getElementById(panel.id);
      if (there) panel.className = there.className;
      if (panel.matches(".here") && panel.matches("details")) panel.open = true;
    }
    reload();
  };

  setInterval(() => { look().catch(() => {}); }, 1500);
  document.addEventListener("visibilitychange", () => { look().catch(() => {}); });
})();
