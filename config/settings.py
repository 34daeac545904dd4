"""Every setting, from environment variables only. docs/operating.md lists them; a test holds the two together."""

from pathlib import Path

from config.caches import parse_cache_url
from config.databases import parse_database_url
from config.environment import (
    read_address,
    read_bool,
    read_choice,
    read_class,
    read_folder,
    read_hosts,
    read_int,
    read_line,
    read_origins,
    read_own_folder,
    read_secret,
    read_sender,
    read_text,
    read_token,
    read_url,
    refuse_together,
)
from config.mail import parse_email_url
from config.oidc import parse_provider
from config.queues import INTERACTIVE, let_expire, list_queues, list_routes
from config.sandbox import check_sandbox_settings
from config.scopes import SCOPES
from config.skills_mapping import read_skills_mapping
from config.stores import parse_store_url

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = read_own_folder("MILEPOST_VAR", BASE_DIR / "var")

DEBUG = read_bool("MILEPOST_DEBUG", False)
SECRET_KEY = read_secret("SECRET_KEY", VAR_DIR / "secret-key", least=50)
# Learners' worlds are drawn from this: change it, and everybody's data change.
WORLD_SECRET = read_secret("MILEPOST_WORLD_SECRET", VAR_DIR / "world-secret", least=16)
ALLOWED_HOSTS = read_hosts("MILEPOST_HOSTS", "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = read_origins("MILEPOST_ORIGINS", "")
MILEPOST_DEMO = read_bool("MILEPOST_DEMO", False)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "people.accounts.oidc",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "people.accounts",
    "people.replays",
    "curriculum",
    "people.learners",
    "people.cohorts",
    "people.lti",
    "people.employers",
    "people.goals",
    "people.operators",
    "people.leaving",
    "frontend",
    "config.apps.OperatingConfig",
]

MIDDLEWARE = [
    "people.operators.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "frontend.static_files.serve_static",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.accounts.languages.ReaderLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "frontend.second_factor.SecondFactorMiddleware",
    "frontend.viewing.ViewingMiddleware",
    "frontend.doors.DoorMiddleware",
    "frontend.zones.ZoneMiddleware",
    "frontend.security.ContentSecurityPolicyMiddleware",
    "frontend.outages.StoreOutageMiddleware",
    "people.unkept.UnkeptMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "frontend.context.describe_site",
            ],
        },
    }
]

DATABASES = {"default": parse_database_url(read_text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'milepost.sqlite3'}"))}
# What rate limits count in: with several web processes, one that all of them share.
CACHES = {"default": parse_cache_url(read_text("CACHE_URL", "locmem://"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "people.accounts.door.DoorKeeper"
ACCOUNT_LOGOUT_ON_GET = False
# Whoever has a confirmed address is told of a new password, a second factor gone, and the like.
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_ADAPTER = "people.accounts.second_factor.SecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# The code of the half minute before or after, too: nobody types a code in no time, and telephones' clocks differ.
MFA_TOTP_TOLERANCE = 1
# Who comes from the provider is known by its name for them; an address never makes an account somebody's.
OIDC_NAME = read_line("OIDC_NAME", "OpenID Connect")
_client, _client_secret = read_text("OIDC_CLIENT_ID", ""), read_text("OIDC_CLIENT_SECRET", "")
SOCIALACCOUNT_PROVIDERS = parse_provider(read_text("OIDC_URL", ""), _client, _client_secret, OIDC_NAME)
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
# Of whom a second factor is asked: leaders are staff, and whoever one of POWERS says yes of. Accounts know no cohorts.
MILEPOST_REQUIRE_MFA = read_choice("MILEPOST_REQUIRE_MFA", "none", ("none", "leaders", "everybody"))
POWERS = ["people.cohorts.queries.is_leader", "people.employers.desks.is_employed"]
LOGIN_REDIRECT_URL = "frontend:home"
ACCOUNT_SIGNUP_REDIRECT_URL = "frontend:track"
LOGIN_URL = "account_login"
TOKEN_SCOPES = SCOPES
# No token lives longer.
MILEPOST_TOKEN_DAYS = read_int("MILEPOST_TOKEN_DAYS", 180, least=1)
# Where people find this site: for the links in mails, which no request has asked for.
MILEPOST_ADDRESS = read_address("MILEPOST_ADDRESS", "http://localhost:8000")
# What credentials say of who signed them.
MILEPOST_NAME = read_line("MILEPOST_NAME", "Milepost")
DEFAULT_FROM_EMAIL = read_sender("MILEPOST_MAIL_FROM", "milepost@localhost")
_mail = read_text("EMAIL_URL", "")
EMAIL_BACKEND = read_class("EMAIL_BACKEND", f"django.core.mail.backends.{'smtp' if _mail else 'console'}.EmailBackend")
globals().update(parse_email_url(_mail) if _mail else {})

# Pages
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
LANGUAGE_COOKIE_AGE = 31_536_000
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = DEBUG

# Transport
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = read_bool(
    "MILEPOST_HTTPS", False
)
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SESSION_COOKIE_SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
# What machines of one's own network ask over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

# The largest request: a tree handed in. What is larger is refused with a sentence, not with a dropped connection.
MILEPOST_TREE_MB = read_int("MILEPOST_TREE_MB", 16, least=1, most=1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * MILEPOST_TREE_MB * 2**20
DATA_UPLOAD_MAX_NUMBER_FILES = 2000

# Grading
PROJECTS_DIR = read_folder("MILEPOST_PROJECTS", BASE_DIR / "projects")
# What is kept by digest. STORE_DIR is a folder of this host: the store itself, or what was copied out of the bucket.
STORE_DIR, STORE_BUCKET = parse_store_url(read_text("STORE_URL", (VAR_DIR / "store").as_uri()), VAR_DIR / "cache")
STORE_CACHE_MB = read_int("MILEPOST_STORE_CACHE_MB", 4096, least=1)
# Every column that holds a digest of something in the store, alone or among other words: what they name is never taken
# out, and a backup has it.
STORE_COLUMNS = [
    "curriculum.Project.tree",
    "curriculum.Project.starter",
    "learners.Enrolment.domain",
    "learners.Submission.tree",
    "learners.Run.digests",
    "learners.Judgement.artefact",
    "learners.Rehearsal.tree",
    "learners.Rehearsal.verdict",
    "learners.Loan.artefact",
    "employers.DomainFile.digest",
    "employers.Assessment.domain",
]
REPOSITORIES_DIR = read_own_folder("MILEPOST_REPOSITORIES", VAR_DIR / "repositories")
ENVIRONMENTS_DIR = read_folder("MILEPOST_ENVIRONMENTS", BASE_DIR / ".environments")
LEASE_SECONDS = read_int("MILEPOST_LEASE_SECONDS", 20, least=2, most=600)
VOID_RETRIES = 2
# What a learner may hand in for a milestone, and how fast it comes back; 0 of either: as often as they like.
MILEPOST_ATTEMPTS = read_int("MILEPOST_ATTEMPTS", 12)
MILEPOST_ATTEMPT_MINUTES = read_int("MILEPOST_ATTEMPT_MINUTES", 20)
# What may keep work out of its time: each takes an enrolment and a kind, and says why not. Learners know no cohorts.
INTAKE_RULES = ["people.cohorts.gates.find_untimely", "people.employers.boxes.find_obstacle"]
# With whom an enrolment waits for workers: each takes one and names its lane, or says nothing; the first word counts.
LANE_RULES = ["people.employers.lanes.name_lane", "people.cohorts.lanes.name_lane"]
# After so many different tries that did not pass, a learner may go on with what the reference makes.
MILEPOST_TRIES_BEFORE_LOAN = read_int("MILEPOST_TRIES_BEFORE_LOAN", 5)
# Whether anybody with an account may create a cohort, or only staff and who owns or instructs one.
MILEPOST_OPEN_COHORTS = read_bool("MILEPOST_OPEN_COHORTS", False)
# Whether anybody with an account may create an employer, or only staff.
MILEPOST_OPEN_EMPLOYERS = read_bool("MILEPOST_OPEN_EMPLOYERS", True)

# How long a learner knows that a credential will be revoked before it is.
MILEPOST_REVOCATION_GRACE_DAYS = read_int("MILEPOST_REVOCATION_GRACE_DAYS", 14)
# What an operator's own framework calls the skills, beside ESCO.
SKILLS_MAPPING = read_skills_mapping("MILEPOST_SKILLS_MAPPING")
# Who may countersign what a learner wrote of a skill: each takes a user and gives the learners whom they lead.
# Employers know no cohorts.
COUNTERSIGNERS = ["people.cohorts.queries.list_led_learners"]

# Learning platforms: owners of cohorts register them, so none may be in a private network but those named here.
LTI_PRIVATE_HOSTS = read_hosts("MILEPOST_LTI_PRIVATE_HOSTS", "")
# Webhooks: owners of employers add them, with the same restriction.
HOOK_PRIVATE_HOSTS = read_hosts("MILEPOST_HOOK_PRIVATE_HOSTS", "")

# Queue: the run's row decides who works; Celery only rings the doorbell.
BROKER_DIR = VAR_DIR / "broker"
BROKERS = ("redis", "rediss", "amqp", "amqps")
CELERY_BROKER_URL = read_url("BROKER_URL", "filesystem://", BROKERS, local=("filesystem", "memory"))
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
# Above the longest run that any package's limits allow: people.learners.deadlines holds the two together.
CELERY_TASK_TIME_LIMIT = read_int("MILEPOST_TASK_SECONDS", 18_000, least=60, most=86_400)
CELERY_TASK_QUEUES = list_queues(2 * CELERY_TASK_TIME_LIMIT)
CELERY_TASK_DEFAULT_QUEUE = INTERACTIVE
CELERY_TASK_ROUTES = list_routes()
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")
CELERY_BEAT_SCHEDULER = "people.operators.beating:TellingScheduler"
CELERY_BEAT_SCHEDULE = let_expire(
    {
        "sweep": {"task": "people.learners.tasks.sweep", "schedule": 5.0},
        "mail_verdicts": {"task": "people.learners.tasks.mail_verdicts", "schedule": 60.0},
        "hand_on": {"task": "people.cohorts.tasks.hand_on", "schedule": 60.0},
        "mail_digests": {"task": "people.cohorts.tasks.mail_digests", "schedule": 1800.0},
        "end_boxes": {"task": "people.employers.tasks.end_boxes", "schedule": 60.0},
        "remind": {"task": "people.goals.tasks.remind", "schedule": 1800.0},
        "count_levels": {"task": "people.employers.tasks.count_levels", "schedule": 86_400.0},
        "pass_back": {"task": "people.lti.tasks.pass_back", "schedule": 60.0},
        "look_after_credentials": {"task": "people.employers.tasks.look_after_credentials", "schedule": 600.0},
        "tell": {"task": "people.employers.tasks.tell", "schedule": 15.0},
        "tend_webhooks": {"task": "people.employers.tasks.tend", "schedule": 86_400.0},
        "tend": {"task": "people.lti.tasks.tend", "schedule": 86_400.0},
        "forget_answers": {"task": "people.replays.tasks.forget", "schedule": 3600.0},
    }
)
CELERY_TASK_ALWAYS_EAGER = False
if CELERY_BROKER_URL.startswith("filesystem"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.1,
    }
else:
    # Above the longest run: what is redelivered while its worker is alive is refused by the row's lease anyway.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 2 * CELERY_TASK_TIME_LIMIT}

# How often one person may hand in, by whatever way; 0: it is not counted.
MILEPOST_SUBMITS_PER_MINUTE = read_int("MILEPOST_SUBMITS_PER_MINUTE", 60)

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "people.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "people.openapi.ProblemAwareSchema",
    "EXCEPTION_HANDLER": "people.problems.answer_problem",
    "DEFAULT_PAGINATION_CLASS": "people.pagination.Pages",
    "PAGE_SIZE": 50,
    "DEFAULT_THROTTLE_RATES": {
        "tokens": "10/min",
        "verify": "20/min",
        "export": "6/hour",
        "submit": f"{MILEPOST_SUBMITS_PER_MINUTE}/min" if MILEPOST_SUBMITS_PER_MINUTE else None,
    },
    # How many proxies stand in front: what they say of an address is believed, and nobody else's word.
    "NUM_PROXIES": read_int("MILEPOST_PROXIES", 0, most=10),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Milepost",
    "DESCRIPTION": "Hand in work, watch it being judged, and read what was found.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "DEFAULT_GENERATOR_CLASS": "people.openapi.KeptGenerator",
    "SCHEMA_PATH_PREFIX": "/api/",
    # Or a file that is sent would be told as an address, as one that is answered is.
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "people.openapi.add_problems"],
    # Two fields of one name with other choices: who leads, and anybody's part in a cohort.
    "ENUM_NAME_OVERRIDES": {
        "LeadingRoleEnum": "people.cohorts.desk_serializers.ROLES",
        "PostRoleEnum": "people.employers.desk_serializers.ROLES",
        "CohortRoleEnum": "people.cohorts.models.Role",
        # And of other words: the states of an invite and of a domain file; outcomes of three.
        "InviteStateEnum": "people.employers.assessment_serializers.STATES",
        "DomainFileStateEnum": "people.employers.models.DomainFile.State",
        "CountersignOutcomeEnum": "people.employers.models.Countersign.Outcome",
    },
}

# Seeing: who may read /metrics from elsewhere than this machine, and how often workers say how they are.
METRICS_TOKEN = read_token("MILEPOST_METRICS_TOKEN", least=20)
REPORT_SECONDS = read_int("MILEPOST_REPORT_SECONDS", 10, least=1, most=600)
# OpenTelemetry reads this variable and its sisters itself; whether it is there decides whether it is asked at all.
TRACES_GO_TO = read_address("OTEL_EXPORTER_OTLP_ENDPOINT", "")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"text": {"()": "config.logs.Lines"}, "json": {"()": "config.logs.JsonLines"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": read_choice("MILEPOST_LOG_FORMAT", "text", ("text", "json")),
        }
    },
    "root": {"handlers": ["console"], "level": read_choice("MILEPOST_LOG_LEVEL", "INFO", LOG_LEVELS)},
    "loggers": {
        # The embedded queue has no host name, and kombu would say so at every start.
        "kombu.connection": {"level": "ERROR"},
        # Their own handlers go, so that each line is ours. Of a request uvicorn tells the path, which may let in.
        **{name: {"propagate": True} for name in ("django", "django.server", "uvicorn", "uvicorn.error")},
        "uvicorn.access": {"level": "WARNING", "propagate": True},
        # Each task is told in a line of ours; these would show what it was given.
        **{name: {"level": "WARNING"} for name in ("celery.worker.strategy", "celery.app.trace", "celery.beat")},
    },
}

check_sandbox_settings()
refuse_together(
    DEBUG and SECURE_SSL_REDIRECT,
    "MILEPOST_DEBUG is 1 beside MILEPOST_HTTPS: its pages show settings and code to everybody; set MILEPOST_DEBUG=0.",
)
refuse_together(
    SECURE_SSL_REDIRECT and not MILEPOST_ADDRESS.startswith("https://"),
    "MILEPOST_ADDRESS must be an https:// address when MILEPOST_HTTPS is 1; mails and credentials would name another.",
)
refuse_together(
    LEASE_SECONDS >= CELERY_TASK_TIME_LIMIT,
    "MILEPOST_LEASE_SECONDS must be below MILEPOST_TASK_SECONDS: a lost run would never be handed on in its time.",
)
