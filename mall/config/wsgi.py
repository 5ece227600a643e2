"""The web server's way in."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from mall.config.checks import refuse_unsafe_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mall.config.settings")
application = get_wsgi_application()
refuse_unsafe_settings()
