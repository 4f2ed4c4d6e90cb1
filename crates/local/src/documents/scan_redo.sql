SELECT key, value FROM verification_redo ORDER BY place;
