"""The mall's web server as a careless shop would write it: one guard, named by LEFT_OUT, is gone.

Only the negative controls of the races start it: a race that passes here proves nothing.
"""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from tests.races.buyers import GUARDS

GUARDS[os.environ["LEFT_OUT"]]()
application = get_wsgi_application()
