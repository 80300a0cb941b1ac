"""The panel in which an identifier's values are edited."""

from wagtail.admin.panels import InlinePanel


class ScriptlessInlinePanel(InlinePanel):
    """An inline panel that works where a content security policy forbids scripts inside pages: Wagtail's needs one."""

    class BoundPanel(InlinePanel.BoundPanel):
        template_name = "mentorpro_plugin/identifiers/inline_panel.html"

        class Media:
            js = ["mentorpro_plugin/js/inline-panel.js"]
