"""Every setting of the product, read from the environment, safe for a demo by default."""

from __future__ import annotations

from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

from mall.config.leader_settings import *
from mall.config.logs import LOGGING  # noqa: F401 - a setting by its name
from mall.config.oscar import *
from mall.config.oscar import OSCAR_APPS
from mall.config.rest import *
from mall.config.shop_rules import *
from mall.config.unfold import UNFOLD  # noqa: F401 - a setting by its name

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()

DATA_DIR = Path(env.str("LINLI_DATA", default=str(BASE_DIR / ".data")))
DEBUG = env.bool("LINLI_DEBUG", default=False)
DEMO_SECRET_KEY = "demo-only-never-for-real-money-0123456789abcdefghijklmnopqrstuvwxyz"  # noqa: S105
SECRET_KEY = env.str("LINLI_SECRET_KEY", default=DEMO_SECRET_KEY)
SECRET_KEY_FALLBACKS = env.list("LINLI_SECRET_KEY_FALLBACKS", default=[])
# A demo is for trying things: unsafe defaults are allowed and said so (mall.config.checks).
LINLI_DEMO = env.bool("LINLI_DEMO", default=True)
SITE_URL = env.str("LINLI_SITE_URL", default="http://127.0.0.1:8000")
ALLOWED_HOSTS = env.list("LINLI_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("LINLI_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sites",
    "django.contrib.flatpages",
    "django.contrib.humanize",
    "django_htmx",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "sorl.thumbnail",
    "payments.apps.PaymentsConfig",
    "payments.reconciliation.apps.ReconciliationConfig",
    "mall.accounts.apps.AccountsConfig",
    "mall.messaging.apps.MessagingConfig",
    "mall.pickup.apps.PickupConfig",
    "mall.catalogue.apps.CatalogueConfig",
    "mall.banks.apps.BanksConfig",
    "mall.groupbuy.apps.GroupBuyConfig",
    "mall.promotions.apps.PromotionsConfig",
    "mall.vouchers.apps.VouchersConfig",
    "mall.loyalty.apps.LoyaltyConfig",
    "mall.redpackets.apps.RedPacketsConfig",
    "mall.ordering.apps.OrderingConfig",
    "mall.supply.apps.SupplyConfig",
    "mall.fulfilment.apps.FulfilmentConfig",
    "mall.aftersales.apps.AftersalesConfig",
    "mall.reviews.apps.ReviewsConfig",
    "mall.claims.apps.ClaimsConfig",
    "mall.insight.apps.InsightConfig",
    "mall.offerdesk.apps.OfferDeskConfig",
    "mall.telling.apps.TellingConfig",
    "mall.webhooks.apps.WebhooksConfig",
    "mall.rest_api.apps.RestApiConfig",
    "mall.storefront.apps.StorefrontConfig",
    "groupleader.apps.GroupLeaderConfig",
    "mall.config.apps.ConfigConfig",
    *OSCAR_APPS,
]

MIDDLEWARE = [
    "mall.config.access.request_log",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "mall.config.refusals.RefusalMiddleware",
    "mall.rest_api.idempotency.IdempotencyMiddleware",
]

ROOT_URLCONF = "mall.config.urls"
WSGI_APPLICATION = "mall.config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "storefront:sign-in"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

# --- database: SQLite embedded (one file, WAL, durable), PostgreSQL for production ---------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'linli.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_database = DATABASES["default"]
# One transaction per service call, never per request: no network call may run inside one.
_database["ATOMIC_REQUESTS"] = False
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous="
            + env.str("LINLI_SQLITE_SYNCHRONOUS", default="FULL")
            + "; PRAGMA busy_timeout=20000;"
        ),
    }
    _database["CONN_MAX_AGE"] = 60
else:
    _database["OPTIONS"] = {
        "options": "-c lock_timeout=3s -c statement_timeout=10s "
        "-c idle_in_transaction_session_timeout=15s"
    }
    _database["CONN_MAX_AGE"] = 60
    _database["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "linli"}
}

# --- language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"  # never zh-cn: Django and Oscar would open a nearly empty catalogue
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [
    BASE_DIR / "mall" / "locale",
    BASE_DIR / "payments" / "locale",
    BASE_DIR / "groupleader" / "locale",
    BASE_DIR / "mall" / "config" / "locale",  # what unfold and Oscar leave in English
]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
SITE_ID = 1

# --- files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "mall" / "static"]
STATIC_ROOT = Path(env.str("LINLI_STATIC", default=str(DATA_DIR / "static")))
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
THUMBNAIL_FORMAT = "WEBP"
THUMBNAIL_QUALITY = 80
THUMBNAIL_KVSTORE = "sorl.thumbnail.kvstores.cached_db_kvstore.KVStore"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# --- browser security ----------------------------------------------------------------------------
SECURE_SITE = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SITE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SECURE_SSL_REDIRECT = env.bool("LINLI_SSL_REDIRECT", default=SECURE_SITE)
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SITE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_SITE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("LINLI_BEHIND_PROXY", default=False) else None
)
X_FRAME_OPTIONS = "DENY"
_self = ["'self'"]
# The browser is redirected to acquirers' own pages after a form is posted; CSP counts that as a
# form action, so the hosts of the configured acquirers are listed here.
LINLI_SANDBOX_URL = env.str("LINLI_SANDBOX_URL", default="http://127.0.0.1:8001")
ACQUIRER_PAGE_HOSTS = env.list("LINLI_ACQUIRER_PAGE_HOSTS", default=[LINLI_SANDBOX_URL])
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ("/admin/", "/dashboard/"),
    "DIRECTIVES": {
        "default-src": _self,
        "script-src": _self,
        "style-src": _self,
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'", *ACQUIRER_PAGE_HOSTS],
        "frame-ancestors": ["'none'"],
    },
}
PERMISSIONS_POLICY = {"camera": ["self"], "geolocation": ["self"], "microphone": [], "payment": []}

# --- the house's own settings --------------------------------------------------------------------
LINLI_SANDBOX_KEYS = Path(env.str("LINLI_SANDBOX_KEYS", default=str(DATA_DIR / "sandbox" / "keys")))
# Where the sandbox acquirer's admin plane answers; set for demos and tests only.
LINLI_SANDBOX_ADMIN_URL = env.str("LINLI_SANDBOX_ADMIN_URL", default="")
LINLI_SMS_BACKEND = env.str("LINLI_SMS_BACKEND", default="sandbox")
# Who carries chat-app messages ("sandbox" in the demo, a dotted path, or nobody), the hours in
# which what can wait waits, how often a telephone rings a day, and how long messages are kept.
LINLI_CHAT_BACKEND = env.str("LINLI_CHAT_BACKEND", default="sandbox" if LINLI_DEMO else "")
LINLI_QUIET_HOURS = env.list("LINLI_QUIET_HOURS", default=["21:30", "07:30"])
LINLI_MESSAGES_A_DAY = env.int("LINLI_MESSAGES_A_DAY", default=8)
LINLI_MESSAGES_KEPT_DAYS = env.int("LINLI_MESSAGES_KEPT_DAYS", default=180)
# A partner whose address takes nothing for so many days is called no more.
LINLI_WEBHOOK_DAYS = env.int("LINLI_WEBHOOK_DAYS", default=5)
LINLI_FUNDS_MODE = env.str("LINLI_FUNDS_MODE", default="SELF_OPERATED")
# How long after midnight a day of the books is sealed; what comes later is booked on the next day.
LINLI_SEAL_GRACE_MINUTES = env.int("LINLI_SEAL_GRACE_MINUTES", default=60)
# Refunds and payouts on their way longer than this many days are reported by verify_books.
LINLI_IN_TRANSIT_DAYS = env.int("LINLI_IN_TRANSIT_DAYS", default=7)
# Whether a payout may leave only while account 1001 holds the money for it; false where the bank
# account is kept in other books.
LINLI_SPLITS_WHEN_SELF_OPERATED = env.bool("LINLI_SPLITS_WHEN_SELF_OPERATED", default=False)
LINLI_PAYOUTS_WITHIN_FUNDS = env.bool("LINLI_PAYOUTS_WITHIN_FUNDS", default=True)
# Who claims discounts from banks, as their papers name it; else the site's address.
LINLI_OPERATOR_NAME = env.str("LINLI_OPERATOR_NAME", default="")
LINLI_ACQUIRER_ACCOUNT = env.str("LINLI_ACQUIRER_ACCOUNT", default="sandbox")
# Reconciliation: what is waited for, looked back at, let pass, and asked (docs/reconciliation.md).
LINLI_RECON_POOL_DAYS = env.int("LINLI_RECON_POOL_DAYS", default=1)
LINLI_RECON_DAYS_BACK = env.int("LINLI_RECON_DAYS_BACK", default=7)
LINLI_RECON_FEE_TOLERANCE_MINOR = env.int("LINLI_RECON_FEE_TOLERANCE_MINOR", default=1)
LINLI_RECON_ASKS_PER_MINUTE = env.int("LINLI_RECON_ASKS_PER_MINUTE", default=120)
LINLI_RECON_BANK_DAYS = env.int("LINLI_RECON_BANK_DAYS", default=3)
LINLI_BANK_FORMATS: dict[str, dict[str, str]] = {}
# An acquirer account that fails so often in a row, none of the failures further apart than the
# window, gets no new payments; it is asked again after the pause.
LINLI_CIRCUIT_FAILURES = env.int("LINLI_CIRCUIT_FAILURES", default=5)
LINLI_CIRCUIT_WINDOW_SECONDS = env.int("LINLI_CIRCUIT_WINDOW_SECONDS", default=60)
LINLI_CIRCUIT_PAUSE_SECONDS = env.int("LINLI_CIRCUIT_PAUSE_SECONDS", default=30)
# Key files that staff may name in the admin are in this folder; the command takes any file.
LINLI_KEYS = Path(env.str("LINLI_KEYS", default=str(DATA_DIR / "keys")))
# Addresses at which a form in the admin may let an account speak, beside its acquirer's own.
LINLI_ACQUIRER_ADDRESSES = env.list("LINLI_ACQUIRER_ADDRESSES", default=[])
LINLI_ADAPTERS = env.dict("LINLI_ADAPTERS", default={})
LINLI_PAYABLE = "mall.ordering.payable.OrderPayable"
LINLI_DISPUTES = "payments.reconciliation.selectors.is_disputed"
# Who knows whether the supplier of an order line was settled with; then its weight is fixed.
LINLI_SUPPLIER_SETTLED = "mall.fulfilment.weighing.never_settled"
LINLI_INVARIANTS = [
    "payments.invariants.check",
    "payments.reconciliation.invariants.check",
    "mall.catalogue.invariants.check",
    "mall.groupbuy.invariants.check",
    "mall.loyalty.invariants.check",
    "mall.redpackets.invariants.check",
    "mall.vouchers.invariants.check",
    "mall.promotions.approval_checks.check",
    "mall.ordering.invariants.check",
    "mall.fulfilment.invariants.check",
    "mall.fulfilment.keeper_rules.check",
    "mall.supply.invariants.check",
    "mall.aftersales.invariants.check",
    "mall.reviews.invariants.check",
    "mall.claims.invariants.check",
    "groupleader.invariants.check",
]
# What the floors above tell about an order's money on its page in the admin.
LINLI_TRAIL = [
    "mall.ordering.trail.of_order",
    "groupleader.trail.of_order",
    "mall.aftersales.trail.of_order",
    "mall.claims.trail.of_order",
    "payments.reconciliation.trail.of_order",
]
LINLI_JOBS = ["payments.jobs", "payments.reconciliation.jobs", "mall.jobs", "groupleader.jobs"]
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
