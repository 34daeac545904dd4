"""The web process under ASGI."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.utils.module_loading import import_string

from config.bounds import bound_requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

pages = get_asgi_application()
# Only now: these read models, and they are there when Django is set up.
import_string("people.operators.tallies.keep_flushing")()
divert_watchers = import_string("people.watching.divert_watchers")
tell_too_large = import_string("people.problems.tell_too_large")
application = bound_requests(divert_watchers(pages), settings.DATA_UPLOAD_MAX_MEMORY_SIZE, tell_too_large)
