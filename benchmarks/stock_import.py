"""The peer: people in ImportExportModelAdmin, as the documentation of django-import-export leads to.

It knows nothing of reach, roles, programs, leads or history, and writes to nobody. Each person needs a user, which is
saved before. Nothing is switched on or off: it shows each row with its differences, and logs each row that it writes.
"""

from typing import Any

from django.contrib import admin
from django.urls import path
from import_export import fields, resources, widgets
from import_export.admin import ImportExportModelAdmin

from mentorpro_plugin.organizations.models import Organization
from mentorpro_plugin.people.models import Person
from mentorpro_plugin.people.users import build_user

COLUMNS = ("role", "first_name", "last_name", "phone", "id_number", "email", "organization")


class _ByName(widgets.ForeignKeyWidget):
    def get_queryset(self, value: Any, row: Any, *args: Any, **kwargs: Any) -> Any:
        return Organization._base_manager.all()


class StockResource(resources.ModelResource):
    organization = fields.Field("organization", "organization", _ByName(Organization, "name"))

    class Meta:
        model = Person
        fields = COLUMNS
        import_id_fields = ("id_number",)

    def get_queryset(self) -> Any:
        return Person._base_manager.all()

    def before_save_instance(self, instance: Person, row: Any, **kwargs: Any) -> None:
        if not instance.user_id:
            instance.user = build_user(instance.role, instance.email)
            instance.user.save()


class StockAdmin(ImportExportModelAdmin):
    resource_classes = [StockResource]

    def get_queryset(self, request: Any) -> Any:
        return Person._base_manager.all()


site = admin.AdminSite()
site.register(Person, StockAdmin)
urlpatterns = [path("admin/", site.urls)]
