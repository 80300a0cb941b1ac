"""The site for a WSGI server: `PYTHONPATH=.:site gunicorn mentorpro_site.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorpro_site.settings.production")

application = get_wsgi_application()
