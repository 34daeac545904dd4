"""The web process under ASGI."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from config.bounds import bound_requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = bound_requests(get_asgi_application(), settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
