"""Evidence: what leaves a case, and how anybody checks it.

In this order: :mod:`~.layout` (what the files are called), :mod:`~.index` (what is
signed), :mod:`~.custody` (where each file comes from), :mod:`~.build`;
then :mod:`~.verify` and :mod:`~.checks`, which trust nothing that ``build`` did.
:mod:`~.authority` and :mod:`~.credentials` are the content credentials of the viewing copy.

Making a bundle needs no network, and checking one neither a network nor a server.
"""
