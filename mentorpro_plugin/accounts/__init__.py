"""How staff log in: password, second factor, passkeys, and their own sessions."""
