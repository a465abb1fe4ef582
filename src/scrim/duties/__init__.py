"""Duties: what is so of the running system, held against the packs in force.

From the top: ``ground`` (what facts are read from), ``deployment``, ``custody``,
``ledger_facts``, ``sites``, ``cameras``, ``recordings`` (the facts, one function each),
``collect`` (subjects with their facts), ``outcomes`` (what came of it, with its history),
``checks`` (one check, written down), ``watch`` (when there is one).

The room knows no picture and no web.  It is not legal advice.
"""
