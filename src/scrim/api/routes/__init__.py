"""The routes, one file a noun; each declares the role it opens to."""
