"""Scrim: public CCTV that shows what happens and never who.

The way of a picture is the way to read this package: ``camera``, ``redact``,
``record``, ``vault``, ``ledger``, ``store``, then ``fleet``, ``access``,
``api`` and ``cli``.  ``audit`` checks a data folder from outside.
"""

__version__ = "0.1.0"
