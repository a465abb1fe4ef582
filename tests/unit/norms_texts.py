"""A pack of a deployment's own, as small as can be."""

from __future__ import annotations


def own_pack(*, working_days: int) -> bytes:
    return f"""
format: scrim-pack-v1
id: own
title: Of one town
edition: "2026-11-22"
facts: 1
language: en
calendar: {{country: HK}}
about: For tests, of no country's law.
rules:
  - id: own-1
    sentence: A request is answered within some working days.
    citation: none
    source: read
    scope: request
    check: facts.request.answered
    due: {{from: facts.request.received, add: {{working_days: {working_days}}}}}
    remedy: Answer it.
deadlines: {{subject-request: own-1}}
""".encode()
