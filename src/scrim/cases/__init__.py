"""Cases on the server: who asked for what, who agreed, what was looked at, when it ends.

No key, no picture, no web: only sealed parts and signed papers pass through here.

======================  ==========================================================
:mod:`~.case`           the states of a case
:mod:`~.people`         the register of officers and custodians
:mod:`~.draft`          what an officer asks for
:mod:`~.locks`          who must agree to what
:mod:`~.rules`          what forbids a request; each with its sentence
:mod:`~.facts`          what the rules are asked about
:mod:`~.file`           the file of a case
:mod:`~.desk`           drafting, requesting, answering, closing, expiring
:mod:`~.viewings`       looking at originals, and what leaves the officer's machine
:mod:`~.papers`         what goes to a device: package and record, with receipts
:mod:`~.ending`         what happens to a case's parts and holds when it is over
======================  ==========================================================
"""
