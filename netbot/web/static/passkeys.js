// Passkeys: the device is asked what the house asks, and the form carries its answer.
"use strict";

{
  function decode(text) {
    const signs = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(signs, (sign) => sign.charCodeAt(0));
  }

  function encode(buffer) {
    const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
    return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  }

  // Numbers of bytes travel as base64url.
  function open(options) {
    const opened = { ...options, challenge: decode(options.challenge) };
    if (options.user) opened.user = { ...options.user, id: decode(options.user.id) };
    if (options.excludeCredentials) {
      opened.excludeCredentials = options.excludeCredentials.map((each) => ({ ...each, id: decode(each.id) }));
    }
    return opened;
  }

  function fold({ id, rawId, type, response }) {
    const told = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[part]) told[part] = encode(response[part]);
    }
    return JSON.stringify({ id, rawId: encode(rawId), type, response: told });
  }

  async function answer(form) {
    const body = new URLSearchParams(new FormData(form));
    const asked = await fetch(`${form.action}/ask`, { method: "POST", body, redirect: "error" });
    const options = await asked.json();
    if (!asked.ok) return options.problem;
    const publicKey = open(options);
    const isNew = form.dataset.passkey === "new";
    const made = await (isNew ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
    form.elements.credential.value = fold(made);
    form.submit();
    return "";
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) break;
    let busy = false;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation(); // nothing is sent yet: whoever thinks better of it may try again
      if (busy) return;
      busy = true;
      const said = form.querySelector(".problem");
      said.textContent = await answer(form).catch(() => form.dataset.failed);
      said.hidden = !said.textContent;
      busy = false;
    });
  }
}
