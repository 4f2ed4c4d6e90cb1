INSERT OR REPLACE INTO generation (id, number) VALUES (1, ?1);
