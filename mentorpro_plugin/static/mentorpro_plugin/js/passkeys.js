/* Shows what went wrong with a passkey, where allauth's script would tell the console only. */
(function () {
    "use strict";

    document.addEventListener("allauth.error", function (event) {
        event.preventDefault();
        document.querySelectorAll("[data-passkey-trouble]").forEach(function (trouble) {
            trouble.hidden = false;
        });
    });
})();
