"""Opening: on a custodian's and an officer's own machine, and nowhere else.

=====================  =====================================================
:mod:`~.connection`    a signed-in connection; :mod:`~.failures` of it
:mod:`~.client`        the API, a method a route
:mod:`~.draft`         what an officer asks for, and the check of what they sign
:mod:`~.casekeys`      the one-time keys of an officer's cases
:mod:`~.trust`         whose ledger this is, remembered from the first time on
:mod:`~.package`       what the server sent about a case, all of it checked
:mod:`~.words`         the request in plain words
:mod:`~.masked`        its masked footage
:mod:`~.answering`     a custodian's yes or no, with or without a network
:mod:`~.seam`          what opening asks of a server
:mod:`~.plan`          the segments of a period, from its manifest
:mod:`~.decrypt`       sealed segments in, originals out, one at a time
:mod:`~.folder`        files for their owner alone
:mod:`~.native`        originals as files, as recorded
:mod:`~.join`          one camera's originals as one file, not re-encoded
:mod:`~.watermark`     case, officer and time, drawn into a picture
:mod:`~.viewing`       the viewing copy: decoded, marked, encoded
:mod:`~.session`       all of this: a case into a folder
=====================  =====================================================

Rules: the recorder, the server and what they are made of never import this room
(import contract).  Nothing that comes from a server is believed: each thing is
held by a signature, a hash or a proof, and what does not hold is named.
"""
