select pg_total_relation_size('key_runs'),
       pg_total_relation_size('totals') + pg_total_relation_size('accounts'),
       pg_total_relation_size('blocks'),
       pg_total_relation_size('tiles') + pg_total_relation_size('partial_tiles'),
       pg_total_relation_size('documents') + pg_total_relation_size($1::text::regclass)
