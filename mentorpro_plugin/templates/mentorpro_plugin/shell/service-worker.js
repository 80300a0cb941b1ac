{% comment %}
    The service worker of a front door: the frame of the pages is kept on the device, their content isn't.

    - `app` - names and version, as JSON: see ServiceWorkerView
{% endcomment %}"use strict";

const APP = {{ app|safe }};

// The frame: replaced whole with each version.
const SHELL = `${APP.door}-shell-${APP.version}`;
// Pages and files that asked to be kept, newest last. They outlive versions, but not a log-out.
const KEPT = `${APP.door}-kept`;
const KEPT_AT_MOST = 40;

self.addEventListener("install", (event) => {
    event.waitUntil(
        (async () => {
            const cache = await caches.open(SHELL);
            const wanted = [...APP.files, APP.offline];
            await cache.addAll(wanted.map((url) => new Request(url, { cache: "no-cache" })));
            await self.skipWaiting();
        })(),
    );
});

self.addEventListener("activate", (event) => {
    event.waitUntil(
        (async () => {
            const names = await caches.keys();
            // The other door may be at the same address, and keeps its own.
            const old = names.filter((name) => name.startsWith(`${APP.door}-shell-`) && name !== SHELL);
            await Promise.all(old.map((name) => caches.delete(name)));
            await self.registration.navigationPreload?.enable();
            await self.clients.claim();
        })(),
    );
});

self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== self.location.origin) {
        return;
    }
    // A part of a page has the page's address, and a part of a film the film's: neither stands for the whole.
    if (request.headers.has("HX-Request") || request.headers.has("Range")) {
        return;
    }
    if (request.mode === "navigate") {
        event.respondWith(page(event));
    } else if (APP.files.includes(url.pathname)) {
        event.respondWith(frame(request));
    } else if (url.pathname.startsWith(APP.statics)) {
        event.respondWith(asset(event));
    } else {
        event.respondWith(file(event));
    }
});

// A page comes from the network; without one, as it was kept, or else the offline page.
async function page(event) {
    try {
        const response = (await event.preloadResponse) || (await fetch(event.request));
        event.waitUntil(heed(event.request, response.clone()));
        return response;
    } catch {
        return (await kept(event.request)) || (await frame(new Request(APP.offline)));
    }
}

// What every page needs comes from the device.
async function frame(request) {
    const cache = await caches.open(SHELL);
    return (await cache.match(request, { ignoreVary: true })) || fetch(request);
}

// Other static files come from the network, and are there the next time even without one.
async function asset(event) {
    const cache = await caches.open(SHELL);
    try {
        const response = await fetch(event.request);
        if (response.ok) {
            event.waitUntil(cache.put(event.request, response.clone()));
        }
        return response;
    } catch {
        return (await cache.match(event.request, { ignoreVary: true })) || Response.error();
    }
}

async function file(event) {
    try {
        const response = await fetch(event.request);
        event.waitUntil(heed(event.request, response.clone()));
        return response;
    } catch {
        return (await kept(event.request)) || Response.error();
    }
}

async function kept(request) {
    const cache = await caches.open(KEPT);
    return cache.match(request, { ignoreVary: true });
}

// The server says of each response what may stay on this device: "yes" keeps it, "forget" empties what was kept.
async function heed(request, response) {
    const wish = response.headers.get("X-Offline");
    if (wish === "forget") {
        await caches.delete(KEPT);
    } else if (wish === "yes" && response.ok && !response.redirected) {
        const cache = await caches.open(KEPT);
        await cache.delete(request, { ignoreVary: true });
        await cache.put(request, response);
        const entries = await cache.keys();
        const surplus = entries.slice(0, Math.max(0, entries.length - KEPT_AT_MOST));
        await Promise.all(surplus.map((entry) => cache.delete(entry, { ignoreVary: true })));
    }
}
