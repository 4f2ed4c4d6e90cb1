//! The guard against being sent to one's own network: a name is resolved once, every address that
//! it has must be one that may be called, and the connection goes to the address that was checked.

use crate::target::Target;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Why a host is not called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Its name leads nowhere.
    Unknown,
    /// An address of it may not be called.
    Address(IpAddr),
}

/// The addresses of a host, all of which may be called.
///
/// # Errors
/// [`Refused`].
pub async fn resolve(target: &Target, allow_private: bool) -> Result<Vec<SocketAddr>, Refused> {
    let found: Vec<SocketAddr> = match target.host.parse::<IpAddr>() {
        Ok(address) => vec![SocketAddr::new(address, target.port)],
        Err(_) => {
            let looked_up = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
            looked_up.map_err(|_| Refused::Unknown)?.collect()
        }
    };
    check(&found, allow_private)?;
    Ok(found)
}

/// Whether all addresses of a name may be called: one that may not spoils the others, since a name
/// that leads to both is a trick.
///
/// # Errors
/// [`Refused`].
pub fn check(found: &[SocketAddr], allow_private: bool) -> Result<(), Refused> {
    if found.is_empty() {
        return Err(Refused::Unknown);
    }
    match found.iter().find(|address| !may_call(address.ip(), allow_private)) {
        Some(address) => Err(Refused::Address(address.ip())),
        None => Ok(()),
    }
}

/// Whether an address may be called.
pub fn may_call(address: IpAddr, allow_private: bool) -> bool {
    match address {
        IpAddr::V4(address) => may_call_v4(address, allow_private),
        IpAddr::V6(address) => may_call_v6(address, allow_private),
    }
}

/// Networks that are never called, whatever the settings say: nobody serves there, or (link-local)
/// a cloud hands out its machine's credentials there.
const NEVER_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Networks that are somebody's own.
const PRIVATE_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
];

fn may_call_v4(address: Ipv4Addr, allow_private: bool) -> bool {
    let inside = |(network, bits): &(Ipv4Addr, u32)| {
        (address.to_bits() ^ network.to_bits()).checked_shr(32 - bits) == Some(0)
    };
    !NEVER_V4.iter().any(inside) && (allow_private || !PRIVATE_V4.iter().any(inside))
}

fn may_call_v6(address: Ipv6Addr, allow_private: bool) -> bool {
    let segments = address.segments();
    // An address of version 4 in another dress is judged as what it is.
    if let Some(inner) = inner_v4(&segments) {
        return may_call_v4(inner, allow_private);
    }
    if address.is_loopback() || segments[0] & 0xfe00 == 0xfc00 {
        return allow_private;
    }
    // Of the rest only global unicast is anybody's; in it these lead elsewhere.
    let global = segments[0] & 0xe000 == 0x2000;
    let documentation = segments[0] == 0x2001 && segments[1] == 0x0db8;
    let teredo_and_such = segments[0] == 0x2001 && segments[1] < 0x0200;
    let documentation_2 = segments[0] == 0x3fff && segments[1] < 0x1000;
    global && !documentation && !teredo_and_such && !documentation_2
}

/// The address of version 4 that one of version 6 stands for: mapped, translated or tunnelled.
fn inner_v4(segments: &[u16; 8]) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match segments {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(from(*high, *low)),
        // The old compatible form; ::1 and :: are no such.
        [0, 0, 0, 0, 0, 0, high, low] if *high != 0 => Some(from(*high, *low)),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_others_may_be_called() {
        for (address, by_default, where_private) in [
            ("93.184.216.34", true, true),
            ("1.1.1.1", true, true),
            ("10.0.0.1", false, true),
            ("127.0.0.1", false, true),
            ("127.255.255.254", false, true),
            ("172.16.0.1", false, true),
            ("172.32.0.1", true, true),
            ("192.168.1.1", false, true),
            ("100.64.0.1", false, true),
            ("100.128.0.1", true, true),
            ("198.18.0.1", false, true),
            ("169.254.169.254", false, false),
            ("0.0.0.0", false, false),
            ("224.0.0.1", false, false),
            ("255.255.255.255", false, false),
            ("2606:4700::1111", true, true),
            ("::1", false, true),
            ("::", false, false),
            ("fd00::1", false, true),
            ("fe80::1", false, false),
            ("fec0::1", false, false),
            ("ff02::1", false, false),
            ("2001:db8::1", false, false),
            ("2001::1", false, false),
            ("::ffff:127.0.0.1", false, true),
            ("::ffff:169.254.169.254", false, false),
            ("::ffff:93.184.216.34", true, true),
            ("::127.0.0.1", false, true),
            ("64:ff9b::10.0.0.1", false, true),
            ("64:ff9b::93.184.216.34", true, true),
            ("64:ff9b:1::1", false, false),
            ("2002:7f00:1::", false, true),
            ("2002:a9fe:a9fe::", false, false),
        ] {
            let parsed: IpAddr = address.parse().unwrap();
            assert_eq!(may_call(parsed, false), by_default, "{address}");
            assert_eq!(may_call(parsed, true), where_private, "{address} where private is allowed");
        }
    }

    #[test]
    fn one_address_that_may_not_be_called_spoils_the_name() {
        let at = |text: &str| SocketAddr::new(text.parse().unwrap(), 443);
        let (good, bad) = (at("93.184.216.34"), at("10.0.0.1"));
        assert_eq!(check(&[good], false), Ok(()));
        assert_eq!(check(&[good, bad], false), Err(Refused::Address(bad.ip())));
        assert_eq!(check(&[good, bad], true), Ok(()));
        assert_eq!(check(&[], true), Err(Refused::Unknown));
    }
}
