//! Licence expressions: `MIT OR Apache-2.0`, `(MIT OR Apache-2.0) AND NCSA`, and the old `MIT/ISC`.

/// Whether what an expression asks for can be met with licences that `allows` says yes to.
///
/// OR is met by one side, AND by both; a slash is an OR, as old manifests meant it. An exception
/// after WITH only grants more, so the licence before it decides. The error says what is unclear.
pub fn is_met(expression: &str, allows: &dyn Fn(&str) -> bool) -> Result<bool, String> {
    let words = words(expression);
    let mut reader = Reader { words: &words, at: 0, allows };
    let met = reader.either()?;
    match reader.next() {
        None => Ok(met),
        Some(word) => Err(format!("`{expression}`: what does `{word}` mean here?")),
    }
}

/// Brackets and slashes are words of their own.
fn words(expression: &str) -> Vec<String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    spaced.split_whitespace().map(str::to_owned).collect()
}

struct Reader<'e> {
    words: &'e [String],
    at: usize,
    allows: &'e dyn Fn(&str) -> bool,
}

impl<'e> Reader<'e> {
    fn next(&mut self) -> Option<&'e str> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    /// Steps over `word` if it is next, in any case.
    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.words.get(self.at).is_some_and(|next| next.eq_ignore_ascii_case(word));
        self.at += usize::from(is_next);
        is_next
    }

    fn either(&mut self) -> Result<bool, String> {
        let mut met = self.both()?;
        while self.takes("OR") {
            met |= self.both()?;
        }
        Ok(met)
    }

    fn both(&mut self) -> Result<bool, String> {
        let mut met = self.one()?;
        while self.takes("AND") {
            met &= self.one()?;
        }
        Ok(met)
    }

    fn one(&mut self) -> Result<bool, String> {
        let met = match self.next() {
            Some("(") => {
                let met = self.either()?;
                if !self.takes(")") {
                    return Err("a bracket is not closed".to_owned());
                }
                met
            }
            Some(word) if ![")", "AND", "OR", "WITH"].contains(&word) => (self.allows)(word),
            Some(word) => return Err(format!("`{word}` stands where a licence should")),
            None => return Err("a licence is missing at the end".to_owned()),
        };
        if self.takes("WITH") {
            self.next().ok_or("an exception is missing after WITH")?;
        }
        Ok(met)
    }
}
