/* The search above a listing asks while somebody types, and leaving the field would ask for the same once more: the
   answer would close a menu that was opened meanwhile, and take back what was ticked. So that isn't heard. */
document.addEventListener(
    "change",
    (event) => {
        if (event.target.matches("[data-search-form] [name=q]")) {
            event.stopPropagation();
        }
    },
    { capture: true },
);
