from django.db import migrations
from wagtail.models import Page as RealPage

WELCOME_TITLE = "Welcome to your new Wagtail site!"


def turn_welcome_into_home(apps, schema_editor):
    """Make Wagtail's own welcome page our home page, in its place in the tree and as the root of its site.

    A site whose front page is not Wagtail's untouched one is left alone.
    """
    ContentType = apps.get_model("contenttypes.ContentType")
    HomePage = apps.get_model("home.HomePage")
    Page = apps.get_model(RealPage._meta.label)
    alias = schema_editor.connection.alias

    welcome = Page.objects.using(alias).filter(depth=2, slug="home", title=WELCOME_TITLE).first()
    if welcome is None or HomePage.objects.using(alias).exists():
        return

    home = HomePage(page_ptr=welcome)
    for field in Page._meta.concrete_fields:
        setattr(home, field.attname, getattr(welcome, field.attname))
    home.title = home.draft_title = "MentorPRO"
    home.intro = "<p>Mentors and mentees, and the programs that bring them together.</p>"
    home.content_type, _ = ContentType.objects.db_manager(alias).get_or_create(
        app_label="home", model="homepage"
    )
    home.save(using=alias)


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("home", "0001_initial"),
    ]

    # Going back leaves the page where it is: the table goes with 0001, and a page can be made by hand.
    operations = [migrations.RunPython(turn_welcome_into_home, migrations.RunPython.noop)]
