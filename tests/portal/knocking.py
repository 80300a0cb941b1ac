"""Getting in at a front door as people do it, and reading what was sent to them."""

from django.test import Client
from django.utils.translation import override

from mentorpro_plugin.models import OutboxMessage
from mentorpro_plugin.outbox.secret import decrypt


class Visitor:
    """A browser at a front door: asks for a code, and gives one."""

    def __init__(self, door="mentee", client=None, **headers):
        self.door = door
        self.client = client or Client(headers=headers)

    def ask(self, number, *, region="US", stay=False, wanted=""):
        """Give a number; the answer is the redirect to the page for the code, or the form again."""
        body = {"number": number, "region": region, "next": wanted, **({"stay": "on"} if stay else {})}
        return self.client.post(f"/{self.door}/log-in/", body)

    def ask_again(self, channel="text"):
        return self.client.post(f"/{self.door}/log-in/code/again/", {"channel": channel})

    def give(self, code):
        return self.client.post(f"/{self.door}/log-in/code/", {"code": code})

    def log_in(self, person, **how):
        """Get in with the code that was sent."""
        self.ask(person.phone.as_e164, **how)
        return self.give(newest_code())

    @property
    def is_in(self):
        return "_auth_user_id" in self.client.session


def messages():
    """What waits to be sent, oldest first."""
    return list(OutboxMessage._base_manager.order_by("pk"))


def code_of(message):
    return decrypt(message.secret)


def newest_code():
    return code_of(messages()[-1])


def other_than(code):
    """A code that isn't `code`."""
    return f"{(int(code) + 1) % 10**6:06}"


def errors_of(response, field="code"):
    with override("en"):
        return [str(error) for error in response.context["form"].errors.get(field, [])]
