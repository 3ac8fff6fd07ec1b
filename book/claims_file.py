"""The claims of the four articles as `claims.yml` has them: read, and checked.

A claim that a chapter has settled carries a verdict there. What shows claims and verdicts is in
`claims.py`.
"""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import yaml

BOOK = Path(__file__).parent
EVIDENCE = ("measured", "derived", "literature")
VERDICTS = ("true", "depends", "false", "unsettled")
FIELDS = {"id", "articles", "kind", "group", "claim", "test", "true_if", "evidence", "chapter"}
SETTLED = {"verdict", "found", "when", "sources"}  # all of them or none


def load():
    """Read `claims.yml` and check that it is complete and consistent.

    Returns:
        A dict with `articles`, `kinds`, `groups` (dicts of text), `claims` and `conflicts` (lists).

    Raises:
        ValueError: a claim lacks a field, repeats an id, or names something that is not defined.
    """
    return check(yaml.safe_load((BOOK / "claims.yml").read_text(encoding="utf-8")))


def check(data):
    """Check claims that were read, and write each verdict as a string.

    Args:
        data: what a file such as `claims.yml` holds, a dict; changed in place.

    Returns:
        The same dict.

    Raises:
        ValueError: as for `load`.
    """
    ids = [claim["id"] for claim in data["claims"]]
    if len(set(ids)) != len(ids):
        raise ValueError("two claims have the same id")
    for claim in data["claims"]:
        known = (
            FIELDS <= claim.keys() <= FIELDS | SETTLED
            and set(claim["articles"]) <= data["articles"].keys()
            and claim["kind"] in data["kinds"]
            and claim["group"] in data["groups"]
            and claim["evidence"] in EVIDENCE
        )
        if not known:
            raise ValueError(f"claim {claim['id']} is not complete, or has a field too many")
        if SETTLED & claim.keys():
            _check_verdict(claim)
    for conflict in data["conflicts"]:
        if not set(conflict["claims"]) <= set(ids):
            raise ValueError(f"a conflict names unknown claims: {conflict['claims']}")
    return data


def _check_verdict(claim):
    name = f"claim {claim['id']}"
    if not SETTLED <= claim.keys():
        raise ValueError(f"{name} has a verdict, but no {sorted(SETTLED - claim.keys())}")
    if isinstance(claim["verdict"], bool):  # YAML reads the words true and false so
        claim["verdict"] = str(claim["verdict"]).lower()
    if claim["verdict"] not in VERDICTS:
        raise ValueError(f"{name}: {claim['verdict']!r} is no verdict; these are: {VERDICTS}")
    for field in ("found", "when"):
        if not isinstance(claim[field], str) or not claim[field].strip():
            raise ValueError(f"{name}: {field} is not a text")
    if not isinstance(claim["sources"], list) or not claim["sources"]:
        raise ValueError(f"{name}: sources is not a list of keys of references.bib")
    unknown = [key for key in claim["sources"] if key not in references()]
    if unknown:
        raise ValueError(f"{name}: not in references.bib: {unknown}")


@cache
def references():
    """Read `references.bib`.

    Returns:
        A dict: for each key its label, such as "Ioffe and Szegedy (2015)", and its address.
    """
    from pybtex.database import parse_file  # here, since chapter 1 can do without

    entries = parse_file(str(BOOK / "references.bib"), "bibtex").entries
    labels = {key: _label(entry) for key, entry in entries.items()}
    for label, count in Counter(labels.values()).items():
        if count > 1:  # authors of one surname in one year: their first names tell them apart
            for key in [key for key in labels if labels[key] == label]:
                first = entries[key].persons["author"][0].first_names
                labels[key] = " ".join([*first, label])
    return {key: (labels[key], _address(entry.fields)) for key, entry in entries.items()}


def _label(entry):
    def surname(person):
        return " ".join(str(part) for part in person.rich_prelast_names + person.rich_last_names)

    names = [surname(person) for person in entry.persons["author"]]
    authors = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
    return f"{authors} ({entry.fields['year']})"


def _address(fields):
    if "doi" in fields:
        return f"https://doi.org/{fields['doi']}"
    return f"https://arxiv.org/abs/{fields['eprint']}"


def claim_page(claim):
    """Find the page that settles a claim.

    Args:
        claim: one of `load()["claims"]`.

    Returns:
        Its name with no ending, such as "03_forward"; None while its chapter is not written. Of a
        chapter's pages it is the one that calls `claims.settle` for the claim, else the first.
    """
    pages = sorted(BOOK.glob(f"{claim['chapter']:02d}_*.md"))
    call = re.compile(rf"\bclaims\.settle\(\s*{claim['id']}\b")
    calling = [page for page in pages if call.search(page.read_text(encoding="utf-8"))]
    return next((page.stem for page in calling + pages), None)
