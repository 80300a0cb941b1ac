"""What browsers are told to refuse on the site's behalf."""

import re

# Our pages bring all they need as files of their own; nothing is inline and nothing comes from elsewhere.
STRICT = {
    "default-src": "'self'",
    "base-uri": "'none'",
    "connect-src": "'self'",
    "font-src": "'self' data:",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "frame-src": "'self'",
    "img-src": "'self' data: blob:",
    "manifest-src": "'self'",
    "object-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "worker-src": "'self'",
}
# Wagtail's admin sets style attributes, shows pages in a frame while they are edited...
ADMIN = {**STRICT, "frame-ancestors": "'self'", "style-src": "'self' 'unsafe-inline'"}
# ... and its editor for pages has scripts inside the page. Rosters and the like do without.
EDITOR = {**ADMIN, "script-src": "'self' 'unsafe-inline'"}

ADMIN_PATH = re.compile(r"^/(admin|accounts)/")
EDITOR_PATH = re.compile(r"^/admin/(collections|documents|images|pages|redirects|reports|sites|snippets)/")


class SecurityHeadersMiddleware:
    """Add a content security policy to each response, unless its view chose one."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy_for(request.path))
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        return response


def policy_for(path: str) -> str:
    """The content security policy of the page at `path`."""
    if EDITOR_PATH.match(path):
        directives = EDITOR
    elif ADMIN_PATH.match(path):
        directives = ADMIN
    else:
        directives = STRICT
    return "; ".join(f"{name} {value}" for name, value in directives.items())
