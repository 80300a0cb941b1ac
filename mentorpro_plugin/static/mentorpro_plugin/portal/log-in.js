// What scripts add to logging in: the code goes off once it is whole, and the time until the next one counts down.

(() => {
    "use strict";

    for (const form of document.querySelectorAll("form[data-once]")) {
        form.addEventListener("submit", () => {
            // Later, or the button's own form wouldn't be sent.
            setTimeout(() => form.querySelector("button").setAttribute("disabled", ""), 0);
        });
    }
    // A page that comes back out of the browser's memory can be used again.
    window.addEventListener("pageshow", () => {
        for (const button of document.querySelectorAll("form[data-once] button")) {
            button.removeAttribute("disabled");
        }
    });

    const code = document.querySelector("input[autocomplete='one-time-code']");
    const digits = (text) => text.replace(/[\s\p{Pd}\p{Cf}]/gu, "");
    let sent = false;

    const sendIfWhole = () => {
        const text = digits(code.value);
        if (!sent && /^\p{Nd}+$/u.test(text) && [...text].length === Number(code.dataset.digits)) {
            sent = true;
            code.form.requestSubmit();
        }
    };

    if (code) {
        code.addEventListener("input", sendIfWhole);
        // Android hands over the code of a text message that ends with this host's name.
        if ("OTPCredential" in window) {
            const waiting = new AbortController();
            code.form.addEventListener("submit", () => waiting.abort());
            navigator.credentials
                .get({ otp: { transport: ["sms"] }, signal: waiting.signal })
                .then((credential) => {
                    code.value = credential.code;
                    sendIfWhole();
                })
                .catch(() => {
                    // Nothing came, or nobody wanted it: the code can still be typed.
                });
        }
    }

    const resend = document.getElementById("resend");
    const countdown = resend && resend.querySelector("[data-countdown]");

    if (countdown) {
        const buttons = resend.querySelectorAll("button");
        const until = Date.now() + Number(resend.dataset.wait) * 1000;
        const tell = () => {
            const seconds = Math.ceil((until - Date.now()) / 1000);
            countdown.hidden = seconds <= 0;
            countdown.textContent = countdown.dataset.countdown.replace("{seconds}", seconds);
            for (const button of buttons) {
                button.toggleAttribute("disabled", seconds > 0);
            }
            return seconds > 0;
        };
        if (tell()) {
            const timer = setInterval(() => tell() || clearInterval(timer), 1000);
        }
    }
})();
