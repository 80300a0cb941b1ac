/* Starts inline panels from a file of its own, so that a page need not allow scripts inside it. */

document.addEventListener("DOMContentLoaded", () => {
    for (const element of document.querySelectorAll("[data-mentorpro-inline-panel]")) {
        new window.InlinePanel(JSON.parse(element.dataset.mentorproInlinePanel));
    }
});
