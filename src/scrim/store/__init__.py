"""Where things are kept: the data folder, the database, the objects.

Import from the modules: :mod:`~scrim.store.folder`, :mod:`~scrim.store.database`,
:mod:`~scrim.store.objects`, :mod:`~scrim.store.keys`.
"""
