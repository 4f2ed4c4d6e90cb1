SELECT format, position, generation, verification, state, checksum FROM manifest;
