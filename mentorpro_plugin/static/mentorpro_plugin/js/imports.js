/* The steps of an import: the upload and how far it is, what the columns mean, and how far the work is.
   Without this script, the form posts, all choices stand in the open, and a reload shows how far it is. */

(() => {
    "use strict";

    const { Controller } = window.StimulusModule;

    /* Sends the file so that the browser can tell how much of it has gone. */
    class UploadController extends Controller {
        static targets = [
            "zone", "invitation", "file", "errors", "progress", "bar", "percent", "said", "submit", "back",
        ];

        static values = {
            most: Number, large: String, kind: String, several: String, sending: String,
            storing: String, offline: String, failed: String,
        };

        connect() {
            this.invitationTarget.hidden = false;
            // A file dropped beside the zone would replace the page.
            this.keep = (event) => event.preventDefault();
            document.addEventListener("dragover", this.keep);
            document.addEventListener("drop", this.keep);
        }

        disconnect() {
            document.removeEventListener("dragover", this.keep);
            document.removeEventListener("drop", this.keep);
        }

        over(event) {
            event.preventDefault();
            this.zoneTarget.classList.add("hovered");
        }

        leave() {
            this.zoneTarget.classList.remove("hovered");
        }

        drop(event) {
            event.preventDefault();
            this.leave();
            const { files } = event.dataTransfer;
            if (files.length === 0 || this.request) {
                return;
            }
            const one = new DataTransfer();
            one.items.add(files[0]);
            this.fileTarget.files = one.files;
            this.fileTarget.focus();
            this.choose();
            if (files.length > 1) {
                this.say(this.severalValue);
            }
        }

        /* What can be told of a file before it is sent. */
        choose() {
            const file = this.fileTarget.files[0];
            const kinds = this.fileTarget.accept.split(",");
            let trouble = "";
            if (file && !kinds.some((kind) => file.name.toLowerCase().endsWith(kind))) {
                trouble = this.kindValue;
            } else if (file && file.size > this.mostValue) {
                trouble = this.largeValue;
            }
            this.complain(trouble);
            return trouble === "";
        }

        send(event) {
            // Without a file, the server says what is missing; the browser alone shows nothing of it.
            if (this.fileTarget.files.length === 0 || this.request) {
                if (this.request) {
                    event.preventDefault();
                }
                return;
            }
            event.preventDefault();
            if (!this.choose()) {
                this.fileTarget.focus();
                return;
            }
            const request = new XMLHttpRequest();
            this.request = request;
            this.shown = 0;
            request.upload.addEventListener("progress", (moved) => this.show(moved));
            request.upload.addEventListener("load", () => this.tell(this.storingValue));
            request.addEventListener("load", () => this.answer());
            request.addEventListener("error", () => this.stop(this.offlineValue));
            request.addEventListener("abort", () => this.stop(""));
            request.open("POST", this.element.action);
            request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
            request.send(new FormData(this.element));
            this.progressTarget.hidden = false;
            this.submitTarget.disabled = true;
            this.show({ loaded: 0, total: 1 });
        }

        show({ loaded, total }) {
            const percent = total ? Math.floor((100 * loaded) / total) : 0;
            this.barTarget.value = percent;
            const text = this.sendingValue.replace("%(percent)s", percent);
            this.percentTarget.textContent = text;
            // Read aloud at each quarter, not at each percent.
            if (percent >= this.shown + 25) {
                this.shown = percent;
                this.saidTarget.textContent = text;
            }
        }

        tell(text) {
            this.percentTarget.textContent = text;
            this.saidTarget.textContent = text;
            this.barTarget.removeAttribute("value");
        }

        say(text) {
            this.saidTarget.textContent = text;
        }

        answer() {
            let said = {};
            try {
                said = JSON.parse(this.request.responseText);
            } catch {
                // A page instead of an answer: a log-in, or a form whose token counts no longer.
            }
            if (said.url) {
                window.location.assign(said.url);
                return;
            }
            const sentences = Object.values(said.errors ?? {}).flat();
            this.stop(sentences.join(" ") || this.failedValue);
        }

        stop(trouble) {
            this.request = null;
            this.progressTarget.hidden = true;
            this.submitTarget.disabled = false;
            this.say("");
            this.complain(trouble);
            this.fileTarget.focus();
        }

        complain(trouble) {
            const text = document.createElement("p");
            text.className = "error-message";
            text.textContent = trouble;
            this.errorsTarget.replaceChildren(...(trouble ? [text] : []));
            this.errorsTarget.closest(".w-field").classList.toggle("w-field--error", trouble !== "");
            this.fileTarget.setAttribute("aria-invalid", trouble !== "");
        }
    }

    /* Offers for all rows what no column says. */
    class ColumnsController extends Controller {
        static targets = ["meaning", "constants", "constant"];

        connect() {
            this.update();
        }

        update() {
            const said = new Set(this.meaningTargets.map((select) => select.value));
            for (const constant of this.constantTargets) {
                const field = constant.querySelector("select, input");
                const isSaid = said.has(constant.dataset.column);
                constant.hidden = isSaid;
                // Not sent, since it would say twice what the column says.
                field.disabled = isSaid;
            }
            this.constantsTarget.hidden = this.constantTargets.every((constant) => constant.hidden);
        }
    }

    /* Fetches how far the work is, as long as there is something to wait for; then loads the page anew. */
    class StateController extends Controller {
        static targets = ["place", "said"];

        static values = { url: String };

        connect() {
            this.headline = this.sentence;
            this.wait();
        }

        disconnect() {
            window.clearTimeout(this.timer);
        }

        get isOpen() {
            return this.placeTarget.querySelector('[data-mentorpro-open="yes"]') !== null;
        }

        get sentence() {
            return this.placeTarget.querySelector("[data-said]")?.dataset.said;
        }

        wait() {
            if (this.isOpen) {
                this.timer = window.setTimeout(() => this.ask(), 1000);
            }
        }

        async ask() {
            try {
                const answer = await fetch(this.urlValue, { redirect: "manual" });
                if (answer.ok) {
                    this.placeTarget.innerHTML = await answer.text();
                    if (!this.isOpen) {
                        // What came of it is another page.
                        window.location.reload();
                        return;
                    }
                    this.announce();
                } else if (answer.type === "opaqueredirect" || answer.status === 404) {
                    // Logged out meanwhile, or gone: the page says so.
                    window.location.reload();
                    return;
                }
            } catch {
                // No network at the moment: ask again.
            }
            this.wait();
        }

        /* Read aloud only when something else is being done. */
        announce() {
            if (this.sentence !== this.headline) {
                this.headline = this.sentence;
                this.saidTarget.textContent = this.headline;
            }
        }
    }

    window.wagtail.app.register("mentorpro-upload", UploadController);
    window.wagtail.app.register("mentorpro-columns", ColumnsController);
    window.wagtail.app.register("mentorpro-state", StateController);
})();
