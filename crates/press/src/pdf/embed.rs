//! The fonts inside the file: only the glyphs that it uses, with what each one means.

use super::font::{FONTS, Fonts, Mp};
use super::write::points;
use crate::error::PressError;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use std::collections::BTreeMap;
use subsetter::GlyphRemapper;

const SYSTEM: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// Names of the fonts in the file: six letters say that they are subsets.
const NAMES: [&[u8]; 2] = [b"SALDOA+SaldoSans-Regular", b"SALDOB+SaldoSans-Bold"];

/// One font of the file.
#[derive(Default)]
pub(crate) struct Used {
    remapper: GlyphRemapper,
    /// What each glyph of the file means, and how wide it is in units of the font.
    glyphs: BTreeMap<u16, (char, u16)>,
}

impl Used {
    /// The number that the glyph has in the file.
    pub(crate) fn take(&mut self, id: u16, advance: u16, char: char) -> u16 {
        let new = self.remapper.remap(id);
        self.glyphs.entry(new).or_insert((char, advance));
        new
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.glyphs.is_empty()
    }

    /// Writes the font as the object `id`; `next` gives numbers for what belongs to it.
    pub(crate) fn write(
        &self,
        pdf: &mut Pdf,
        (font, fonts): (usize, &Fonts),
        id: Ref,
        next: &mut impl FnMut() -> Ref,
    ) -> Result<(), PressError> {
        let (cid, descriptor, file, cmap) = (next(), next(), next(), next());
        let name = Name(NAMES[font]);
        pdf.type0_font(id)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(cmap);
        let mut cid_font = pdf.cid_font(cid);
        cid_font.subtype(CidFontType::Type0).base_font(name).system_info(SYSTEM);
        cid_font.font_descriptor(descriptor).default_width(0.0);
        let mut widths = cid_font.widths();
        for (glyph, (_, advance)) in &self.glyphs {
            let width = fonts.scaled(i64::from(*advance) * 1000, 1000);
            widths.consecutive(*glyph, [points(width)]);
        }
        widths.finish();
        cid_font.finish();
        describe(pdf, (font, fonts), descriptor, file);
        let mut unicode: UnicodeCmap<u16> = UnicodeCmap::new(Name(b"Saldo-Unicode"), SYSTEM);
        self.glyphs.iter().for_each(|(glyph, (char, _))| unicode.pair(*glyph, *char));
        let data = super::write::packed(&unicode.finish())?;
        pdf.cmap(cmap, &data).filter(Filter::FlateDecode);
        let wrong = |error| PressError::NotMade { reason: format!("a font: {error}") };
        let subset = subsetter::subset(FONTS[font], 0, &self.remapper).map_err(wrong)?;
        let data = super::write::packed(&outlines(&subset)?)?;
        let mut stream = pdf.stream(file, &data);
        stream.filter(Filter::FlateDecode);
        stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        Ok(())
    }
}

/// The outlines alone of an OpenType font: its table `CFF `.
fn outlines(font: &[u8]) -> Result<Vec<u8>, PressError> {
    let wrong = || PressError::NotMade { reason: "a font without outlines".to_owned() };
    let face = ttf_parser::RawFace::parse(font, 0).map_err(|_| wrong())?;
    let table = face.table(ttf_parser::Tag::from_bytes(b"CFF ")).ok_or_else(wrong)?;
    Ok(table.to_vec())
}

fn describe(pdf: &mut Pdf, (font, fonts): (usize, &Fonts), id: Ref, file: Ref) {
    let face = fonts.face(font);
    let of = |units: i16| points(fonts.scaled(i64::from(units) * 1000, 1000));
    let bounds = face.global_bounding_box();
    let bbox = Rect::new(of(bounds.x_min), of(bounds.y_min), of(bounds.x_max), of(bounds.y_max));
    let stem: Mp = if font == 0 { 80_000 } else { 140_000 };
    pdf.font_descriptor(id)
        .name(Name(NAMES[font]))
        .flags(FontFlags::NON_SYMBOLIC)
        .bbox(bbox)
        .italic_angle(0.0)
        .ascent(of(face.ascender()))
        .descent(of(face.descender()))
        .cap_height(of(face.capital_height().unwrap_or(face.ascender())))
        .stem_v(points(stem))
        .font_file3(file);
}
