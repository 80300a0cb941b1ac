"""The way back to the page that somebody came from or wanted."""

from django.urls import Resolver404, resolve

from ..shell.doors import Door


class WayBack:
    """For views behind a door that lead on to where the request says."""

    door: Door

    def next_path(self, path: str) -> str:
        """Return `path` if it is a page behind this door, else the door's home."""
        try:
            match = resolve(path.partition("?")[0])
        except Resolver404:
            return self.url("home")
        # Written as addresses are: "/mentor/../admin/" or "//elsewhere" lead nowhere here, and must not elsewhere.
        is_ours = match.namespaces[:1] == [self.door.name] and path.startswith(self.url("home"))
        is_fit = len(path) <= 500 and path.isprintable() and "\\" not in path
        return path if is_ours and is_fit else self.url("home")
