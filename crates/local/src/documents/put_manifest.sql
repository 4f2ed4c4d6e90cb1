INSERT OR REPLACE INTO manifest
    (id, format, position, generation, verification, state, checksum)
VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6);
