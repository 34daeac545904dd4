"""Names and keeps domain files that are no package's: a business that somebody brings. Knows not what is in them."""

from grading.store import Store, StoreFault

PREFIX = "sha256:"
FILE = "domain.yaml"


def keep_domain(text: str, store: Store) -> str:
    """Keep a domain file; what it is called in a Draw. Equal bytes have equal names."""
    return PREFIX + store.put_files({FILE: text.encode()})


def is_brought(domain: str) -> bool:
    """Whether a Draw's domain is a kept file, and none of its package's."""
    return domain.startswith(PREFIX)


def read_brought(domain: str, store: Store) -> str:
    """The text of a kept domain file. Raises StoreFault when it is not here."""
    if not is_brought(domain):
        raise StoreFault(f"{domain!r} names no domain file.")
    return store.read(domain.removeprefix(PREFIX), FILE).decode()
