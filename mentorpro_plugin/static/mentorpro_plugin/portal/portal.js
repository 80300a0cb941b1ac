// What every page behind a front door does with scripts: say that the network is gone, keep the app's frame on the
// device, and offer to install the app. Everything else works without.

(() => {
    "use strict";

    // The server writes moments as the clock on this wall shows them.
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone && !document.cookie.includes(`timezone=${zone}`)) {
        const secure = window.location.protocol === "https:" ? "; secure" : "";
        document.cookie = `timezone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
    }

    const notice = document.getElementById("offline");
    const { worker, scope } = document.body.dataset;

    // The words come in late, so that screen readers speak them.
    const tellOffline = () => {
        notice.hidden = navigator.onLine;
        notice.textContent = navigator.onLine ? "" : notice.dataset.text;
    };

    window.addEventListener("online", tellOffline);
    window.addEventListener("offline", tellOffline);
    if (!navigator.onLine) {
        tellOffline();
    }

    if (worker && "serviceWorker" in navigator) {
        // After the page: what the worker fetches must not hold up what is to be read.
        window.addEventListener("load", () => {
            navigator.serviceWorker.register(worker, { scope, updateViaCache: "none" }).catch(() => {
                // A browser that forbids it, such as in a private window. The pages work all the same.
            });
        });
    }

    // The site is busy: what it says stands above the page, which stays as it was. Proxies don't say when to try again.
    document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
        if (xhr.status === 503 && xhr.getResponseHeader("Retry-After")) {
            const notices = document.createElement("div");
            notices.className = "notices";
            notices.innerHTML = xhr.responseText;
            const main = document.getElementById("main");
            main.querySelector(".notices")?.remove();
            main.prepend(notices);
            notices.scrollIntoView({ block: "nearest" });
        }
    });

    window.addEventListener("beforeinstallprompt", (prompt) => {
        for (const offer of document.querySelectorAll("[data-install]")) {
            prompt.preventDefault();
            offer.hidden = false;
            offer.querySelector("button").addEventListener("click", () => prompt.prompt(), { once: true });
        }
    });

    window.addEventListener("appinstalled", () => {
        for (const offer of document.querySelectorAll("[data-install]")) {
            offer.hidden = true;
        }
    });
})();
