// Says when there is no connection, and keeps forms from being lost to the browser's own page about it: what was filled in stays where
// it is until it can be sent.
"use strict";

(() => {
  const said = document.querySelector("#offline > p");
  if (!said) return;
  const look = () => { said.hidden = navigator.onLine; };
  window.addEventListener("offline", look);
  window.addEventListener("online", look);
  document.addEventListener("submit", (event) => {
    look();
    if (!navigator.onLine) {
      event.preventDefault();
      said.scrollIntoView({ block: "nearest" });
    }
  }, true);
  look();
})();
