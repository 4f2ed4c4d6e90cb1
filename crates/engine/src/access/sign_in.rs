//! Who signed in, failed to, signed out. What failed is added up, so that nobody fills the Log by
//! trying; what was shown is never in it, nor where a known person was.

use crate::wire::{BadBytes, Reader, Writer};
use std::fmt;

/// What somebody did. Numbers are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Tried {
    /// A person signed in.
    SignedIn = 1,
    /// A credential was shown that does not hold.
    Failed = 2,
    /// A person signed out.
    SignedOut = 3,
    /// A password was not looked at: too many were tried.
    Blocked = 4,
    /// A person's one-time codes were begun, changed or ended.
    CodesChanged = 5,
    /// A person's password was changed.
    PasswordChanged = 6,
}

impl Tried {
    /// Every one.
    const ALL: [Self; 6] = [
        Self::SignedIn,
        Self::Failed,
        Self::SignedOut,
        Self::Blocked,
        Self::CodesChanged,
        Self::PasswordChanged,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::Failed => "failed",
            Self::SignedOut => "signed-out",
            Self::Blocked => "blocked",
            Self::CodesChanged => "codes-changed",
            Self::PasswordChanged => "password-changed",
        }
    }
}

/// A sign-in, or several of one kind within a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignIn {
    /// First nanosecond UTC of the time: of the minute; of the hour, where nobody is known.
    pub since: i64,
    /// What was done.
    pub tried: Tried,
    /// Whose: `person:` or another kind, and an id; empty where nobody is known.
    pub who: String,
    /// How: `password`, `provider`, `key`, `client`, `token`.
    pub how: String,
    /// The stable code that it was refused with; empty where it was not.
    pub code: String,
    /// The network that nobody known came from, `203.0.113.0/24`; empty else.
    pub network: String,
    /// How often.
    pub count: u64,
}

impl SignIn {
    /// Bytes of version 1 of several.
    pub fn encode(all: &[Self]) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).u32(u32::try_from(all.len()).unwrap_or(u32::MAX));
        for one in all {
            writer.i64(one.since).u8(one.tried as u8).text(&one.who).text(&one.how);
            writer.text(&one.code).text(&one.network).u64(one.count);
        }
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Vec<Self>, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != 1 {
            return Err(BadBytes);
        }
        let all = (0..reader.u32()?).map(|_| Self::read(&mut reader)).collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(all)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, BadBytes> {
        let (since, number) = (reader.i64()?, reader.u8()?);
        let tried = Tried::ALL.into_iter().find(|tried| *tried as u8 == number);
        Ok(Self {
            since,
            tried: tried.ok_or(BadBytes)?,
            who: reader.text()?.to_owned(),
            how: reader.text()?.to_owned(),
            code: reader.text()?.to_owned(),
            network: reader.text()?.to_owned(),
            count: reader.u64()?,
        })
    }
}

impl fmt::Display for SignIn {
    /// `3 failed of person:5f1d2a by password E8034`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tried, who, how, code, network, count, .. } = self;
        let who = if who.is_empty() { "nobody known" } else { who };
        write!(f, "{count} {} of {who} by {how}", tried.word())?;
        let network = if network.is_empty() { "" } else { &format!("from {network}") };
        [code.as_str(), network]
            .iter()
            .filter(|text| !text.is_empty())
            .try_for_each(|text| write!(f, " {text}"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn they_come_back_and_no_cut_is_taken_for_them() {
        let failed = SignIn {
            since: 60,
            tried: Tried::Failed,
            who: "person:5f1d2a".into(),
            how: "password".into(),
            code: "E8034".into(),
            network: String::new(),
            count: 3,
        };
        let network = "203.0.113.0/24".to_owned();
        let nobody = SignIn { who: String::new(), network, ..failed.clone() };
        assert_eq!(failed.to_string(), "3 failed of person:5f1d2a by password E8034");
        let told = "3 failed of nobody known by password E8034 from 203.0.113.0/24";
        assert_eq!(nobody.to_string(), told);
        let all = vec![failed, nobody];
        let bytes = SignIn::encode(&all);
        assert_eq!(SignIn::decode(&bytes), Ok(all));
        for length in 0..bytes.len() {
            assert_eq!(SignIn::decode(&bytes[..length]), Err(BadBytes), "{length}");
        }
        for tried in Tried::ALL {
            let one = SignIn { tried, ..SignIn::decode(&bytes).unwrap().remove(0) };
            assert_eq!(SignIn::decode(&SignIn::encode(std::slice::from_ref(&one))), Ok(vec![one]));
        }
    }
}
