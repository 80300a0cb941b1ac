"""A mail server and Twilio's API, as far as the outbox needs them, on this machine: with every bad mood of the real ones."""

import base64
import json
import socketserver
import threading
import time
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import django


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks SMTP. `mood` is "good", or one of those that `_Conversation` knows; it may change at any time."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port=0):
        self.mood = "good"
        self.slowness = 0.05
        self.connections = 0
        self.received = []
        self.lock = threading.Lock()
        self.released = threading.Event()
        super().__init__(("127.0.0.1", port), _Conversation)

    @property
    def port(self):
        return self.server_address[1]

    def message_ids(self):
        return [mail["Message-ID"] for mail in self.received]

    def recipients(self):
        return [mail["To"] for mail in self.received]

    def handle_error(self, request, client_address):
        """Clients that hang up are nothing to talk about."""


class _Conversation(socketserver.StreamRequestHandler):
    def say(self, line):
        if self.server.mood == "slow":
            time.sleep(self.server.slowness)
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        server = self.server
        with server.lock:
            server.connections += 1
        if server.mood == "hangs":
            server.released.wait(60)
            return
        if server.mood == "turns away":
            self.say("554 5.7.1 no service for you")
            return
        self.say("220 mail.test")
        while line := self.rfile.readline():
            command = line.strip().upper()
            if command.startswith((b"EHLO", b"HELO")):
                self.say("250 mail.test")
            elif command.startswith(b"RCPT"):
                self.say(
                    {
                        "unknown": "550 5.1.1 no such user: 123456",
                        "full": "452 4.2.2 mailbox full, 123456 was not stored",
                        "rude": "421 go away",
                    }.get(server.mood, "250 ok")
                )
            elif command == b"DATA":
                if server.mood == "drops":
                    return
                self.say("354 go on")
                self.take_mail()
            elif command == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def take_mail(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:  # whoever sent it is gone in the middle of it
                return
            lines.append(line[1:] if line.startswith(b".") else line)
        content = b"".join(lines)
        if self.server.mood == "spam":
            self.say(f"554 this looks like spam: {content.decode()[-60:]!r}".replace("\n", " "))
            return
        mail = message_from_bytes(content, policy=default)
        with self.server.lock:
            self.server.received.append(mail)
        self.say("250 2.0.0 taken")


class _Twilio(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        server = self.server
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        kept = {name: values[0] for name, values in form.items()}
        user = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
        with server.lock:
            server.requests.append({"path": self.path, "user": user, **kept})
        if server.mood == "hangs":
            server.released.wait(60)
            return
        status, answer = {
            "good": (201, {"sid": f"SM{len(server.requests):032}", "status": "queued"}),
            "invalid": (400, {"code": 21211, "message": f"Invalid 'To' Phone Number: {kept['To']}"}),
            "landline": (400, {"code": 21614, "message": f"{kept['To']} is not a mobile number"}),
            "other": (400, {"code": 21606, "message": "From is not valid"}),
            "unauthorized": (401, {"code": 20003, "message": "Authenticate"}),
            "too many": (429, {"code": 20429, "message": f"Too many requests: {kept['Body']}"}),
            "broken": (500, {"code": 20500, "message": "Internal server error"}),
            "no json": (503, "<html>Service unavailable</html>"),
        }[server.mood]
        body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Nothing on the tests' standard error."""


class TwilioServer(ThreadingHTTPServer):
    """Takes messages as Twilio does; `mood` says how it answers, `requests` what it was asked."""

    daemon_threads = True

    def __init__(self):
        self.mood = "good"
        self.requests = []
        self.lock = threading.Lock()
        self.released = threading.Event()
        super().__init__(("127.0.0.1", 0), _Twilio)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """As above."""


@contextmanager
def running(server):
    """Serve in a thread of its own; let go of whoever was left hanging at the end."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


def use_mail_server(settings, port, timeout=5):
    """Have Django send mail to a server on this machine."""
    backend = "django.core.mail.backends.smtp.EmailBackend"
    options = {"host": "127.0.0.1", "port": port, "timeout": timeout}
    if django.VERSION >= (6, 1):
        settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
    else:
        settings.EMAIL_BACKEND = backend
        for name, value in options.items():
            setattr(settings, f"EMAIL_{name.upper()}", value)
