insert into totals as old (bucket, account, debit, credit, count)
select bucket, account, debit, credit, count from staged_totals order by bucket, account
on conflict (bucket, account) do update set
    debit = old.debit + excluded.debit,
    credit = old.credit + excluded.credit,
    count = old.count + excluded.count
