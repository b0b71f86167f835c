"""The web edge: routes that others mount, a server that carries them, and whether we are well."""
