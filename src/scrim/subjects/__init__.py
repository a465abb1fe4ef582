"""Requests of the people who were filmed, and what must be kept while they are open.

From the top: ``asked`` (what is asked for), ``states`` (what becomes of it), ``terms``
(until when, by which rule), ``footage`` (what is there of it, and what was erased),
``file`` (its row), ``desk`` (every act, each with its entry), ``ending`` (answer, refusal,
withdrawal), ``refusals`` (the register), ``erasing`` (who asked is forgotten), ``letters``,
``holding`` (holds placed by hand).

The room knows no picture, no key and no web.  Who is where is found by a human being on the
masked timeline and written down as a camera and an interval; nothing here can look.
"""
