from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models


class HostUserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_superuser=True, **fields)


class HostUser(AbstractBaseUser, PermissionsMixin):
    """A user who is an e-mail address and nothing more: no username, no names."""

    email = models.EmailField("e-mail address", unique=True)
    is_active = models.BooleanField("active", default=True)

    objects = HostUserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    def __str__(self):
        return self.email


class Member(HostUser):
    """A user whose row lies in two tables. Who logs in where HOST_USER_MODEL says so; see `make test-hostsite`."""

    card = models.CharField(max_length=20, blank=True)
