/* Forwards to the privacy center what a page of yours was told: the browser's privacy signal, and a no. Host it yourself.
   <script src="/forward.js" data-center="https://privacy.example.com" defer></script>
   privacyCenter.deny("ads"); privacyCenter.deny("news", "email"); privacyCenter.stop("sale" | "marketing" | "sensitive")
   It can only take a permission away, sets no cookie of its own and asks nobody else. */
(function () {
  "use strict";
  var script = document.currentScript;
  var center = script && script.dataset.center;
  if (!center) return;
  function send(fields) {
    var body = new URLSearchParams(fields);
    return fetch(center.replace(/\/$/, "") + "/signal/", {
      method: "POST", body: body, credentials: "include", mode: "cors", keepalive: true, referrerPolicy: "no-referrer"
    }).then(function (answer) {
      return answer.ok ? answer.json() : { taken: [] };
    }, function () {
      return { taken: [] }; // not reached: what the page knows it has to obey by itself
    });
  }
  window.privacyCenter = {
    deny: function (purpose, channel) { return send([["deny", channel ? purpose + "." + channel : purpose]]); },
    stop: function (scope) { return send([["scope", scope]]); },
    signal: function () { return send([["gpc", "1"]]); }
  };
  var told = "privacy-signal-told";
  if (navigator.globalPrivacyControl && !sessionStorage.getItem(told)) {
    window.privacyCenter.signal().then(function (answer) {
      if (answer.taken.length) sessionStorage.setItem(told, "1"); // once a visit
    });
  }
})();
