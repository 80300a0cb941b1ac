"""Every address behind a front door; included once for each door, with the door's name."""

from django.urls import path

from ..conversations import views as conversations
from ..goals.urls import urlpatterns as goals
from ..shell import app, qr
from . import devices, languages, log_in, me, people, phone_change, views, welcome

app_name = "portal"

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("people/", people.PeopleView.as_view(), name="people"),
    path("people/<int:pk>/", people.PersonView.as_view(), name="person"),
    path("manifest.webmanifest", app.ManifestView.as_view(), name="manifest"),
    path("service-worker.js", app.ServiceWorkerView.as_view(), name="service_worker"),
    path("offline/", app.OfflineView.as_view(), name="offline"),
    path("qr.png", qr.QrCodeView.as_view(), name="qr_code"),
    path("how-to-get-in/", app.InstallView.as_view(), name="install"),
    path("log-in/", log_in.LogInView.as_view(), name="log_in"),
    path("log-in/code/", log_in.LogInCodeView.as_view(), name="log_in_code"),
    path("log-in/code/again/", log_in.ResendView.as_view(), name="log_in_resend"),
    path("log-out/", log_in.LogOutView.as_view(), name="log_out"),
    path("wrong-door/", log_in.WrongDoorView.as_view(), name="wrong_door"),
    path("messages/", conversations.MessagesView.as_view(), name="messages"),
    path("messages/news/", conversations.MessagesNewsView.as_view(), name="messages_news"),
    path("messages/stop/<str:token>/", conversations.StopNoticesView.as_view(), name="stop_notices"),
    path("messages/files/<int:pk>/", conversations.AttachmentView.as_view(), name="attachment"),
    path("messages/<int:pk>/", conversations.ConversationView.as_view(), name="conversation"),
    path("messages/<int:pk>/news/", conversations.ConversationNewsView.as_view(), name="conversation_news"),
    path("messages/<int:pk>/read/", conversations.ReadView.as_view(), name="conversation_read"),
    path("language/", languages.LanguageView.as_view(), name="language"),
    path("welcome/", welcome.LanguageStepView.as_view(), name="welcome"),
    path("welcome/terms/", welcome.TermsStepView.as_view(), name="welcome_terms"),
    path("welcome/details/", welcome.DetailsStepView.as_view(), name="welcome_details"),
    path("me/", me.MeView.as_view(), name="me"),
    path("me/details/", me.OwnDetailsView.as_view(), name="me_details"),
    path("me/terms/", me.OwnTermsView.as_view(), name="me_terms"),
    path("me/devices/", devices.DevicesView.as_view(), name="me_devices"),
    path("me/phone/", phone_change.NewPhoneView.as_view(), name="me_phone"),
    path("me/phone/codes/", phone_change.BothCodesView.as_view(), name="me_phone_codes"),
    *goals,
]
