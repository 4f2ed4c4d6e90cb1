//! Accounts: paths of segments such as `play:evolution:roulette:stakes`, escaped so that a value
//! can never make a segment of its own, and patterns over them.

/// Appends `value` to `path` as one segment's text: `:`, `%`, `*` and control characters are
/// percent-escaped, everything else is kept.
pub fn push_escaped(path: &mut String, value: &str) {
    for c in value.chars() {
        if c == ':' || c == '%' || c == '*' || c.is_control() {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                path.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    path.push(char::from(b"0123456789ABCDEF"[usize::from(nibble)]));
                }
            }
        } else {
            path.push(c);
        }
    }
}

/// Undoes [`push_escaped`]; an escape that is not one is kept as it stands.
pub fn unescape(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| segment.get(at + 1..at + 3)).flatten();
        // `from_str_radix` alone would also take a sign.
        let escape = escape.filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if let Some(byte) = escape.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| segment.to_owned())
}

/// A pattern over account paths: segments separated by `:`; `*` stands for any one segment, and
/// as the last segment for one or more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    segments: Vec<Option<String>>,
}

impl Pattern {
    /// Reads a pattern; every text is one, an empty one matches nothing but an empty path.
    pub fn new(text: &str) -> Self {
        let segment = |part: &str| (part != "*").then(|| part.to_owned());
        Self { segments: text.split(':').map(segment).collect() }
    }

    /// What every path that matches begins with: the segments before the first `*`.
    pub fn begin(&self) -> String {
        let literal: Vec<&str> = self.segments.iter().map_while(Option::as_deref).collect();
        let mut begin = literal.join(":");
        if !literal.is_empty() && literal.len() < self.segments.len() {
            begin.push(':');
        }
        begin
    }

    /// Whether the account path matches.
    pub fn matches(&self, path: &str) -> bool {
        let mut wanted = self.segments.iter().peekable();
        let mut given = path.split(':');
        while let Some(segment) = wanted.next() {
            let Some(part) = given.next() else { return false };
            match segment {
                Some(text) if text != part => return false,
                None if wanted.peek().is_none() => return true,
                _ => {}
            }
        }
        given.next().is_none()
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, segment) in self.segments.iter().enumerate() {
            let colon = if at == 0 { "" } else { ":" };
            write!(f, "{colon}{}", segment.as_deref().unwrap_or("*"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_match_whole_paths() {
        for (pattern, path, matches) in [
            ("play:*", "play:a", true),
            ("play:*", "play:a:b:c", true),
            ("play:*", "play", false),
            ("play:*:stakes", "play:a:stakes", true),
            ("play:*:stakes", "play:a:b:stakes", false),
            ("*", "anything:at:all", true),
            ("play:a", "play:a", true),
            ("play:a", "play:a:b", false),
            ("play:a", "play:b", false),
            ("play:a:*", "play:b:stakes", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(path), matches, "{pattern} on {path}");
            assert_eq!(Pattern::new(pattern).to_string(), pattern);
        }
    }

    #[test]
    fn patterns_begin_with_what_is_before_their_first_star() {
        for (pattern, begin) in [
            ("play:*", "play:"),
            ("play:*:stakes", "play:"),
            ("play:a:*:b:*", "play:a:"),
            ("play:a", "play:a"),
            ("*:a", ""),
            ("*", ""),
            ("", ""),
        ] {
            assert_eq!(Pattern::new(pattern).begin(), begin, "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn escaping_comes_back_and_never_splits(value in any::<String>()) {
            let mut path = String::new();
            push_escaped(&mut path, &value);
            prop_assert!(!path.contains(':') && !path.contains('*'));
            prop_assert_eq!(unescape(&path), value);
        }
    }
}
