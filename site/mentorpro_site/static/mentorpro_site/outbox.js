// Renews the list of messages: every two seconds, while somebody looks, and only if there is something new.

const list = document.getElementById("messages");
let version = "";

async function renew() {
    if (document.hidden) {
        return;
    }
    try {
        const headers = version ? { "If-None-Match": version } : {};
        const response = await fetch(list.dataset.address, { headers, cache: "no-store" });
        if (response.status === 200) {
            const isFirst = version === "";
            version = response.headers.get("ETag") || "";
            const content = await response.text();
            if (!isFirst || content.trim() !== list.innerHTML.trim()) {
                list.innerHTML = content;
            }
        }
    } catch {
        // The site is being started again: the next look will tell.
    }
}

setInterval(renew, 2000);
document.addEventListener("visibilitychange", renew);
