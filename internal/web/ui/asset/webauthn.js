// Fills in the forms that only a passkey can answer: asks the device, puts its answer into "given", submits.
"use strict";

(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const each = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));

  const ask = async (ceremony, given) => {
    const o = given.publicKey || given;
    const publicKey = { ...o, challenge: bytes(o.challenge) };
    if (ceremony === "create") {
      publicKey.user = { ...o.user, id: bytes(o.user.id) };
      publicKey.excludeCredentials = each(o.excludeCredentials);
      return navigator.credentials.create({ publicKey });
    }
    publicKey.allowCredentials = each(o.allowCredentials);
    return navigator.credentials.get({ publicKey });
  };

  const written = (c) => {
    const r = c.response;
    const response = { clientDataJSON: text(r.clientDataJSON) };
    if (r.attestationObject) {
      response.attestationObject = text(r.attestationObject);
      response.transports = r.getTransports ? r.getTransports() : [];
    } else {
      response.authenticatorData = text(r.authenticatorData);
      response.signature = text(r.signature);
      if (r.userHandle) response.userHandle = text(r.userHandle);
    }
    return JSON.stringify({
      id: c.id, rawId: text(c.rawId), type: c.type, response,
      authenticatorAttachment: c.authenticatorAttachment || undefined,
      clientExtensionResults: c.getClientExtensionResults(),
    });
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form.passkey") || form.elements.given.value) return;
    if (event.submitter?.formNoValidate || form.elements.pin?.value) return; // a no, or another way of saying yes
    event.preventDefault();
    const failed = form.querySelector(".failed");
    failed.hidden = true;
    ask(form.dataset.ceremony, JSON.parse(form.dataset.options))
      .then((credential) => {
        form.elements.given.value = written(credential);
        form.requestSubmit(event.submitter);
      })
      .catch(() => { failed.hidden = false; });
  });
})();
