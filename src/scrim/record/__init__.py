"""One camera's pipeline and its process: the only place that holds clear frames.

Read it as the picture goes: ``process`` starts a ``CameraRecorder`` per camera;
its source thread cuts packets into segments (``segments``); the masking thread
(``mask_side``) decodes, redacts, encodes and sends parts out (``fragments``,
``outlet``); the writing thread (``writer``) remuxes, seals and stores both sides
(``remux``, ``catalogue``, ``periods``).  ``offline`` masks a file.
"""
