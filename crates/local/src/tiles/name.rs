//! Paths of full tiles as C2SP tlog-tiles writes them: `<stream>/tile/<level>/x001/x234/567`.

use super::DIR;

/// Levels of a tree of 2^64 leaves: none is higher.
const LEVEL_MAX: u8 = 8;

/// Where a full tile is kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Name {
    /// Path of the file of its stream and level.
    pub file: String,
    /// Its place in it.
    pub number: u64,
}

impl Name {
    /// The place of the tile that `path` names; nothing when it names no full tile.
    pub fn parse(path: &str) -> Option<Self> {
        let (stream, rest) = path.rsplit_once("/tile/")?;
        let known =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-/".contains(&byte);
        if stream.is_empty() || !stream.bytes().all(known) {
            return None;
        }
        let (level, mut rest) = rest.split_once('/')?;
        let level: u8 = level.parse().ok().filter(|&level| level <= LEVEL_MAX)?;
        let mut number = 0_u64;
        while let Some((high, low)) = rest.split_once('/') {
            number = number.checked_add(thousands(high.strip_prefix('x')?)?)?.checked_mul(1000)?;
            rest = low;
        }
        number = number.checked_add(thousands(rest)?)?;
        Some(Self { file: format!("{DIR}/{}.{level}", stream.replace('/', "+")), number })
    }
}

fn thousands(digits: &str) -> Option<u64> {
    let three = digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
    three.then(|| digits.parse().ok())?
}
