"""Giving a film of one person away, everybody else solid: on the officer's machine.

::

    opened original ── watch ──► verdicts ── tracks ──► somebody at a place and a time
                                     │                          │
                                     └──────── compose ◄────────┘
                                                  │
                               masks.json, signed by who made it
                                                  │
    opened original ────────── draw ──────────────┴──► film.mp4
                                                          │
                     a second person steps through ──► review.json
                                                          │
                      on record in the ledger first ──► release

Nobody is recognised here: who is shown is chosen by a human being, by place and time.
"""
