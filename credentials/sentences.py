"""What the questions and findings say to people, in English. `{about}` is what a finding is about."""

from credentials.verifying import Finding


def wording(sentence: str) -> str:
    """Note that this is one of ours, so that whoever shows it can translate it; and give it back."""
    return sentence


QUESTIONS = {
    "signature": wording("Is it unchanged since it was signed?"),
    "issuer": wording("Is it from whom it says?"),
    "validity": wording("Is it valid now?"),
    "revocation": wording("Does its issuer still stand by it?"),
}

FINDINGS = {
    # What was handed over
    "empty": wording("There is nothing in it."),
    "too-large": wording("It is larger than a credential ever is: at most 256 kB of text, or a picture of 2 MB."),
    "no-text": wording("It is neither text nor a PNG or SVG picture that could be read."),
    "nothing-baked": wording("It is a picture, but no credential is baked into it."),
    "no-json": wording("It is no JSON, or is broken off, or says something twice."),
    "no-credential": wording("It is JSON, but no credential: it names no issuer or no type."),
    "not-asked": wording("That could not be asked of it."),
    # Signature
    "signed": wording("It says what it said when it was signed, to the letter."),
    "changed": wording("It was changed after it was signed, or signed with another key than it names."),
    "unsigned": wording("It bears no signature."),
    "several-proofs": wording("It bears several proofs; only one at a time is read here."),
    "other-suite": wording(
        "Its proof is of a kind that is not read here: {about}. Here it is eddsa-rdfc-2022, or a token."
    ),
    "other-algorithm": wording("Its token is signed by {about}; only ES256 and RS256 are taken."),
    "other-purpose": wording("Its proof was made for another purpose than to assert something."),
    "contradicts-itself": wording("Its token says two different things of who issued it."),
    "unsigned-term": wording("It says something that no signature covers: {about}. Anybody may have added that."),
    "unknown-context": wording("It uses words of a vocabulary that is not known here: {about}"),
    "uncanonical": wording("It is no linked data in proper form ({about}), so no signature can be right."),
    "too-costly": wording("It is made so that verifying it takes without end. We stopped, and do not believe it."),
    "not-fetched": wording("The issuer's keys could not be fetched: {about}"),
    "unreadable": wording("The issuer's keys cannot be read: {about}"),
    "unknown-method": wording("It names its key in a way that is not known here: {about}"),
    "unknown-key": wording("The issuer does not, or no longer, publish the key that it names: {about}"),
    # Issuer
    "no-key": wording("Without its key nobody can say."),
    "other-issuer": wording("It names one issuer, but the key belongs to another: {about}"),
    "not-vouched": wording("Since its signature is not right, nobody stands behind it."),
    "ours": wording("We issued it ourselves."),
    "domain": wording("Whoever runs {about} says so. Whether you trust them is for you to decide."),
    "bare-key": wording("Its issuer is a bare key that no domain vouches for; any name may stand beside it."),
    # Validity
    "valid": wording("It is valid since {about}, and has no end."),
    "valid-until": wording("It is valid until {about}."),
    "not-yet": wording("It is valid only from {about} on."),
    "expired": wording("It was valid until {about}."),
    "no-dates": wording("It does not say from when on it is valid."),
    "no-moment": wording("What it gives as its dates are no dates."),
    # Revocation
    "in-force": wording("Its issuer's list does not have it as revoked."),
    "revoked": wording("Its issuer has revoked it."),
    "irrevocable": wording("It names no list of revoked credentials, so nobody can take it back."),
    "other-list": wording("It would be revoked in a way that is not known here."),
    "list-not-fetched": wording("The list of revoked credentials could not be fetched: {about}"),
    "no-list": wording("What it names as the list of revoked credentials is none: {about}"),
    "doubtful-list": wording("The list of revoked credentials is not its issuer's, or is out of date: {about}"),
}


def tell(finding: Finding) -> str:
    """The finding in English."""
    return FINDINGS[finding.code].format(about=finding.about)
