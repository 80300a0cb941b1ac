"""A Wagtail viewset whose every screen is confined to the user's reach."""

from typing import Any

from django.contrib.auth.models import Permission
from django.urls import path
from wagtail.admin.viewsets.model import ModelViewSet

from .doors import open_to_staff
from .views import ProfileView, ScopedCreateView, ScopedEditView, ScopedIndexView

#: Screens of Wagtail's viewset that ask about the model only, or show log entries of everybody. They aren't there.
_CLOSED = ("copy", "delete", "history", "usage", "inspect", "reorder")


class ScopedViewSet(ModelViewSet):
    """Listing, add, edit and profile. What a domain adds to it must scope its own rows too."""

    add_to_admin_menu = True
    # The reference index would double the cost of every saved row, and nothing here refers to pages or images.
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = ScopedIndexView
    add_view_class = ScopedCreateView
    edit_view_class = ScopedEditView
    profile_view_class: type[ProfileView] = ProfileView
    search_backend_name = None

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        kwargs = super().get_common_view_kwargs(**kwargs)
        for view in _CLOSED:
            kwargs.pop(f"{view}_url_name", None)
        return {**kwargs, "profile_url_name": self.get_url_name("profile")}

    @property
    def profile_view(self) -> Any:
        return self.construct_view(self.profile_view_class)

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("add/", self.add_view, name="add"),
            path("edit/<int:pk>/", self.edit_view, name="edit"),
            path("<int:pk>/", self.profile_view, name="profile"),
        ]

    def get_permissions_to_register(self) -> Any:
        # The table decides who may do what; groups have no say, so their form doesn't offer these.
        return Permission.objects.none()

    def on_register(self) -> None:
        super().on_register()
        open_to_staff(self.url_namespace)
