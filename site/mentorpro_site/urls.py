from django.conf import settings
from django.conf.urls.static import static
from django.urls import include, path
from django.views.generic import TemplateView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from mentorpro_site import health
from mentorpro_site.outbox import outbox

handler400 = "mentorpro_plugin.shell.errors.bad_request"
handler403 = "mentorpro_plugin.shell.errors.permission_denied"
handler404 = "mentorpro_plugin.shell.errors.page_not_found"
handler500 = "mentorpro_plugin.shell.errors.server_error"
# What allauth answers to a flood.
handler429 = "mentorpro_plugin.accounts.views.too_many"

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("admin/", include(wagtailadmin_urls)),
    path("accounts/", include("mentorpro_plugin.accounts.urls")),
    path("", include("mentorpro_plugin.urls")),
    path(
        "help/permissions/",
        TemplateView.as_view(template_name="mentorpro_site/permissions_guide.html"),
        name="permissions_guide",
    ),
    path("documents/", include(wagtaildocs_urls)),
]

if settings.DEBUG:
    urlpatterns += [path("outbox/", outbox, name="outbox")]
    urlpatterns += static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)

# Pages come last: Wagtail answers for every path that nothing above wanted.
urlpatterns += [path("", include(wagtail_urls))]
