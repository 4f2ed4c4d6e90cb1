copy staged_totals (bucket, account, debit, credit, count) from stdin binary
