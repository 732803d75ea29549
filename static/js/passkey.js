// Passkeys: the only thing here that needs a script. Without one, or in a browser that cannot, the forms stay hidden.
(() => {
  const keys = window.PublicKeyCredential;
  if (!keys?.parseCreationOptionsFromJSON || !keys.parseRequestOptionsFromJSON) return;

  const post = async (form, url, credential) => {
    const body = new FormData(form);
    if (credential) body.set("credential", JSON.stringify(credential));
    const response = await fetch(url, { method: "POST", body, credentials: "same-origin" });
    return response.json();
  };

  const use = async (form) => {
    const asked = await post(form, form.action);
    if (asked.location) return asked;
    const credential =
      form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: keys.parseCreationOptionsFromJSON(asked.publicKey) })
        : await navigator.credentials.get({ publicKey: keys.parseRequestOptionsFromJSON(asked.publicKey) });
    return post(form, form.dataset.complete, credential.toJSON());
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.closest("[data-passkey-part]").hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      // Cancelled, no passkey on this device, no network: whatever it was, the other way in is named and nobody is blamed.
      const done = await use(form).catch(() => ({ error: form.dataset.otherwise }));
      if (done.location) location.assign(done.location);
      else form.querySelector("[role=status]").textContent = done.error;
    });
  }
})();
