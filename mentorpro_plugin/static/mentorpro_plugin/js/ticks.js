/* Keeps what was ticked in a list that is fetched anew for every search: an answer to an earlier one may come late. */
window.wagtail.app.register(
    "mentorpro-ticks",
    class extends window.StimulusModule.Controller {
        static targets = ["item"];

        initialize() {
            this.ticked = new Map();
        }

        note({ target }) {
            if (target.type === "radio") {
                this.ticked.clear();
            }
            this.ticked.set(target.value, target.checked);
        }

        itemTargetConnected(item) {
            if (this.ticked.has(item.value)) {
                item.checked = this.ticked.get(item.value);
            }
        }
    },
);
