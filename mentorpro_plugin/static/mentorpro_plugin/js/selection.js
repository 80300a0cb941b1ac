/* Says how many people of a roster are selected, and selects all that match beyond the page. Ticking is Wagtail's w-bulk. */

/* Who is ticked. The list is fetched anew for every search, and the answer may come after the first tick. */
const mentorproTicked = new Set();

window.wagtail.app.register(
    "mentorpro-selection",
    class extends window.StimulusModule.Controller {
        static targets = ["item", "count", "everybody", "matching"];
        static values = { some: String, everybody: String };

        connect() {
            const again = this.itemTargets.filter((item) => !item.checked && mentorproTicked.has(item.value));
            this.update();
            // Once w-bulk listens too.
            setTimeout(() => {
                for (const item of again) {
                    item.checked = true;
                    item.dispatchEvent(new Event("change", { bubbles: true }));
                }
            });
        }

        /* Whatever is ticked or unticked: the page's own rows again. */
        update() {
            const boxes = this.itemTargets.filter((item) => item.checked);
            const ticked = boxes.length;
            mentorproTicked.clear();
            boxes.forEach((item) => mentorproTicked.add(item.value));
            this.matchingTarget.disabled = true;
            this.matchingTarget.value = "";
            this.countTarget.textContent = this.someValue.replace("%(count)s", ticked);
            if (this.hasEverybodyTarget) {
                this.everybodyTarget.hidden = ticked < this.itemTargets.length;
            }
        }

        selectEverybody() {
            this.matchingTarget.disabled = false;
            this.matchingTarget.value = "all";
            this.countTarget.textContent = this.everybodyValue;
            // Before the button goes, or the focus would go with it.
            this.element.querySelector("#mentorpro-selection [type=submit]").focus();
            this.everybodyTarget.hidden = true;
        }
    },
);
