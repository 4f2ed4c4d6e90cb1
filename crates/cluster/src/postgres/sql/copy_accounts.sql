copy accounts (id, path, asset) from stdin binary
