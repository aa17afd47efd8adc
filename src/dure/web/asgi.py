# SPDX-License-Identifier: Apache-2.0
import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.web.settings")
application = get_asgi_application()
