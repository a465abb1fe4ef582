"""Masked parts and status on their way from a recorder to the server.

Recorders have no listening socket: they connect outward to the server's Unix
socket and send :mod:`scrim.live.wire` messages.  Nothing here can carry a clear
frame: a part is made from redacted frames only.
"""
