// Conversations: sends without leaving the page, asks for news, and says what has been on the screen.
// Without this script, the form posts and the page comes anew.

(() => {
    "use strict";

    // Milliseconds between two questions: quickly while something happens, ever more slowly the longer nothing does.
    const PACES = [
        { idleFor: 2 * 60_000, every: 4_000 },
        { idleFor: 10 * 60_000, every: 15_000 },
        { idleFor: Infinity, every: 60_000 },
    ];
    const SLOWEST = 60_000;

    const place = document.querySelector("[data-news]");
    const log = document.getElementById("messages");
    const compose = document.getElementById("compose");

    // The list of messages

    const lastId = () => Math.max(0, ...Array.from(log.querySelectorAll("[data-id]"), (item) => Number(item.dataset.id)));

    // Two pages of messages can bring the same day, and what was sent here can come again as news.
    const tidy = () => {
        const seen = new Set();
        let day = "";
        for (const item of log.querySelectorAll("[data-id], [data-day]")) {
            const isAgain = item.dataset.id ? seen.has(item.dataset.id) : item.dataset.day === day;
            seen.add(item.dataset.id);
            day = item.dataset.day ?? day;
            if (isAgain) {
                item.remove();
            }
        }
    };

    const isAtEnd = () => window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 120;

    const scrollToEnd = () => window.scrollTo({ top: document.documentElement.scrollHeight });

    const append = (items, { follow }) => {
        const stay = !follow && !isAtEnd();
        log.append(...items);
        tidy();
        document.querySelector(".messages__none")?.remove();
        const seen = compose?.elements.seen;
        if (seen) {
            seen.value = lastId();
        }
        if (!stay) {
            scrollToEnd();
        }
        noteRead();
    };

    const markReadByOther = (upTo) => {
        const read = Array.from(log.querySelectorAll(".message--own")).filter((item) => Number(item.dataset.id) <= upTo);
        const last = read.at(-1);
        const marks = log.querySelectorAll(".message__read");
        if (!last || last.querySelector(".message__read")) {
            return;
        }
        marks.forEach((mark) => mark.remove());
        const mark = document.createElement("span");
        mark.className = "message__read";
        mark.textContent = `✓ ${log.dataset.readLabel}`;
        last.querySelector(".message__meta").append(" ", mark);
    };

    const showCount = (part) => {
        const tab = document.querySelector(".tabs a[aria-current]");
        if (tab && part) {
            tab.querySelector(".count")?.remove();
            tab.append(...part.childNodes);
        }
    };

    // What has been on the screen

    let noted = 0;
    const noteRead = async () => {
        const last = log ? lastId() : 0;
        const form = compose ?? document.getElementById("marking");
        if (!log?.dataset.read || !form || document.hidden || last <= noted) {
            return;
        }
        const body = new FormData();
        body.set("up_to", last);
        body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
        try {
            const answer = await fetch(log.dataset.read, { method: "POST", body, redirect: "manual" });
            noted = answer.ok ? last : noted;
        } catch {
            // No connection: the next message, or the next look, tries again.
        }
    };

    // News

    let mark = place?.dataset.mark;
    let lastEvent = Date.now();
    let failures = 0;
    let timer;
    let isAsking = false;

    const wait = () => {
        clearTimeout(timer);
        if (document.hidden) {
            return;
        }
        const idle = Date.now() - lastEvent;
        const { every } = PACES.find((pace) => idle < pace.idleFor);
        const delay = Math.min(every * 2 ** failures, SLOWEST);
        // Not all pages at the same moment.
        timer = setTimeout(ask, delay * (0.9 + Math.random() * 0.2));
    };

    const ask = async () => {
        if (isAsking || document.hidden) {
            return;
        }
        isAsking = true;
        clearTimeout(timer);
        try {
            const url = log ? `${place.dataset.news}?after=${lastId()}` : place.dataset.news;
            const answer = await fetch(url, {
                headers: { "HX-Request": "true", "If-None-Match": `"${mark}"` },
                cache: "no-store",
                redirect: "manual",
            });
            if (answer.headers.has("HX-Redirect") || [401, 403, 404].includes(answer.status)) {
                // Logged out meanwhile, or something to be read first.
                window.location.reload();
                return;
            }
            failures = answer.ok || answer.status === 304 ? 0 : failures + 1;
            if (answer.status === 200) {
                take(await answer.text());
                mark = answer.headers.get("ETag").replace(/^W\/|"/g, "");
            }
        } catch {
            failures += 1;
        } finally {
            isAsking = false;
            wait();
        }
    };

    const take = (html) => {
        const parts = document.createElement("template");
        parts.innerHTML = html;
        const part = (name) => parts.content.querySelector(`[data-part="${name}"]`);
        showCount(part("count"));
        if (!log) {
            place.replaceChildren(...part("list").childNodes);
            lastEvent = Date.now();
            return;
        }
        const items = Array.from(part("messages").children);
        if (items.length) {
            lastEvent = Date.now();
            append(items, { follow: false });
        }
        markReadByOther(Number(part("messages").dataset.readUpTo));
    };

    if (place) {
        document.addEventListener("visibilitychange", () => {
            if (document.hidden) {
                clearTimeout(timer);
            } else {
                lastEvent = Date.now();
                ask();
                noteRead();
            }
        });
        for (const event of ["keydown", "pointerdown"]) {
            document.addEventListener(event, () => {
                const wasSlow = Date.now() - lastEvent > PACES[0].idleFor;
                lastEvent = Date.now();
                if (wasSlow) {
                    ask();
                }
            });
        }
        window.addEventListener("online", () => {
            failures = 0;
            ask();
        });
        wait();
    }

    if (!log) {
        return;
    }

    // Older messages come in above: what was on the screen stays there.
    let heightBefore = 0;
    document.body.addEventListener("htmx:beforeSwap", (event) => {
        if (log.contains(event.detail.target)) {
            heightBefore = document.documentElement.scrollHeight;
        }
    });
    document.body.addEventListener("htmx:afterSettle", () => {
        if (heightBefore) {
            tidy();
            window.scrollBy(0, document.documentElement.scrollHeight - heightBefore);
            heightBefore = 0;
        }
    });

    noteRead();
    if (log.dataset.news && (!window.location.hash || window.location.hash === "#latest")) {
        scrollToEnd();
    }

    // Sending

    if (!compose) {
        return;
    }
    const { text, files } = compose.elements;
    const problems = document.getElementById("compose-problems");
    const chosen = document.getElementById("compose-chosen");
    const button = compose.querySelector("button");

    const tell = (sentences, { again = false } = {}) => {
        problems.replaceChildren();
        if (!sentences.length) {
            return;
        }
        const box = document.createElement("div");
        box.className = "notice notice--error";
        box.setAttribute("role", "alert");
        for (const sentence of sentences) {
            const line = document.createElement("p");
            line.textContent = sentence;
            box.append(line);
        }
        if (again) {
            const retry = document.createElement("button");
            retry.className = "button button--quiet";
            retry.textContent = compose.dataset.again;
            box.append(retry);
        }
        problems.append(box);
    };

    const filesProblem = () => {
        const list = Array.from(files.files);
        if (list.length > Number(compose.dataset.mostFiles)) {
            return compose.dataset.many;
        }
        return list.some((file) => file.size > Number(compose.dataset.mostMb) * 1_000_000) ? compose.dataset.large : "";
    };

    const send = async () => {
        const sent = text.value;
        const problem = filesProblem();
        if (problem || (!sent.trim() && !files.files.length)) {
            tell(problem ? [problem] : []);
            text.focus();
            return;
        }
        compose.setAttribute("aria-busy", "true");
        button.setAttribute("aria-disabled", "true");
        try {
            const answer = await fetch(compose.action, {
                method: "POST",
                body: new FormData(compose),
                headers: { "HX-Request": "true" },
                redirect: "manual",
                signal: AbortSignal.timeout?.(60_000),
            });
            const elsewhere = answer.headers.get("HX-Redirect");
            if (elsewhere) {
                // Logged out meanwhile, or something to be read first.
                window.location.assign(elsewhere);
            } else if (answer.ok) {
                const items = document.createElement("template");
                items.innerHTML = await answer.text();
                // Another message from now on; until here, the key stays, so that nothing arrives twice.
                compose.elements.key.value = answer.headers.get("X-Next-Key");
                tell([]);
                if (text.value === sent) {
                    text.value = "";
                }
                files.value = "";
                chosen.textContent = "";
                append(Array.from(items.content.children), { follow: true });
            } else if ([413, 422].includes(answer.status) || answer.headers.has("Retry-After")) {
                problems.innerHTML = await answer.text();
            } else {
                tell([compose.dataset.failed], { again: true });
            }
        } catch {
            tell([compose.dataset.offline], { again: true });
        } finally {
            compose.removeAttribute("aria-busy");
            button.removeAttribute("aria-disabled");
            text.focus();
        }
    };

    compose.classList.add("compose--scripted");
    compose.addEventListener("submit", (event) => {
        event.preventDefault();
        if (compose.getAttribute("aria-busy") !== "true") {
            send();
        }
    });
    // On a keyboard, Enter sends and Shift+Enter begins a line; on a telephone, Enter begins a line.
    text.addEventListener("keydown", (event) => {
        const isKeyboard = window.matchMedia("(hover: hover) and (pointer: fine)").matches;
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing && isKeyboard) {
            event.preventDefault();
            compose.requestSubmit();
        }
    });
    files.addEventListener("change", () => {
        chosen.textContent = Array.from(files.files, (file) => file.name).join(", ");
        tell([filesProblem()].filter(Boolean));
    });
})();
