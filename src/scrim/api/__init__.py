"""The server: API, console, and the live picture on its way to browsers.

No clear frame, no private key and no video library is in this process: it passes
masked parts on as bytes, and sealed objects have no address here.

Read it from ``app.py``: guards outside (``guards``), then doors that let in a
declared role (``doors``), then the routes, one file a noun; behind them the hub
that recorders bring masked parts to (``hub``, ``window``) and the playlists made
from them (``playlist``).
"""
