//! Every limit of the door, with its reason.

use std::time::Duration;

/// How long a read waits for the position that it demands: frames are applied in milliseconds, so
/// that one which takes longer should not hold a connection.
pub const AFTER_WAIT_MAX: Duration = Duration::from_secs(5);
/// Most bytes of answers that are kept for one operator: some thousand statements.
pub const CACHE_BYTES_MAX: usize = 64 << 20;
/// Most answers that are kept for one operator: their keys take memory too.
pub const CACHE_ENTRIES_MAX: usize = 10_000;
/// Most bytes of a body, after decompression: a bulk of some ten thousand events. Larger files come
/// in several requests, so that an answer never takes long and memory stays bounded.
pub const BODY_BYTES_MAX: usize = 32 << 20;
/// Longest `Idempotency-Key`, bytes between its quotes: it is kept in the Log with the command.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;
/// Most rows of one page of a list.
pub const PAGE_ROWS_MAX: usize = 1000;
/// Rows of a page where the request does not say.
pub const PAGE_ROWS_DEFAULT: usize = 100;
/// Most bytes of a GraphQL query: the largest that tools write, several times over.
pub const QUERY_BYTES_MAX: usize = 32 << 10;
/// Most tokens of one: parsing takes time for each.
pub const QUERY_TOKENS_MAX: usize = 2000;
/// Most brackets within brackets: the parser goes down with them.
pub const QUERY_BRACKETS_MAX: usize = 48;
/// Most fields within fields, not counting `items` of pages: from parties over agreements, periods,
/// statements, lines, measures and events to where these are seen it is ten.
pub const QUERY_DEPTH_MAX: usize = 12;
/// The same of the schema itself, whose types lie deeper in what tools ask.
pub const QUERY_INTROSPECTION_DEPTH_MAX: usize = 16;
/// Most fields, fragments in place: what is written once must not be worked out a million times.
pub const QUERY_FIELDS_MAX: usize = 500;
/// Most aliases: each asks for the same field once more.
pub const QUERY_ALIASES_MAX: usize = 30;
/// Most directives: few are of any use.
pub const QUERY_DIRECTIVES_MAX: usize = 20;
/// Most that a query may cost: a field is 1, a list its length times its fields, what stands behind
/// a line 200, since journal blocks are read for it.
pub const QUERY_COMPLEXITY_MAX: usize = 50_000;
/// How long the read of one level goes on while events wait to be consumed: then they go first.
pub const QUERY_HOLD_MAX: Duration = Duration::from_millis(20);
/// Most items of one list in a query.
pub const GRAPH_FIRST_MAX: usize = 100;
/// Live figures come no more often, whatever is posted: each is read anew.
pub const LIVE_INTERVAL: Duration = Duration::from_millis(500);
/// How long a subscription lives, so that a credential that ended is seen to: ask again then.
pub const LIVE_MAX: Duration = Duration::from_mins(10);
