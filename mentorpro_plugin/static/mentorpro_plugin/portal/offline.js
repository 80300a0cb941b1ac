// On the offline page: what was kept to be read, and another try at the page that was asked for. Not by itself: a bad
// network comes and goes, and would take the page away from whoever is about to choose something to read.

(() => {
    "use strict";

    const section = document.getElementById("kept");

    const titleOf = async (response) => {
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        return page.querySelector("h1")?.textContent.trim() || page.title;
    };

    const isPage = (response) => (response.headers.get("Content-Type") || "").startsWith("text/html");

    const listKept = async () => {
        if (!(await caches.has(section.dataset.cache))) {
            return;
        }
        const cache = await caches.open(section.dataset.cache);
        for (const request of (await cache.keys()).reverse()) {
            const response = await cache.match(request, { ignoreVary: true });
            if (!isPage(response)) {
                continue;
            }
            const link = document.createElement("a");
            link.className = "list__item";
            link.href = request.url;
            link.textContent = await titleOf(response);
            const item = document.createElement("li");
            item.append(link);
            section.querySelector("ul").append(item);
            section.hidden = false;
        }
    };

    // The service worker shows this page at the address of the one that was wanted.
    document.getElementById("again").addEventListener("click", (event) => {
        event.preventDefault();
        window.location.reload();
    });

    if ("caches" in window) {
        listKept();
    }
})();
