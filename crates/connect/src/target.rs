//! The address of an endpoint: what a URL must be to be called at all.

use hyper::Uri;
use std::fmt;
use std::net::IpAddr;

/// Most bytes of a URL.
pub const URL_BYTES_MAX: usize = 2048;

/// Where deliveries go: one host, one port, one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whether it is called over TLS.
    pub tls: bool,
    /// Name or address of the host, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Path and query.
    pub path: String,
    /// What the `Host` header says.
    pub authority: String,
}

/// Why a text is no URL that may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadUrl {
    /// It is no URL, or too long.
    Form,
    /// It is neither `https` nor `http`.
    Scheme,
    /// It is `http`, which only addresses that are allowed to be private may be.
    Plain,
    /// A user or password stands in it.
    User,
}

impl fmt::Display for BadUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "it is no URL such as https://example.com/saldo",
            Self::Scheme => "it must begin with https://",
            Self::Plain => {
                "it must begin with https://: only an operator whose settings allow \
                            private addresses may be called without TLS"
            }
            Self::User => "a user or password must not stand in it",
        })
    }
}

impl std::error::Error for BadUrl {}

impl Target {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`BadUrl`].
    pub fn parse(url: &str, allow_private: bool) -> Result<Self, BadUrl> {
        if url.len() > URL_BYTES_MAX || url.contains('#') || !url.is_ascii() {
            return Err(BadUrl::Form);
        }
        let uri: Uri = url.parse().map_err(|_| BadUrl::Form)?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if allow_private => false,
            Some("http") => return Err(BadUrl::Plain),
            Some(_) => return Err(BadUrl::Scheme),
            None => return Err(BadUrl::Form),
        };
        let authority = uri.authority().ok_or(BadUrl::Form)?;
        if authority.as_str().contains('@') {
            return Err(BadUrl::User);
        }
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = bare.unwrap_or(host).trim_end_matches('.');
        if host.is_empty() || (bare.is_some() && host.parse::<IpAddr>().is_err()) {
            return Err(BadUrl::Form);
        }
        let named = authority.as_str().len() > authority.host().len();
        if named && authority.port_u16().is_none_or(|port| port == 0) {
            return Err(BadUrl::Form);
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            tls,
            host: host.to_ascii_lowercase(),
            port,
            path: path.to_owned(),
            authority: authority.as_str().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_that_can_be_called_are_read() {
        for (url, private, expected) in [
            ("https://example.com/a?b=c", false, Ok((true, "example.com", 443, "/a?b=c"))),
            ("https://Example.COM:8443", false, Ok((true, "example.com", 8443, "/"))),
            ("https://example.com.", false, Ok((true, "example.com", 443, "/"))),
            ("https://[2001:db8::1]:9/x", false, Ok((true, "2001:db8::1", 9, "/x"))),
            ("http://127.0.0.1:8080/x", true, Ok((false, "127.0.0.1", 8080, "/x"))),
            ("http://127.0.0.1:8080/x", false, Err(BadUrl::Plain)),
            ("ftp://example.com", true, Err(BadUrl::Scheme)),
            ("https://u:p@example.com/", true, Err(BadUrl::User)),
            ("https://127.0.0.1@example.com/", true, Err(BadUrl::User)),
            ("https://example.com/#x", true, Err(BadUrl::Form)),
            ("https://example.com:0/", true, Err(BadUrl::Form)),
            ("https://example.com:/", true, Err(BadUrl::Form)),
            ("https://exämple.com/", true, Err(BadUrl::Form)),
            ("https:///x", true, Err(BadUrl::Form)),
            ("https://exa mple.com/", true, Err(BadUrl::Form)),
            ("example.com/x", true, Err(BadUrl::Form)),
            ("/x", true, Err(BadUrl::Form)),
            ("", true, Err(BadUrl::Form)),
        ] {
            let found = Target::parse(url, private);
            let found = found.as_ref().map(|target| {
                (target.tls, target.host.as_str(), target.port, target.path.as_str())
            });
            assert_eq!(found, expected.as_ref().map(|expected| *expected), "{url}");
        }
    }
}
