"""Sentences of the libraries whose own translations do not speak to readers as we do; scripts/messages gathers them.

Nothing runs this. A catalogue of ours comes before a library's, so what is translated here is what is said.
"""

from django.utils.translation import gettext_noop as _

# django-allauth, whose German says Sie in mails and du on pages.
IN_MAILS = (
    _(
        "You're receiving this email because user %(user_display)s has given your email address "
        "to register an account on %(site_domain)s."
    ),
    _("To confirm this is correct, go to %(activate_url)s"),
    _(
        "You are receiving this email because you, or someone else, tried to access an account with email %(email)s. "
        "However, we do not have any record of such an account in our database."
    ),
    _("If it was you, you can sign up for an account using the link below."),
)
