"""1EdTech's published test vector of Open Badges 3.0: openbadges-specification, ob_v3p0/impl/linked-data-proof-ob.html.

The hashes printed there are of an older text than its canonical forms; so the forms are compared with ours, and the
signature with the printed hashes.
"""

from typing import Any

from credentials.contexts import CREDENTIALS, OPEN_BADGES
from credentials.keys import is_signed, read_multibase
from credentials.proofs import canonicalise

KEY = "z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi"
SIGNED = bytes.fromhex(
    "3cf3c265b6c8ebb29b4d5ea310b87d2f31c79b633eff8af561d2e8c97a85c8cb"
    "d994aebd5e53f4af4495dbe9e1155410bae683811107c26acf83671075c163b3"
)
SIGNATURE = bytes.fromhex(
    "17a898a91832fa58bd66433e18dc8256522bcf84382994c395c23c26cba71ff8"
    "060a2587390e5ed20c4decec45c0c0c9eec1f7d2d1ce91e1ffc992983a74a300"
)
TEAMWORK = "https://example.com/achievements/21st-century-skills/teamwork"
NARRATIVE = (
    "Team members are nominated for this badge by their peers and recognized upon review by Example Corp management."
)
DESCRIPTION = "This badge recognizes the development of the capacity to collaborate within a group environment."
DOCUMENT: dict[str, Any] = {
    "@context": [CREDENTIALS, OPEN_BADGES],
    "id": "http://example.com/credentials/3527",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {
        "id": "https://example.edu/issuers/565049",
        "type": ["Profile"],
        "url": "https://www.imsglobal.org",
        "name": "Example Corp",
    },
    "validFrom": "2010-01-01T00:00:00Z",
    "name": "Teamwork Badge",
    "credentialSubject": {
        "id": "did:example:ebfeb1f712ebc6f1c276e12ec21",
        "type": ["AchievementSubject"],
        "achievement": {
            "id": TEAMWORK,
            "type": ["Achievement"],
            "criteria": {"narrative": NARRATIVE},
            "description": DESCRIPTION,
            "name": "Teamwork",
        },
    },
}
PROOF = {
    "@context": DOCUMENT["@context"],
    "type": "DataIntegrityProof",
    "created": "2010-01-01T19:23:24Z",
    "verificationMethod": f"https://example.edu/issuers/565049#{KEY}",
    "cryptosuite": "eddsa-rdfc-2022",
    "proofPurpose": "assertionMethod",
}
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
BADGES = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
CANONICAL_DOCUMENT = f"""\
<did:example:ebfeb1f712ebc6f1c276e12ec21> {TYPE} <{BADGES}AchievementSubject> .
<did:example:ebfeb1f712ebc6f1c276e12ec21> <{BADGES}achievement> <{TEAMWORK}> .
<http://example.com/credentials/3527> {TYPE} <{BADGES}OpenBadgeCredential> .
<http://example.com/credentials/3527> {TYPE} <https://www.w3.org/2018/credentials#VerifiableCredential> .
<http://example.com/credentials/3527> <https://schema.org/name> "Teamwork Badge" .
<http://example.com/credentials/3527> <https://www.w3.org/2018/credentials#credentialSubject> \
<did:example:ebfeb1f712ebc6f1c276e12ec21> .
<http://example.com/credentials/3527> <https://www.w3.org/2018/credentials#issuer> \
<https://example.edu/issuers/565049> .
<http://example.com/credentials/3527> <https://www.w3.org/2018/credentials#validFrom> \
"2010-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .
<{TEAMWORK}> {TYPE} <{BADGES}Achievement> .
<{TEAMWORK}> <{BADGES}Criteria> _:c14n0 .
<{TEAMWORK}> <https://schema.org/description> "{DESCRIPTION}" .
<{TEAMWORK}> <https://schema.org/name> "Teamwork" .
<https://example.edu/issuers/565049> {TYPE} <{BADGES}Profile> .
<https://example.edu/issuers/565049> <https://schema.org/name> "Example Corp" .
<https://example.edu/issuers/565049> <https://schema.org/url> \
"https://www.imsglobal.org"^^<https://www.w3.org/2001/XMLSchema#anyURI> .
_:c14n0 <{BADGES}narrative> "{NARRATIVE}" .
"""
CANONICAL_PROOF = f"""\
_:c14n0 <http://purl.org/dc/terms/created> "2010-01-01T19:23:24Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .
_:c14n0 {TYPE} <https://w3id.org/security#DataIntegrityProof> .
_:c14n0 <https://w3id.org/security#cryptosuite> \
"eddsa-rdfc-2022"^^<https://w3id.org/security#cryptosuiteString> .
_:c14n0 <https://w3id.org/security#proofPurpose> <https://w3id.org/security#assertionMethod> .
_:c14n0 <https://w3id.org/security#verificationMethod> <https://example.edu/issuers/565049#{KEY}> .
"""


def test_our_canonical_forms_are_those_that_were_published() -> None:
    assert canonicalise(DOCUMENT) == CANONICAL_DOCUMENT
    assert canonicalise(PROOF) == CANONICAL_PROOF


def test_the_published_signature_is_by_the_published_key_and_over_nothing_else() -> None:
    key = read_multibase(KEY)
    assert is_signed(key, SIGNED, SIGNATURE)
    assert not is_signed(key, SIGNED[32:] + SIGNED[:32], SIGNATURE)
