//! Every limit of settlement's own types, each with its reason, in one place.

use ledger::limits::DECIMAL_SCALE_MAX;

/// Most decimals of a rate or a fixed amount in an agreement: twice it and an asset's decimals
/// still fit an exact product.
pub const RATE_SCALE_MAX: u8 = 18;
/// Most decimals that a `round` may leave: as many as an asset may have.
pub const ROUND_SCALE_MAX: u8 = ledger::limits::SCALE_MAX;
/// Most tens that a `round` may drop: 6 rounds to millions.
pub const ROUND_TENS_MAX: i8 = 6;
/// Most steps of an agreement: a person reads them.
pub const STEPS_MAX: usize = 200;
/// Most deductions of one step, and most bands of one tier.
pub const ITEMS_MAX: usize = 200;
/// Most terms of a measure.
pub const TERMS_MAX: usize = 64;
/// Most days that an event waits for the close of its round: a close reads twice as many back.
pub const CUT_DAYS_MAX: u16 = 366;
/// Largest encoded agreement, measure or statement body in bytes that a decoder looks at.
pub const ENCODED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Deepest nesting of an encoded document: hostile ones must not exhaust the stack.
pub const DEPTH_MAX: usize = 16;
/// Largest amount that a line moves, minor units: 2^100 of them still add up in 128 bits for as
/// many lines as statements ever have.
pub const MOVEMENT_MINOR_MAX: i128 = 1 << 100;
/// First year of a period: event times begin in 1970.
pub const YEAR_MIN: i16 = 1970;
/// Last year of a period: nanoseconds in 64 bits end in 2262.
pub const YEAR_MAX: i16 = 2260;
/// Most days of a holiday set: a hundred years of a country.
pub const HOLIDAYS_MAX: usize = 4_000;
/// Most holiday sets of one agreement: both banks, both countries and a payment system, and room.
pub const HOLIDAY_SETS_MAX: usize = 8;
/// Most parts that a payable amount is paid in: a year of weeks, and room.
pub const DUE_PARTS_MAX: usize = 60;
/// Longest lag in days: ten years, longer than any reserve is held.
pub const LAG_DAYS_MAX: u32 = 3_660;
/// Longest lag in months: ten years.
pub const LAG_MONTHS_MAX: u32 = 120;
/// Longest run of closed days that a roll looks over: longer ones are a mistake in the data.
pub const CLOSED_DAYS_MAX: u32 = 60;
/// Most periods of one year of a custom calendar: its number has two digits.
pub const CUSTOM_PERIODS_MAX: usize = 99;
/// Most years of a custom calendar.
pub const CUSTOM_YEARS_MAX: usize = 100;
/// Most quotes of one source: ten years of forty pairs, one a day.
pub const QUOTES_MAX: usize = 150_000;
/// Most decimals of a quote.
pub const QUOTE_SCALE_MAX: u8 = 18;
/// Oldest quote in days that terms may allow: longer than any row of holidays, and a quarter.
pub const QUOTE_AGE_DAYS_MAX: u32 = 92;
/// Most items of a tax invoice: what the electronic form takes.
pub const INVOICE_ITEMS_MAX: usize = 99;
/// Largest plug-in in bytes: a small program, which a person has read.
pub const PLUGIN_BYTES_MAX: usize = 1024 * 1024;
/// Most fuel of one run of a plug-in, about one an instruction: some seconds on a slow core.
pub const PLUGIN_FUEL_MAX: u64 = 200_000_000;
/// Most memory of a running plug-in in bytes: room for the rows of a large measure.
pub const PLUGIN_MEMORY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most entries of a plug-in's table of functions.
pub const PLUGIN_TABLE_MAX: usize = 10_000;
/// Deepest nesting of calls in a plug-in.
pub const PLUGIN_DEPTH_MAX: usize = 256;
/// Longest answer of a plug-in in bytes: two hundred lines, and room.
pub const PLUGIN_OUTPUT_BYTES_MAX: usize = 64 * 1024;

const _: () = assert!(RATE_SCALE_MAX + ROUND_SCALE_MAX <= DECIMAL_SCALE_MAX);
const _: () = assert!(YEAR_MIN < YEAR_MAX && STEPS_MAX < 1000);
