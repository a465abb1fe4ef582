"""Cameras as they are enrolled, and the processes that serve them.

:class:`Cameras` is the list of enrolled cameras; every change to it is in the
ledger.  :mod:`scrim.fleet.deployment` makes and opens a data folder with its
ledger key and custodians.  :class:`Supervisor` starts the server and the
recorders, starts them again when they die, and signs checkpoints.
"""

from scrim.fleet.cameras import Camera, Cameras
from scrim.fleet.deployment import Deployment
from scrim.fleet.supervisor import Commands, ScrimCommands, Supervisor

__all__ = ["Camera", "Cameras", "Commands", "Deployment", "ScrimCommands", "Supervisor"]
