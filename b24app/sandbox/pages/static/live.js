"use strict";
(function () {
  async function refresh() {
    if (document.hidden || document.activeElement instanceof HTMLInputElement) { return; }
    let answer;
    try { answer = await fetch(window.location.pathname); } catch { return; }
    if (!answer.ok) { return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const now = fresh.getElementById(part.id);
      if (now && now.innerHTML !== part.innerHTML) { part.replaceWith(now); }
    }
  }

  setInterval(refresh, 2000);
}());
