"""Takes employers' own domain files in, and has a worker measure whether they are as hard as the ready-made one."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from grading.domain_files import keep_domain
from people.employers import measuring, tasks
from people.employers.assessing import choose_project
from people.employers.desks import note
from people.employers.models import DomainFile, Post
from people.learners.facilities import store
from people.learners.refusals import Refusal
from people.ringing import call_after_commit

MOST_BYTES = 64 * 1024
MOST_WAITING = 3


def add_domain_file(post: Post, project: str, name: str, text: str) -> DomainFile:
    """Keep the file and call a worker. Raises Refusal; what was measured already is not measured again."""
    edition, name = choose_project(project), name.strip()
    if not 1 <= len(name) <= 60:
        raise Refusal("missing", "name", _("Say in 1 to 60 characters what the domain is called."))
    if not text.strip():
        raise Refusal("empty", "text", _("The file is empty."))
    if len(text.encode()) > MOST_BYTES:
        told = _("A domain file has {most} KB at most.").format(most=MOST_BYTES // 1024)
        raise Refusal("too-large", "text", told, 413)
    own = DomainFile.objects.filter(employer=post.employer_id)
    digest = keep_domain(text, store())
    if known := own.filter(project=edition, digest=digest).first():
        return _measure_again(known)
    with transaction.atomic():
        if own.filter(state__in=measuring.OPEN).count() >= MOST_WAITING:
            told = _("{count} files of yours are being measured; wait for one.").format(count=MOST_WAITING)
            raise Refusal("too-many", "text", told, 429)
        made = DomainFile.objects.create(
            employer=post.employer, project=edition, name=name, text=text, digest=digest, added_by=post.user
        )
        note(post.employer, post.user, "added a domain file", name, edition.slug)
        call_after_commit(tasks.measure_domain, made.pk)
    return made


def _measure_again(known: DomainFile) -> DomainFile:
    if measuring.begin_again(known):
        call_after_commit(tasks.measure_domain, known.pk)
        known.refresh_from_db()
    return known


def list_domain_files(post: Post) -> QuerySet[DomainFile]:
    """The employer's own, newest first."""
    return DomainFile.objects.filter(employer=post.employer_id).select_related("project", "added_by")


def read_ready_made(project: str, name: str) -> bytes:
    """A domain that comes with a project, as a file to begin from."""
    edition = choose_project(project)
    if name not in edition.domains:
        raise Refusal("not-found", "domain", _("There is no such domain of this project."), 404)
    return store().read(edition.tree, f"domains/{name}.yaml")


def access_domain_file(post: Post, pk: int) -> DomainFile:
    found = list_domain_files(post).filter(pk=pk).first()
    if found is None:
        raise Refusal("not-found", "domain", _("There is no such domain file of this employer."), 404)
    return found
