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
/// Most bytes of bodies that are held at once: some dozens of the largest. So much again of those
/// whose sender is not known yet.
pub const BODIES_BYTES_MAX: usize = 1 << 30;
/// Most of them of one party, credential or address: a quarter, so that others have room.
pub const BODIES_OF_ONE_BYTES_MAX: usize = 256 << 20;
/// Most bytes of a body where nobody needs to be known: a form with a name and a password.
pub const OPEN_BODY_BYTES_MAX: usize = 64 << 10;
/// Most bytes of the files of a book that is sent: large ones have some hundred thousand, and
/// checking takes time for each.
pub const BOOK_BYTES_MAX: usize = 4 << 20;
/// Longest `Idempotency-Key`, bytes between its quotes: it is kept in the Log with the command.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;
/// Most rows of one page of a list.
pub const PAGE_ROWS_MAX: usize = 1000;
/// Rows of a page where the request does not say.
pub const PAGE_ROWS_DEFAULT: usize = 100;
/// Most seconds that a request for changes waits: proxies between end what is silent for longer.
pub const WAIT_SECONDS_MAX: u64 = 55;
/// Requests that wait for changes, and streams of them, at the same time.
pub const WAITING_MAX: usize = 1000;
/// Those of one party, or of one credential that is of none: a tenth, so that nobody takes all.
pub const WAITING_OF_ONE_MAX: usize = 100;
/// How often a stream says that it lives, seconds: proxies end what is silent.
pub const HEARTBEAT_SECONDS: u64 = 15;
/// Most webhooks of one operator: each is called for every change that it names.
pub const WEBHOOKS_MAX: usize = 100;
/// Most webhooks of one party.
pub const WEBHOOKS_OF_PARTY_MAX: usize = 10;
/// Most types that a webhook names.
pub const WEBHOOK_TYPES_MAX: usize = 50;
/// Longest time for which an old secret of a webhook signs beside the new one, hours.
pub const OVERLAP_HOURS_MAX: u32 = 168;
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

/// Most addresses or credentials whose rate is kept: about 10 MB. Whoever comes then shares one.
pub const RATE_KEYS_MAX: usize = 100_000;

/// Tokens whose signature is not checked again: about 1 MB. Beyond it all are checked once more.
pub const TOKENS_KEPT_MAX: usize = 2048;
/// Seconds that a rotated secret still holds where the request does not say: a day to bring the
/// new one to where it is used.
pub const OVERLAP_SECONDS_DEFAULT: u32 = 86_400;
/// Most seconds that a rotated secret still holds: a rotation that never ends is none.
pub const OVERLAP_SECONDS_MAX: u32 = 2_592_000;

/// Most kinds of denials that are told apart in a minute: what is above them is added up as one.
pub const DENIALS_MAX: usize = 1000;
/// Most networks that unknown credentials came from that are told apart in a minute: one command
/// names all of them, some 4 KB.
pub const NETWORKS_MAX: usize = 64;

/// Most spans that wait to be exported: some 4 MB. What comes then is lost, and counted.
pub const SPANS_WAITING_MAX: usize = 8192;
/// Most spans of one request to a collector.
pub const SPANS_AT_ONCE_MAX: usize = 512;
/// Most requests whose frames are told as parts of them: those of some seconds.
pub const SPANS_OPEN_MAX: usize = 4096;

/// Most connections at once: each takes some 20 KB and a descriptor.
pub const CONNECTIONS_MAX: usize = 4096;
/// Most of them from one address: half, since a proxy in front has but one, and nobody needs all.
pub const CONNECTIONS_OF_ONE_MAX: usize = 2048;
/// Most seconds that something written waits to be taken: whoever does not read holds an answer.
pub const WRITE_SECONDS_MAX: u64 = 30;
/// Most seconds until a TLS handshake is done, and until the headers of a request are there: who
/// sends them byte by byte holds a place for no longer.
pub const HEADERS_SECONDS_MAX: u64 = 20;
/// Most seconds from a request's headers to those of its answer, the body's arrival included.
pub const REQUEST_SECONDS_MAX: u64 = 120;
/// Most seconds that requests under way are waited for at the end.
pub const STOP_SECONDS_MAX: u64 = 30;
/// Most headers of a request.
pub const HEADERS_MAX: usize = 100;
/// Most bytes of a request's headers.
pub const HEADERS_BYTES_MAX: usize = 64 << 10;
/// Most requests at once in one connection of HTTP/2.
pub const STREAMS_MAX: u32 = 128;

/// Seconds after which an idle session ends: a break, not a night.
pub const SESSION_IDLE_SECONDS: i64 = 1800;
/// Most seconds of a session: a working day.
pub const SESSION_SECONDS_MAX: i64 = 43_200;
/// Most sessions at once; the one that was idle longest gives way.
pub const SESSIONS_MAX: usize = 10_000;
