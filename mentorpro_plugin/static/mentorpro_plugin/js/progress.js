/* Fetches how far something is, every two seconds while there is something to wait for. Without scripts, a reload does. */

document.addEventListener("DOMContentLoaded", () => {
    const place = document.querySelector("[data-mentorpro-state]");
    if (!place) {
        return;
    }
    const isOpen = () => place.querySelector('[data-mentorpro-open="yes"]') !== null;
    const ask = async () => {
        try {
            const response = await fetch(place.dataset.mentorproState, { credentials: "same-origin" });
            if (response.ok && !response.redirected) {
                const text = await response.text();
                // Read aloud only when something changed.
                if (text !== place.innerHTML) {
                    place.innerHTML = text;
                }
            }
        } catch {
            // No network at the moment: ask again.
        }
        if (isOpen()) {
            window.setTimeout(ask, 2000);
        }
    };
    if (isOpen()) {
        window.setTimeout(ask, 2000);
    }
});
