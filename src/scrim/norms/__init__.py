"""Norms: what the law asks of a camera, as files that can be read and checked.

An afternoon's reading, from the top: ``facts`` (what can be asked), ``pack`` and
``load`` (what a pack says), ``cel`` and ``check`` (what came of it), ``calendar``
and ``clocks`` (when something is due), ``limits`` (how long something is kept).

The room knows no database, no video and no web.  It is not legal advice.
"""

NOT_ADVICE = "Not legal advice: a rule here is what its citation was read to say, and no more."
"""Stands wherever rules or outcomes are shown."""
