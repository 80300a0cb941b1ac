from uuid import uuid4

from django.db import migrations
from django.utils import timezone
from wagtail.models import Page as RealPage

TITLE = "Terms of use"
BODY = """
<h2>What this is for</h2>
<p>Here mentors and mentees find each other, write to each other and keep their goals. Use it for your mentoring, and
for nothing else.</p>
<h2>How we treat each other</h2>
<ul>
<li>Be kind and honest. Nobody is insulted, threatened or made fun of.</li>
<li>Don’t share what somebody told you in confidence, their phone number or their pictures.</li>
<li>Never ask for money, passwords or codes, and never give yours to anybody.</li>
<li>If something feels wrong, tell the people who run your program. Talk to an adult whom you trust.</li>
<li>In an emergency, call your local emergency number. Nobody watches messages here all day.</li>
</ul>
<h2>What we know about you</h2>
<p>We keep your name, phone number, e-mail address, what you write about yourself, your messages and your goals. Only
you and whom you wrote them to are shown your messages here. Whoever answers for your organization can export all that
is kept, messages too, and each time that is recorded. The people who run your program see who takes part, when you
were last here and which goals you have. We sell nothing and show no advertisements.</p>
<h2>Your choice</h2>
<p>You can ask the people who run your program what is kept about you, to have it put right, or to have it deleted. If
you are under age, ask a parent or guardian before you agree. You can stop at any time.</p>
"""


def add_terms(apps, schema_editor):
    """Put a page of terms below the home page, so that a new site never lets anybody in without having asked.

    A site without our home page, or with terms of its own, is left alone.
    """
    ContentType = apps.get_model("contenttypes.ContentType")
    HomePage = apps.get_model("home.HomePage")
    TermsPage = apps.get_model("home.TermsPage")
    Page = apps.get_model(RealPage._meta.label)
    alias = schema_editor.connection.alias

    home = HomePage.objects.using(alias).order_by("path").first()
    if home is None or TermsPage.objects.using(alias).exists():
        return

    children = Page.objects.using(alias).filter(depth=home.depth + 1, path__startswith=home.path)
    taken = set(children.values_list("slug", flat=True))
    slug = next(slug for slug in ("terms", "terms-of-use", f"terms-{uuid4().hex[:8]}") if slug not in taken)
    last = children.order_by("-path").first()
    step = RealPage._str2int(last.path[-RealPage.steplen :]) + 1 if last else 1
    now = timezone.now()
    content_type, _ = ContentType.objects.db_manager(alias).get_or_create(app_label="home", model="termspage")
    TermsPage.objects.using(alias).create(
        path=RealPage._get_path(home.path, home.depth + 1, step),
        depth=home.depth + 1,
        numchild=0,
        url_path=f"{home.url_path}{slug}/",
        title=TITLE,
        draft_title=TITLE,
        slug=slug,
        body=BODY.strip(),
        live=True,
        has_unpublished_changes=False,
        first_published_at=now,
        last_published_at=now,
        content_type=content_type,
        locale_id=home.locale_id,
        translation_key=uuid4(),
    )
    Page.objects.using(alias).filter(pk=home.pk).update(numchild=home.numchild + 1)


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("home", "0003_terms_page"),
    ]

    # Going back leaves the page where it is: its table goes with 0003.
    operations = [migrations.RunPython(add_terms, migrations.RunPython.noop)]
