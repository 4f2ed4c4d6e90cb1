//! Structured fields of HTTP (RFC 8941), as far as digests and signatures need them: dictionaries
//! of items and inner lists, read from any bytes and written in their one strict form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A bare item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bare {
    /// `42`
    Integer(i64),
    /// `"text"`
    Text(String),
    /// `token`
    Token(String),
    /// `:base64:`
    Bytes(Vec<u8>),
    /// `?1`
    Boolean(bool),
}

/// Parameters behind an item or a list, in order.
pub type Params = Vec<(String, Bare)>;

/// An item with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub bare: Bare,
    /// What is said of it.
    pub params: Params,
}

/// The value of a member of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// One item.
    Item(Item),
    /// `(a b);x=1`
    List(Vec<Item>, Params),
}

/// Most members of a dictionary, items of a list and parameters of an item: signatures and digests
/// have a few, and each is looked for among those before it.
pub const MEMBERS_MAX: usize = 64;

/// The members of a dictionary in order; a key said twice has its last value. Nothing where the
/// text is none, or has more of something than [`MEMBERS_MAX`].
pub fn dictionary(text: &str) -> Option<Vec<(String, Value)>> {
    let mut cursor = Cursor(text.trim_matches(' '));
    let mut members: Vec<(String, Value)> = Vec::new();
    while !cursor.0.is_empty() {
        let key = cursor.key()?;
        let value = if cursor.take('=') {
            cursor.value()?
        } else {
            let params = cursor.params()?;
            Value::Item(Item { bare: Bare::Boolean(true), params })
        };
        put(&mut members, key, value)?;
        cursor.blanks();
        if cursor.0.is_empty() {
            break;
        }
        if !cursor.take(',') {
            return None;
        }
        cursor.blanks();
        if cursor.0.is_empty() {
            return None; // a comma that nothing follows
        }
    }
    Some(members)
}

/// Adds a member in the place of one that has its key.
fn put<V>(members: &mut Vec<(String, V)>, key: String, value: V) -> Option<()> {
    members.retain(|(known, _)| *known != key);
    (members.len() < MEMBERS_MAX).then(|| members.push((key, value)))
}

/// The value of a parameter.
pub fn param<'p>(params: &'p Params, name: &str) -> Option<&'p Bare> {
    params.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// An inner list with its parameters, in strict form.
pub fn write_list(items: &[Item], params: &Params) -> String {
    let each: Vec<String> = items.iter().map(write_item).collect();
    format!("({}){}", each.join(" "), write_params(params))
}

/// An item with its parameters, in strict form.
pub fn write_item(item: &Item) -> String {
    write_bare(&item.bare) + &write_params(&item.params)
}

fn write_params(params: &Params) -> String {
    let each = params.iter().map(|(name, value)| match value {
        Bare::Boolean(true) => format!(";{name}"),
        value => format!(";{name}={}", write_bare(value)),
    });
    each.collect()
}

fn write_bare(bare: &Bare) -> String {
    match bare {
        Bare::Integer(number) => number.to_string(),
        Bare::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        Bare::Token(token) => token.clone(),
        Bare::Bytes(bytes) => format!(":{}:", STANDARD.encode(bytes)),
        Bare::Boolean(value) => if *value { "?1" } else { "?0" }.to_owned(),
    }
}

/// What is left of a text.
struct Cursor<'t>(&'t str);

impl<'t> Cursor<'t> {
    fn take(&mut self, wanted: char) -> bool {
        let rest = self.0.strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn blanks(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }

    fn while_is(&mut self, is: impl Fn(char) -> bool) -> &'t str {
        let end = self.0.find(|c| !is(c)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    fn key(&mut self) -> Option<String> {
        let begins = |c: char| c.is_ascii_lowercase() || c == '*';
        self.0.starts_with(begins).then_some(())?;
        let within = |c: char| begins(c) || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
        Some(self.while_is(within).to_owned())
    }

    fn value(&mut self) -> Option<Value> {
        if !self.take('(') {
            return self.item().map(Value::Item);
        }
        let mut items = Vec::new();
        loop {
            self.while_is(|c| c == ' ');
            if self.take(')') {
                return Some(Value::List(items, self.params()?));
            }
            (items.len() < MEMBERS_MAX).then_some(())?;
            items.push(self.item()?);
            if !self.0.starts_with([' ', ')']) {
                return None;
            }
        }
    }

    fn item(&mut self) -> Option<Item> {
        let bare = self.bare()?;
        Some(Item { bare, params: self.params()? })
    }

    fn params(&mut self) -> Option<Params> {
        let mut params = Params::new();
        while self.take(';') {
            self.while_is(|c| c == ' ');
            let key = self.key()?;
            let value = if self.take('=') { self.bare()? } else { Bare::Boolean(true) };
            put(&mut params, key, value)?;
        }
        Some(params)
    }

    fn bare(&mut self) -> Option<Bare> {
        match self.0.chars().next()? {
            '"' => self.text(),
            ':' => {
                let (bytes, rest) = self.0[1..].split_once(':')?;
                self.0 = rest;
                STANDARD.decode(bytes).ok().map(Bare::Bytes)
            }
            '?' => {
                self.take('?');
                let value = self.take('1');
                (value || self.take('0')).then_some(Bare::Boolean(value))
            }
            '-' | '0'..='9' => {
                let negative = self.take('-');
                let digits = self.while_is(|c| c.is_ascii_digit());
                // Decimals are nowhere among what is read here.
                (digits.len() <= 15 && !self.0.starts_with('.')).then_some(())?;
                let number: i64 = digits.parse().ok()?;
                Some(Bare::Integer(if negative { -number } else { number }))
            }
            'A'..='Z' | 'a'..='z' | '*' => {
                let within = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:/".contains(c);
                Some(Bare::Token(self.while_is(within).to_owned()))
            }
            _ => None,
        }
    }

    fn text(&mut self) -> Option<Bare> {
        let mut text = String::new();
        let mut chars = self.0.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.0 = &self.0[at + 1..];
                    return Some(Bare::Text(text));
                }
                '\\' => match chars.next()? {
                    (_, escaped @ ('"' | '\\')) => text.push(escaped),
                    _ => return None,
                },
                ' '..='~' => text.push(c),
                _ => return None,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_are_read_and_written_in_one_form() {
        for (text, strict) in [
            ("", Some("")),
            ("a=1", Some("a=1")),
            ("a=1,  b=:AQI=:", Some("a=1, b=:AQI=:")),
            ("a=1, a=2", Some("a=2")),
            ("a", Some("a=?1")),
            ("a;x=?0;y", Some("a=?1;x=?0;y")),
            (
                "sig=(\"@method\"  \"x\";sf );created=5;nonce=\"a\\\"b\"",
                Some("sig=(\"@method\" \"x\";sf);created=5;nonce=\"a\\\"b\""),
            ),
            ("s=()", Some("s=()")),
            ("t=tok/en", Some("t=tok/en")),
            ("n=-7", Some("n=-7")),
            ("a=1,", None),
            ("a=", None),
            ("A=1", None),
            ("a=\"open", None),
            ("a=\"\\x\"", None),
            ("a=:no base!:", None),
            ("a=(\"x\"\"y\")", None),
            ("a=(\"x\"", None),
            ("a=1.5", None),
            ("a=1234567890123456", None),
            ("a=?2", None),
            ("a=1 b=2", None),
            ("a=\"\u{e9}\"", None),
        ] {
            let found = dictionary(text).map(|members| {
                let each = members.iter().map(|(key, value)| match value {
                    Value::Item(item) => format!("{key}={}", write_item(item)),
                    Value::List(items, params) => format!("{key}={}", write_list(items, params)),
                });
                each.collect::<Vec<_>>().join(", ")
            });
            assert_eq!(found.as_deref(), strict, "{text}");
        }
    }

    #[test]
    fn a_dictionary_has_no_more_than_can_be_looked_through() {
        let many = |count: usize, one: &str, mark: &str| {
            (0..count).map(|at| format!("{one}{at}")).collect::<Vec<_>>().join(mark)
        };
        for (text, of) in [
            (&(|count| many(count, "a", ",")) as &dyn Fn(usize) -> String, "members"),
            (&|count| format!("a=1;{}", many(count, "p", ";")), "parameters"),
            (&|count| format!("a=({})", many(count, "", " ")), "items"),
        ] {
            assert!(dictionary(&text(MEMBERS_MAX)).is_some(), "{of}");
            assert!(dictionary(&text(MEMBERS_MAX + 1)).is_none(), "{of}");
        }
    }
}
