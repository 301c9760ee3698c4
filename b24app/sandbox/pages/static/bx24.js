"use strict";
(function () {
  const portal = new URL(document.currentScript.src).origin;
  const waiting = new Map();
  let number = 0;
  let auth = false;
  let placement = {placement: "DEFAULT", options: {}};
  let ready = null;

  function ask(name, value) {
    number += 1;
    const id = `q${number}`;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      window.parent.postMessage({bx24: name, id: id, value: value}, portal);
    });
  }

  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.origin !== portal) { return; }
    const resolve = waiting.get((event.data || {}).bx24);
    if (resolve) { waiting.delete(event.data.bx24); resolve(event.data.value); }
  });

  function start() {
    if (!ready) {
      ready = ask("init").then((said) => { auth = said.auth; placement = said.placement; });
    }
    return ready;
  }

  window.BX24 = {
    init: (callback) => { start().then(callback); },
    getAuth: () => (auth && auth.expires_in > Date.now() ? auth : false),
    refreshAuth: (callback) => { ask("refreshAuth").then((said) => { auth = said; callback(said); }); },
    installFinish: () => { ask("installFinish"); },
    isAdmin: () => Boolean(auth && auth.is_admin),
    placement: {info: () => placement},
    fitWindow: (callback) => {
      const height = document.documentElement.scrollHeight;
      ask("resize", {width: document.documentElement.clientWidth, height: height}).then(callback || (() => {}));
    },
    resizeWindow: (width, height, callback) => {
      ask("resize", {width: width, height: height}).then(callback || (() => {}));
    },
    openPath: (path, callback) => { ask("openPath", path).then(callback || (() => {})); },
  };
}());
