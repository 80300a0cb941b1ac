from importlib import import_module

from django.conf import settings
from django.db import migrations

HOME_INTRO = "<p>Mentors and mentees, and the programs that bring them together.</p>"
TERMS = import_module("home.migrations.0004_default_terms")

LANGUAGE = "es"
INTRO = "<p>Mentores y aprendices, y los programas donde se encuentran.</p>"
TITLE = "Condiciones de uso"
BODY = """
<h2>Para qué sirve este sitio</h2>
<p>Aquí mentores y aprendices se encuentran, se escriben y llevan sus metas. Úsalo para tu mentoría, y para nada
más.</p>
<h2>Cómo nos tratamos</h2>
<ul>
<li>Trata a los demás con amabilidad y honestidad. Aquí no se insulta, no se amenaza y nadie se burla de nadie.</li>
<li>No compartas lo que alguien te contó en confianza, ni su número de teléfono, ni sus fotos.</li>
<li>Nunca pidas dinero, contraseñas ni códigos, y no des nunca los tuyos a nadie.</li>
<li>Si algo no te parece bien, avisa a las personas que llevan tu programa. Habla con una persona adulta de
confianza.</li>
<li>En una emergencia, llama al número de emergencias de tu zona. Aquí nadie está pendiente de los mensajes todo el
día.</li>
</ul>
<h2>Qué sabemos de ti</h2>
<p>Guardamos tu nombre, tu número de teléfono, tu correo electrónico, lo que escribes sobre ti, tus mensajes y tus
metas. Aquí tus mensajes solo se muestran a ti y a las personas a quienes los escribiste. Quienes responden por tu
organización pueden exportar todo lo que se guarda, también los mensajes, y cada vez queda registrada. Las personas que
llevan tu programa ven quién participa, cuándo entraste por última vez y qué metas tienes. No vendemos nada ni
mostramos publicidad.</p>
<h2>Tú decides</h2>
<p>Puedes preguntar a las personas que llevan tu programa qué se guarda sobre ti, y pedir que se corrija o que se
borre. Si eres menor de edad, consulta a tu madre, a tu padre o a quien te cuida antes de aceptar. Puedes dejarlo en
cualquier momento.</p>
"""


def add_translations(apps, schema_editor):
    """Translate the texts that migrations brought. A page with words of its own is left alone."""
    if LANGUAGE == settings.LANGUAGE_CODE or LANGUAGE not in dict(settings.LANGUAGES):
        return
    alias = schema_editor.connection.alias

    # Not through `page.translations`, which would keep them in memory until the page is saved.
    home_translations = apps.get_model("home.HomeTranslation").objects.using(alias)
    homes = apps.get_model("home.HomePage").objects.using(alias)
    for home in homes.filter(intro=HOME_INTRO, translations=None):
        home_translations.create(page=home, language=LANGUAGE, intro=INTRO)

    terms_translations = apps.get_model("home.TermsTranslation").objects.using(alias)
    terms = apps.get_model("home.TermsPage").objects.using(alias)
    for page in terms.filter(title=TERMS.TITLE, body=TERMS.BODY.strip(), translations=None):
        terms_translations.create(page=page, language=LANGUAGE, title=TITLE, body=BODY.strip())


class Migration(migrations.Migration):
    dependencies = [("home", "0005_translations")]

    # Going back leaves the texts where they are: their tables go with 0005.
    operations = [migrations.RunPython(add_translations, migrations.RunPython.noop)]
