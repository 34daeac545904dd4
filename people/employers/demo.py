"""Makes the demo's employer: Erin owns it, it has a role, and Alice has sent it a link. Safe to run again."""

from curriculum.skills import read_skills
from people.accounts.models import User
from people.employers.candidates import keep_candidate
from people.employers.disclosing import disclose
from people.employers.models import Candidate, Employer, Post, Role, RoleProfile
from people.employers.role_files import Profile
from people.employers.roles import keep_role
from people.learners.models import Share

SLUG, TITLE = "northwind", "Northwind Payments"
ROLE = Profile(
    "Data engineer, payments",
    "Keeps the tables on which payments are scored whole: from many sources, every night, without surprises.",
    "http://data.europa.eu/esco/occupation/2079755f-d809-49e6-8037-4de6180e54c0",
    {"acquire-data": 2, "clean": 3, "validate": 2},
    {"reproduce": 2, "serve": 2},
)
DAYS = 180


def make_employer(erin: User, alice: User) -> Employer:
    employer, _made = Employer.objects.get_or_create(slug=SLUG, defaults={"title": TITLE})
    post, _made = Post.objects.get_or_create(employer=employer, user=erin, defaults={"role": Role.OWNER})
    if not RoleProfile.objects.filter(employer=employer).exists():
        keep_role(post, ROLE)
    if not Candidate.objects.filter(employer=employer).exists():
        _send_link(post, alice)
    return employer


def _send_link(post: Post, alice: User) -> None:
    begun = Share.objects.filter(user=alice, left_at=None).values_list("slug", flat=True)
    sent = disclose(alice, list(read_skills()), list(begun), days=DAYS, meant_for=TITLE)
    keep_candidate(post, sent.token, "wrote to us in November")
