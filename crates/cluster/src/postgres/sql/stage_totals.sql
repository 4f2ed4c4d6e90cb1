create temporary table if not exists staged_totals (
    bucket integer, account bigint, debit numeric, credit numeric, count bigint
) on commit delete rows
