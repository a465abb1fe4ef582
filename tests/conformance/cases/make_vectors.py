"""Writes the vectors beside this file; run it only when a format changes.

What age seals is random each time, so ``case.json`` and ``answers.json`` change
with every run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.conformance.cases.story import (
    CUSTODIANS,
    LEDGER,
    OFFICER,
    ONCE,
    STRANGER,
    Story,
    b64,
    draw,
    seal,
)

from scrim.canonical import Json, canonical
from scrim.ledger.note import SigningKey, sign
from scrim.vault import agekeys, signing
from scrim.vault.answer import SealedPart
from scrim.vault.statement import Statement

HERE = Path(__file__).parent
STORY = Story()
COURT, OMBUDSMAN, REGISTRY = CUSTODIANS
_PRIME = 2**255 - 19
_TOKEN = "age1tag1qtqe0e0pyqugzpmtc2u5yqn7evr80n679uwep032azlfy0cp4rm055f800s"


def _write(name: str, value: Any) -> None:
    (HERE / name).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def _people() -> dict[str, Any]:
    right = COURT.verifier
    return {
        "people": [
            {
                "identity": one.identity,
                "recipient": one.recipient,
                "verifier": one.verifier,
                "card_fingerprint": signing.card_fingerprint(f"{one.recipient}/{one.verifier}"),
            }
            for one in (*CUSTODIANS, OFFICER)
        ],
        "refused_verifiers": [
            {"name": name, "verifier": text}
            for name, text in (
                ("in capitals", right.upper()),
                ("a character changed", right[:-1] + ("q" if right[-1] != "q" else "p")),
                ("a recipient", COURT.recipient),
                ("a secret signing key", signing.new_seed()),
                ("the point of order 1", _verifier(1)),
                ("a point of order 2", _verifier(_PRIME - 1)),
                ("a point of order 4", _verifier(0)),
                ("the sign of no x", _verifier(1 | 1 << 255)),
                ("not reduced", _verifier(_PRIME + 1)),
                ("31 bytes", agekeys.encode("scrimsig", bytes(range(1, 32)))),
                ("nothing", ""),
            )
        ],
        "token_recipients": {"good": [_TOKEN], "refused": [_TOKEN.upper(), _TOKEN[:-1] + "q"]},
    }


def _verifier(number: int) -> str:
    return agekeys.encode("scrimsig", number.to_bytes(32, "little"))


def _statements() -> dict[str, Any]:
    good = STORY.statement
    document = good.document()
    body = dict(good.body)
    reason = str(body["reason"])
    broken = {
        "one character of the reason changed": {**body, "reason": reason.replace("gate", "date")},
        "a camera more": {**body, "cameras": ["door", "gate"]},
        "a second more": {**body, "until_us": STORY.request.until_us + 1_000_000},
        "another recipient": {**body, "recipient": STRANGER.recipient},
    }
    texts = [
        {"name": name, "statement": canonical({**document, "body": changed}).decode()}
        for name, changed in broken.items()
    ]
    signature = good.signature
    forged = {
        "another's verifier": {**document, "verifier": STRANGER.verifier},
        "a bit of the signature flipped": {
            **document,
            "signature": b64(signature[:-2] + bytes([signature[-2] ^ 1]) + signature[-1:]),
        },
        "a signature with its scalar not reduced": {**document, "signature": _unreduced(signature)},
        "a signature cut off": {**document, "signature": b64(signature[:-1])},
        "base64 in another spelling": {**document, "signature": b64(signature).rstrip("=")},
        "a field more": {**document, "note": "x"},
        "no format in the body": {**document, "body": {"case": STORY.request.case}},
    }
    texts += [
        {"name": name, "statement": canonical(value).decode()} for name, value in forged.items()
    ]
    whole = good.to_bytes().decode()
    texts.append({"name": "not canonical", "statement": whole.replace('":', '": ', 1)})
    texts.append({"name": "cut off", "statement": whole[:-1]})
    return {
        "statement": whole,
        "sha256": good.sha256,
        "verifier": good.verifier,
        "broken": texts,
        "in_anothers_name": Statement.sign(good.body, STRANGER.signer).to_bytes().decode(),
    }


def _unreduced(signature: bytes) -> str:
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little") + order
    return b64(signature[:32] + scalar.to_bytes(32, "little"))


def _requests() -> list[dict[str, Any]]:
    body = STORY.request.body()
    periods = body["periods"]
    assert isinstance(periods, list)
    authority, officer = body["authority"], body["officer"]
    assert isinstance(authority, dict)
    assert isinstance(officer, dict)
    good: dict[str, dict[str, Json]] = {
        "as it is": {},
        "a reason of ten characters": {"reason": "ten  chars"},
        "a reason of 2,000 characters beyond the first plane": {"reason": "\U0001d11e" * 2000},
        "an emergency without a paper": {
            "authority": {**authority, "kind": "emergency", "document_sha256": ""}
        },
        "live": {"kind": "live", "periods": [], "until_us": STORY.began_us + 3_600_000_000},
        "answers to what norms ask": {
            "answers": {"prejudice": "It would be lost.", "consent": "."}
        },
        "an answer of 2,000 characters beyond the first plane": {
            "answers": {"consent": "\U0001d11e" * 2000}
        },
        "fifty answers": {"answers": {f"q-{number}": "x" for number in range(50)}},
    }
    refused: dict[str, dict[str, Json]] = {
        "a field more": {"note": "x"},
        "answers to nothing": {"answers": {}},
        "answers that are a list": {"answers": ["consent"]},
        "an answer that is a number": {"answers": {"consent": 1}},
        "an answer of blanks": {"answers": {"consent": " \n"}},
        "an answer too long": {"answers": {"consent": "x" * 2001}},
        "a question in words": {"answers": {"Why not ask?": "x"}},
        "fifty-one answers": {"answers": {f"q-{number}": "x" for number in range(51)}},
        "another format": {"format": "scrim-request-v2"},
        "no deployment": {"deployment": ""},
        "a case in capitals": {"case": "case-ABCD2345"},
        "a case with a name": {"case": "the-smith-case"},
        "another kind": {"kind": "rolling"},
        "a purpose in words": {"purpose": "find him"},
        "an authority that is none": {"authority": {**authority, "kind": "hunch"}},
        "a warrant without its paper": {"authority": {**authority, "document_sha256": ""}},
        "an authority without a reference": {"authority": {**authority, "reference": " "}},
        "no camera": {"cameras": []},
        "a camera twice": {"cameras": ["gate", "gate"]},
        "cameras out of order": {"cameras": ["gate", "door"]},
        "an empty interval": {"until_us": STORY.began_us},
        "a reason of nine characters and a blank": {"reason": "ninechars "},
        "a reason of blanks": {"reason": " " * 20},
        "a reason too long": {"reason": "x" * 2001},
        "a verifier of small order": {"officer": {**officer, "verifier": _verifier(0)}},
        "a secret where the recipient should be": {"recipient": STRANGER.identity},
        "expired when it was made": {"expires_us": STORY.request.created_us},
        "a time before 1970": {"since_us": -1},
        "periods out of order": {"periods": periods[::-1]},
        "a period twice": {"periods": [periods[0], periods[0]]},
        "a document twice": {
            "periods": [periods[0], {**periods[1], "document_sha256": STORY.hash(0)}]
        },
        "a period of another camera": {
            "periods": [{**periods[0], "camera": "door"}, periods[1]]
        },
        "no periods": {"periods": []},
        "live with periods": {"kind": "live"},
        "live for two hours": {
            "kind": "live", "periods": [], "until_us": STORY.began_us + 7_200_000_000,
        },
        "a salt that is none": {"salt": ""},
    }  # fmt: skip
    return [
        {"name": name, "good": holds, "body": canonical({**body, **changes}).decode()}
        for holds, cases in ((True, good), (False, refused))
        for name, changes in cases.items()
    ]


def _answers() -> list[dict[str, Any]]:
    body = STORY.answer(COURT).body()
    parts = body["parts"]
    assert isinstance(parts, list)
    refusal: dict[str, Json] = {"decision": "refused", "parts": []}
    good: dict[str, dict[str, Json]] = {
        "an approval": {},
        "an approval of one period": {"parts": parts[1:]},
        "a refusal": {**refusal, "reason": "The warrant names another street."},
    }
    malformed: dict[str, dict[str, Json]] = {
        "another format": {"format": "scrim-request-v1"},
        "a field more": {"note": "x"},
        "undecided": {"decision": "perhaps"},
        "a refusal without a reason": refusal,
        "a refusal with parts": {"decision": "refused", "reason": "The warrant is another's."},
        "a custodian that is no name": {"custodian": "The Court"},
        "a reason too long": {"reason": "x" * 2001},
        "a part that is not base64": {"parts": [{"document_sha256": STORY.hash(0), "sealed": "="}]},
        "no nonce": {"nonce": ""},
    }
    elsewhere: dict[str, dict[str, Json]] = {
        "to another request": {"request_sha256": draw("other").hex()},
        "to another case": {"case": "case-zzzz7777"},
        "an approval without parts": {"parts": []},
        "parts out of order": {"parts": parts[::-1]},
        "a part of a period not asked for": {
            "parts": [{"document_sha256": draw("other").hex(), "sealed": b64(b"x")}]
        },
        "a part twice": {"parts": [parts[0], parts[0]]},
    }
    return [
        {
            "name": name,
            "good": holds,
            "answers": answers,
            "body": canonical({**body, **changes}).decode(),
        }
        for holds, answers, cases in (
            (True, True, good),
            (False, False, malformed),
            (True, False, elsewhere),
        )
        for name, changes in cases.items()
    ]


def _altered() -> Iterator[tuple[str, dict[str, Any]]]:
    """Fields of ``asked`` that somebody on the way put there instead."""
    good = STORY.package()
    names = list(good["opened"])  # type: ignore[arg-type]
    documents: dict[str, Any] = dict(good["documents"])  # type: ignore[arg-type]
    swapped = dict(zip(documents, reversed(documents.values()), strict=True))
    other = Story(expires_us=STORY.expires_us + 1)
    request = STORY.statement.document()
    yield "a field more", {"note": "x"}
    yield "the request of another hash", {"request": other.statement.document()}
    yield (
        "a word of the request changed",
        {"request": {**request, "body": {**STORY.request.body(), "reason": "Never mind why."}}},
    )  # fmt: skip
    yield (
        "the request signed by somebody else",
        {"request": Statement.sign(STORY.request.body(), STRANGER.signer).document()},
    )
    yield "a document missing", {"documents": {STORY.hash(0): documents[STORY.hash(0)]}}
    yield "a document over", {"documents": {**documents, draw("x").hex(): b64(b"{}")}}
    yield "two documents exchanged", {"documents": swapped}
    yield "a receipt missing", {"opened": {names[0]: STORY.receipt(0)}}
    yield (
        "receipts exchanged",
        {"opened": {names[0]: STORY.receipt(5), names[1]: STORY.receipt(0)}},
    )
    yield "the receipt of another act", {"closed": {names[0]: STORY.receipt(0)}}
    yield (
        "closed: a period that was not asked for",
        {"closed": {"door/2/5": STORY.receipt(4)}},
    )
    yield "no entry of the request", {"requested": STORY.receipt(7)}
    moved = {**STORY.receipt(8), "index": 7}
    yield "a receipt under another index", {"requested": moved}
    yield "a proof cut off", {"requested": {**STORY.receipt(8), "proof": []}}
    yield "the checkpoint of another log", {"checkpoint": _foreign_checkpoint()}
    yield "no checkpoint", {"checkpoint": "none"}
    answers = {
        "an answer by a stranger": Statement.sign(STORY.answer(COURT).body(), STRANGER.signer),
        "an answer in another custodian's name": Statement.sign(
            STORY.answer(COURT).body(), REGISTRY.signer
        ),
        "an answer of nobody who holds a part": Statement.sign(
            {**STORY.answer(COURT).body(), "custodian": "nobody"}, STRANGER.signer
        ),
        "an answer to another request": STORY.approved(COURT, request_sha256=draw("x").hex()),
    }
    for name, statement in answers.items():
        yield name, {"answers": [statement.document()]}
    twice = [STORY.approved(COURT), STORY.refused(COURT, "I have thought again about it.")]
    yield "a custodian who answers twice", {"answers": [one.document() for one in twice]}


def _foreign_checkpoint() -> str:
    text = STORY.checkpoint.partition("\n\n")[0].replace("scrim.example", "other.example") + "\n"
    return sign(text, SigningKey("other.example/ledger", LEDGER.seed))


def _bad_parts() -> list[dict[str, Any]]:
    """Answers that hold, with one custodian's part not the right one."""
    once = ONCE.recipient
    right = STORY.answer(COURT).parts
    pieces = STORY.part(COURT, 0)
    number = min(pieces.pieces)
    forged = replace(pieces, pieces={**pieces.pieces, number: bytes(32)})
    faults = {
        "corrupt: one bit flipped": right[0].sealed[:-1] + bytes([right[0].sealed[-1] ^ 1]),
        "corrupt: empty": b"",
        "sealed to somebody else": seal(STRANGER.recipient, pieces.plaintext()),
        "another custodian's part": seal(once, STORY.part(REGISTRY, 0).plaintext()),
        "relabelled: another custodian's part under this name": seal(
            once, replace(STORY.part(REGISTRY, 0), custodian=COURT.name).plaintext()
        ),
        "replayed: the part of another period": right[1].sealed,
        "forged: a piece that was not handed out": seal(once, forged.plaintext()),
        "not a part inside": seal(once, b"{}"),
    }
    found = []
    for name, sealed in faults.items():
        parts = (SealedPart(STORY.hash(0), sealed), right[1])
        bad = STORY.approved(COURT, parts=parts)
        few = [bad, STORY.approved(REGISTRY)]
        enough = [*few, STORY.approved(OMBUDSMAN)]
        found.append(
            {
                "name": name,
                "custodian": COURT.name,
                "too_few": [one.document() for one in few],
                "enough": [one.document() for one in enough],
            }
        )
    return found


def _case() -> dict[str, Any]:
    answers = [
        STORY.approved(COURT),
        STORY.refused(OMBUDSMAN, "The paper names another street."),
        STORY.approved(REGISTRY),
    ]
    return {
        "custodians": {one.name: one.identity for one in CUSTODIANS},
        "officer": OFFICER.identity,
        "once": ONCE.identity,
        "stranger": STRANGER.identity,
        "ledger_key": LEDGER.verifier().to_text(),
        "package": canonical(STORY.package(answers)).decode(),
        "asked": canonical(STORY.package()).decode(),
        "request_sha256": STORY.request.sha256,
        "identities": {
            f"gate/2/{period}": text for period, text in STORY.period_identities.items()
        },
        "manifest": STORY.manifest.decode(),
        "segments": [
            {"listed": listed, "sealed": b64(sealed), "plain": b64(plain)}
            for listed, sealed, plain in zip(
                STORY.listing,
                (one for period in STORY.sealed for one in period),
                (one for period in STORY.plain for one in period),
                strict=True,
            )
        ],
        "altered": [{"name": name, "changes": changes} for name, changes in _altered()],
        "bad_parts": _bad_parts(),
    }


def main() -> None:
    _write("people.json", _people())
    _write("statements.json", _statements())
    _write("requests.json", _requests())
    _write("answers.json", _answers())
    _write("case.json", _case())


if __name__ == "__main__":
    main()
