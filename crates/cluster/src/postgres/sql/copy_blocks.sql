copy blocks (after, checksum, bytes) from stdin binary
