"""Papers: where cameras stand, what they are for, and what has to be on record first.

From the top: ``places`` (kinds of places), ``sites`` and ``placing`` (where a camera
stands, and for what), ``paper`` and ``register`` (purposes, signs, assessments, filings
on record), ``applied`` (which packs a camera is under), ``gate`` (what may record, as a
function of all this and the time), ``gatekeeper`` (the same for the running system),
``documents`` (what is made from it: signs, drafts, the public page's words).

The room knows no video and no web.
"""
