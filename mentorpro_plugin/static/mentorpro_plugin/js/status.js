/* The switch that deactivates and reactivates somebody, without a new page. Without this script, its form posts. */

(() => {
    "use strict";

    // What to say when nothing was switched, in the reader's language.
    const sentences = { ...document.currentScript.dataset };

    // There before it says anything, so that screen readers speak it; the eye sees the switch.
    const announcer = document.createElement("div");
    announcer.className = "w-sr-only";
    announcer.setAttribute("role", "status");
    document.body.append(announcer);

    const parse = (html) => new DOMParser().parseFromString(html, "text/html");

    /* Fetches what depends on the status anew: labels, buttons and panels of a profile. */
    const follow = async () => {
        const places = document.querySelectorAll("[data-follows-status]");
        if (places.length === 0) {
            return;
        }
        const answer = await fetch(window.location.href, { redirect: "manual" });
        if (!answer.ok) {
            return;
        }
        const fresh = parse(await answer.text());
        for (const place of places) {
            const now = fresh.querySelector(`[data-follows-status="${place.dataset.followsStatus}"]`);
            place.replaceChildren(...(now?.childNodes ?? []));
        }
        const header = "w-slim-header-buttons";
        const buttons = fresh.getElementById(header)?.childNodes ?? [];
        document.getElementById(header)?.replaceChildren(...buttons);
    };

    /* What an answer means when it isn't the new switch. */
    const trouble = async (answer) => {
        if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
            return (await answer.json()).said;
        }
        if (answer.status === 404) {
            return sentences.missing;
        }
        // A log-in page instead of an answer, or a form whose token counts no longer.
        return answer.type === "opaqueredirect" || answer.status === 403 ? sentences.refused : sentences.failed;
    };

    class StatusController extends window.StimulusModule.Controller {
        static targets = ["part", "switch", "wanted"];

        async toggle(event) {
            event.preventDefault();
            if (this.isBusy) {
                return;
            }
            this.isBusy = true;
            const form = event.currentTarget;
            const body = new FormData(form);
            const was = this.switchTarget.getAttribute("aria-checked");
            this.switchTarget.setAttribute("aria-checked", was === "true" ? "false" : "true");
            this.trouble?.remove();
            const refusal = await this.send(form.action, body);
            if (refusal) {
                this.switchTarget.setAttribute("aria-checked", was);
                this.tell(refusal);
            }
            this.isBusy = false;
        }

        /* Asks for the change, and shows what the answer says; or returns why there was none. */
        async send(url, body) {
            let answer;
            try {
                answer = await fetch(url, {
                    method: "POST",
                    body,
                    headers: { "X-Requested-With": "XMLHttpRequest" },
                    redirect: "manual",
                });
            } catch {
                return sentences.offline;
            }
            if (!answer.ok) {
                return trouble(answer);
            }
            const { said, toggle } = await answer.json();
            this.show(parse(toggle));
            announcer.textContent = said;
            // Nothing is lost where this fails: the next page shows it.
            await follow().catch(() => {});
            return "";
        }

        show(fresh) {
            const find = (target) => fresh.querySelectorAll(`[data-mentorpro-status-target="${target}"]`);
            this.switchTarget.setAttribute("aria-checked", find("switch")[0].getAttribute("aria-checked"));
            this.wantedTarget.value = find("wanted")[0].value;
            const parts = find("part");
            this.partTargets.forEach((part, position) => part.replaceChildren(...parts[position].childNodes));
        }

        tell(refusal) {
            this.trouble = document.createElement("p");
            this.trouble.className = "mentorpro-toggle__trouble";
            this.trouble.setAttribute("role", "alert");
            this.element.append(this.trouble);
            this.trouble.textContent = refusal;
        }
    }

    window.wagtail.app.register("mentorpro-status", StatusController);
})();
