select bucket, account, debit, credit, count from totals
where (bucket, account) > ($1, $2) and bucket < $3
order by bucket, account limit $4
