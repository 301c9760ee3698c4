"use strict";
(function () {
  const address = document.querySelector("[data-address]")?.dataset.address ?? window.location.pathname;
  const typedInto = (part) => [...part.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue);

  async function refresh() {
    if (document.hidden || document.activeElement?.matches("input, textarea, select")) { return; }
    let answer;
    try { answer = await fetch(address); } catch { return; }
    if (!answer.ok) { return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const now = fresh.getElementById(part.id);
      if (now && now.innerHTML !== part.innerHTML && !typedInto(part)) { part.replaceWith(now); }
    }
  }

  setInterval(refresh, 2000);
}());
