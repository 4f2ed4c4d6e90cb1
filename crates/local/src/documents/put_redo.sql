INSERT INTO verification_redo (key, value) VALUES (?1, ?2);
