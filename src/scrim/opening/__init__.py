"""Opening: on a custodian's and an officer's own machine, and nowhere else.

=====================  =====================================================
:mod:`~.trust`         whose ledger this is, remembered from the first time on
:mod:`~.package`       what the server sent about a case, all of it checked
:mod:`~.seam`          what is asked of a server
:mod:`~.plan`          the segments of a period, from its manifest
:mod:`~.decrypt`       sealed segments in, originals out, one at a time
:mod:`~.native`        originals as files, as recorded
:mod:`~.join`          one camera's originals as one file, not re-encoded
:mod:`~.watermark`     case, officer and time, drawn into a picture
:mod:`~.viewing`       the viewing copy: decoded, marked, encoded
=====================  =====================================================

Rules: the recorder, the server and what they are made of never import this room
(import contract).  Nothing that comes from a server is believed: each thing is
held by a signature, a hash or a proof, and what does not hold is named.
"""
