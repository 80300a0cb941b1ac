"""Sentences of Wagtail that program staff meet, and that its own translations lack.

Named here, they come into the site's catalogues, which go before Wagtail's. A test says when Wagtail has caught up.
"""

from django.utils.translation import gettext_noop as _

SENTENCES = [
    # Lists
    _("Search…"),
    _("Show filters"),
    _("Filter by"),
    _("Sort by '%(label)s' in ascending order."),
    _("Sort by '%(label)s' in descending order."),
    _("%(start_index)s-%(end_index)s of %(items_count)s %(model_name)s"),
    _("There are no results."),
    _("No %(model_name)s match your query."),
    _("There are no %(model_name)s to display."),
    _('There are no %(model_name)s to display. Why not <a href="%(add_url)s">add one</a>?'),
    _("More options for '%(title)s'"),
    # Forms
    _("Actions (footer)"),
    _("Go to the first error"),
    _("There are validation errors, click save to highlight them."),
    _("Save your changes before leaving"),
    # The account page
    _("Use server language: %(language_name)s"),
    _("Use server time zone"),
    _("System default"),
    _("Light"),
    _("Dark"),
    _("admin theme"),
    _("contrast"),
    _("More contrast"),
    _("System"),
    _("density"),
    _("Snug"),
    _("Edit account avatar"),
    _("Enable custom keyboard shortcuts specific to Wagtail."),
    # Keyboard shortcuts
    _("Shortcuts"),
    _("Keyboard shortcut"),
    _("Keyboard shortcuts"),
    _("All keyboard shortcuts"),
    _("Show keyboard shortcuts"),
    _("Keyboard shortcuts are currently enabled; manage your %(account_link)s to disable them."),
    _("Keyboard shortcuts are currently disabled; manage your %(account_link)s to enable them."),
    _("account"),
    _("Application"),
    _("Section"),
    _("Toggle minimap"),
    _("Close modal dialogs (like this one)"),
    _("Save changes"),
    _("Add or show comments"),
    _("Text editing"),
    _("Cut"),
    _("Paste"),
    _("Paste and match style"),
    _("Paste without formatting"),
    _("Text formatting"),
    _("Insert or edit a link"),
    _("Monospace (code)"),
    _("Strike-through"),
    _("Toggle checks"),
]
