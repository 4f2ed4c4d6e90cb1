//! The two fonts of a statement, and how wide text is in them.

use crate::error::PressError;
use crate::text::REPLACEMENT;
use ttf_parser::Face;

/// Thousandths of a point: all layout is in whole numbers of them, the same on every machine.
pub(crate) type Mp = i32;

/// Both fonts, regular first: Hangul, Latin, Greek, Cyrillic, with tabular figures.
pub(crate) const FONTS: [&[u8]; 2] = [
    include_bytes!("../../fonts/SaldoSans-Regular.otf"),
    include_bytes!("../../fonts/SaldoSans-Bold.otf"),
];

/// How text is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// As text is.
    Regular,
    /// For headings and totals.
    Bold,
}

/// The parsed fonts.
pub(crate) struct Fonts {
    faces: [Face<'static>; 2],
}

/// One character as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Glyph {
    /// Place in [`FONTS`].
    pub(crate) font: usize,
    /// Its number in the font.
    pub(crate) id: u16,
    /// How far it moves on, in units of the font.
    pub(crate) advance: u16,
}

impl Fonts {
    pub(crate) fn load() -> Result<Self, PressError> {
        let face = |bytes| {
            let wrong = |error| PressError::NotMade { reason: format!("a font: {error}") };
            Face::parse(bytes, 0).map_err(wrong)
        };
        Ok(Self { faces: [face(FONTS[0])?, face(FONTS[1])?] })
    }

    pub(crate) fn face(&self, font: usize) -> &Face<'static> {
        &self.faces[font]
    }

    /// Whether the character can be drawn.
    pub(crate) fn has(&self, char: char) -> bool {
        char != REPLACEMENT && self.faces[0].glyph_index(char).is_some()
    }

    /// The glyph of a character: bold falls back to regular, and what neither has is a crossed
    /// box.
    pub(crate) fn glyph(&self, char: char, weight: Weight) -> Glyph {
        let wanted = usize::from(weight == Weight::Bold);
        let places = [(wanted, char), (0, char), (0, REPLACEMENT)];
        let found = places.into_iter().find_map(|(font, char)| {
            let id = self.faces[font].glyph_index(char)?;
            Some((font, id))
        });
        let (font, id) = found.unwrap_or((0, ttf_parser::GlyphId(0)));
        let advance = self.faces[font].glyph_hor_advance(id).unwrap_or(0);
        Glyph { font, id: id.0, advance }
    }

    /// How wide the text is at a size.
    pub(crate) fn width(&self, text: &str, size: Mp, weight: Weight) -> Mp {
        let units: i64 = text.chars().map(|c| i64::from(self.glyph(c, weight).advance)).sum();
        self.scaled(units, size)
    }

    /// Units of the font at a size.
    pub(crate) fn scaled(&self, units: i64, size: Mp) -> Mp {
        let em = i64::from(self.faces[0].units_per_em().max(1));
        Mp::try_from(units * i64::from(size) / em).unwrap_or(Mp::MAX)
    }

    /// The text in lines no wider than `width`: broken at spaces, and inside a word only where
    /// the word alone is wider. At most `lines`; the last one then ends with an ellipsis.
    pub(crate) fn wrap(
        &self,
        text: &str,
        (size, weight): (Mp, Weight),
        width: Mp,
        lines: usize,
    ) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in text.split(' ') {
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&joined, size, weight) <= width {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                out.push(std::mem::take(&mut line));
            }
            for char in word.chars() {
                line.push(char);
                if self.width(&line, size, weight) > width && line.chars().count() > 1 {
                    line.pop();
                    out.push(std::mem::replace(&mut line, char.to_string()));
                }
            }
        }
        out.push(line);
        if out.len() > lines {
            out.truncate(lines);
            if let Some(last) = out.last_mut() {
                while !last.is_empty() && self.width(&format!("{last}…"), size, weight) > width {
                    last.pop();
                }
                last.push('…');
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_of_one_width_and_nothing_is_undefined() {
        let fonts = Fonts::load().unwrap();
        for weight in [Weight::Regular, Weight::Bold] {
            let zero = fonts.glyph('0', weight).advance;
            for digit in '1'..='9' {
                assert_eq!(fonts.glyph(digit, weight).advance, zero, "{digit} {weight:?}");
            }
            for char in ['a', '가', '힣', '뷁', '−', '₩', '€', REPLACEMENT, '漢', '🎰']
            {
                let glyph = fonts.glyph(char, weight);
                assert!(glyph.id != 0 && glyph.advance != 0, "{char} is not drawn");
            }
        }
    }

    #[test]
    fn words_are_broken_only_where_they_must() {
        let fonts = Fonts::load().unwrap();
        let style = (10_000, Weight::Regular);
        for (text, width, lines, count) in [
            ("one line", 100_000, 9, 1),
            ("two lines of words", 50_000, 9, 2),
            ("endlesswordwithoutaspace", 50_000, 9, 3),
            ("endlesswordwithoutaspace", 50_000, 2, 2),
            ("", 50_000, 9, 1),
        ] {
            let wrapped = fonts.wrap(text, style, width, lines);
            assert_eq!(wrapped.len(), count, "{wrapped:?}");
            for line in &wrapped {
                assert!(fonts.width(line, style.0, style.1) <= width, "{line} is too wide");
            }
        }
    }
}
