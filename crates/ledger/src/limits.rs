//! Every limit of the ledger's own types, each with its reason, in one place.

/// Longest operator or source name in bytes: it is in every record and key.
pub const NAME_BYTES_MAX: usize = 64;
/// Longest event id in bytes: keys are compared and hashed whole.
pub const ID_BYTES_MAX: usize = 128;
/// Longest event kind in bytes.
pub const KIND_BYTES_MAX: usize = 64;
/// Longest asset code in bytes.
pub const ASSET_BYTES_MAX: usize = 16;
/// Longest dimension name in bytes: its length is one byte in the canonical form.
pub const DIM_NAME_BYTES_MAX: usize = 64;
/// Longest dimension value in bytes.
pub const DIM_VALUE_BYTES_MAX: usize = 256;
/// Most dimensions of one event: keeps a record's size bounded.
pub const DIMS_MAX: usize = 32;
/// Largest number of decimals of an asset or an amount as given.
pub const SCALE_MAX: u8 = 18;
/// Largest scale of an intermediate decimal: two amounts multiplied still fit.
pub const DECIMAL_SCALE_MAX: u8 = 38;
/// Length of a totals bucket in seconds: every time zone's offset is a multiple of it.
pub const BUCKET_SECONDS: i64 = 900;
/// Largest canonical event in bytes: the sum of the limits above fits with room.
pub const CANONICAL_BYTES_MAX: usize = 16 * 1024;

const _: () = assert!(NAME_BYTES_MAX <= 255 && DIM_NAME_BYTES_MAX <= 255);
const _: () =
    assert!(DIMS_MAX * (DIM_VALUE_BYTES_MAX + DIM_NAME_BYTES_MAX + 8) < CANONICAL_BYTES_MAX);
const _: () = assert!(2 * SCALE_MAX <= DECIMAL_SCALE_MAX);
