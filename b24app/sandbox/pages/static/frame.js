"use strict";
(function () {
  const frame = document.getElementById("app");
  const form = document.getElementById("open");
  const origin = new URL(form.action).origin;

  async function auth() {
    const answer = await fetch(frame.dataset.auth);
    if (!answer.ok) { return false; }
    const said = await answer.json();
    said.expires_in = Date.now() + said.expires_in * 1000;
    return said;
  }

  const calls = {
    init: async () => ({
      auth: await auth(),
      placement: {placement: frame.dataset.placement, options: JSON.parse(frame.dataset.options)},
    }),
    refreshAuth: auth,
    installFinish: async () => {
      await fetch(frame.dataset.finish, {method: "POST"});
      window.location.assign("/apps/");
      return true;
    },
    resize: async (size) => {
      frame.style.height = `${Math.max(200, Math.ceil(Number(size.height) || 0))}px`;
      return true;
    },
    openPath: async (path) => {
      if (typeof path === "string" && path.startsWith("/") && !path.startsWith("//")) { window.location.assign(path); }
      return true;
    },
  };

  window.addEventListener("message", async (event) => {
    if (event.source !== frame.contentWindow || event.origin !== origin) { return; }
    const asked = event.data || {};
    if (!Object.hasOwn(calls, asked.bx24)) { return; }
    const said = await calls[asked.bx24](asked.value);
    frame.contentWindow.postMessage({bx24: asked.id, value: said}, origin);
  });

  form.submit();
}());
