//! Pages to the bytes of a file: PDF 1.7, tagged, by the rules of PDF/A-2a. The file does not
//! claim to be such until a validator has said so.

use super::embed::Used;
use super::flow::{Color, Flow, Mark, PAGE_HEIGHT, PAGE_WIDTH, Page, Style};
use super::font::{Fonts, Mp};
use super::structure;
use crate::document::{Document, Language};
use crate::error::PressError;
use crate::words::Word;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::writers::{ColorSpace, StructTreeRoot};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use std::io::Write as _;

const FONT_NAMES: [Name<'static>; 2] = [Name(b"F1"), Name(b"F2")];
const PRODUCER: &str = "Saldo";

/// Points, as the file has them: the one place where layout leaves whole numbers.
#[allow(clippy::float_arithmetic, clippy::cast_precision_loss)] // shown, never reckoned with
pub(crate) fn points(length: Mp) -> f32 {
    length as f32 / 1000.0
}

/// The bytes compressed.
pub(crate) fn packed(bytes: &[u8]) -> Result<Vec<u8>, PressError> {
    let wrong = |error| PressError::NotMade { reason: format!("compression: {error}") };
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).map_err(wrong)?;
    encoder.finish().map_err(wrong)
}

/// Numbers of objects, handed out in order.
struct Numbers(i32);

impl Numbers {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }

    /// So many in a row.
    fn run(&mut self, count: usize) -> i32 {
        let first = self.0 + 1;
        self.0 = self.0.saturating_add(i32::try_from(count).unwrap_or(i32::MAX));
        first
    }
}

/// The file.
pub(crate) fn write(flow: Flow, document: &Document) -> Result<Vec<u8>, PressError> {
    let Flow { fonts, pages, tree, .. } = flow;
    let mut numbers = Numbers(0);
    let (catalog, page_tree, info, metadata) =
        (numbers.next(), numbers.next(), numbers.next(), numbers.next());
    let font_ids = [numbers.next(), numbers.next()];
    let (root, resources) = (numbers.next(), numbers.next());
    let page_ids: Vec<Ref> = pages.iter().map(|_| numbers.next()).collect();
    let mut pdf = Pdf::new();
    pdf.set_version(1, 7);
    let mut used = [Used::default(), Used::default()];
    let mut hash = Fnv::default();
    for (at, page) in pages.iter().enumerate() {
        let content = content_of(page, &fonts, &mut used);
        hash.add(&content);
        let id = numbers.next();
        let data = packed(&content)?;
        pdf.stream(id, &data).filter(Filter::FlateDecode);
        let mut written = pdf.page(page_ids[at]);
        written.parent(page_tree).contents(id).pair(Name(b"Resources"), resources);
        written.media_box(Rect::new(0.0, 0.0, points(PAGE_WIDTH), points(PAGE_HEIGHT)));
        written.struct_parents(i32::try_from(at).unwrap_or(i32::MAX));
        written.pair(Name(b"Tabs"), Name(b"S"));
    }
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(page_tree).kids(page_ids.iter().copied()).count(count);
    resources_of(&mut pdf, resources, font_ids, &used);
    for (font, used) in used.iter().enumerate().filter(|(_, used)| !used.is_empty()) {
        used.write(&mut pdf, (font, &fonts), font_ids[font], &mut || numbers.next())?;
    }
    let first = numbers.run(tree.elements.len());
    let parents = Ref::new(numbers.run(pages.len() + 1));
    let owners: Vec<(Ref, &[usize])> =
        page_ids.iter().zip(&pages).map(|(id, page)| (*id, page.owners.as_slice())).collect();
    structure::write(&mut pdf, &tree, (root, first, parents), &owners);
    let mut written = pdf.indirect(root).start::<StructTreeRoot<'_>>();
    written.child(Ref::new(first));
    written.pair(Name(b"ParentTree"), parents);
    written.parent_tree_next_key(count);
    written.finish();
    describe(&mut pdf, document, (catalog, page_tree, info, metadata), root);
    hash.add(document.body_hash.as_bytes());
    let id = hash.0.to_be_bytes().to_vec();
    pdf.set_file_id((id.clone(), id));
    Ok(pdf.finish())
}

fn resources_of(pdf: &mut Pdf, id: Ref, font_ids: [Ref; 2], used: &[Used; 2]) {
    let mut dict = pdf.indirect(id).start::<pdf_writer::writers::Resources<'_>>();
    let mut fonts = dict.fonts();
    for (at, name) in FONT_NAMES.into_iter().enumerate().filter(|(at, _)| !used[*at].is_empty()) {
        fonts.pair(name, font_ids[at]);
    }
    fonts.finish();
    // Colours are those of any screen, without a profile of some device.
    dict.color_spaces().insert(Name(b"DefaultRGB")).start::<ColorSpace<'_>>().srgb();
}

fn content_of(page: &Page, fonts: &Fonts, used: &mut [Used; 2]) -> Vec<u8> {
    let mut content = Content::new();
    for mark in &page.marks {
        match mark {
            Mark::Fill { x, y, width, height, color } => {
                content.begin_marked_content(Name(b"Artifact"));
                fill_color(&mut content, *color);
                let bottom = PAGE_HEIGHT - y - height;
                content.rect(points(*x), points(bottom), points(*width), points(*height));
                content.fill_nonzero().end_marked_content();
            }
            Mark::Text { x, y, style, text, content: number } => {
                match number {
                    Some(number) => {
                        let number = i32::try_from(*number).unwrap_or(i32::MAX);
                        let mut mark = content.begin_marked_content_with_properties(Name(b"Span"));
                        mark.properties().identify(number);
                    }
                    None => {
                        content.begin_marked_content(Name(b"Artifact"));
                    }
                }
                show(&mut content, (*x, *y), (*style, text), (fonts, used));
                content.end_marked_content();
            }
        }
    }
    content.finish().into_vec()
}

/// Draws a text, in runs of one font each.
fn show(
    content: &mut Content,
    (x, y): (Mp, Mp),
    (style, text): (Style, &str),
    (fonts, used): (&Fonts, &mut [Used; 2]),
) {
    fill_color(content, style.color);
    content.begin_text().next_line(points(x), points(PAGE_HEIGHT - y));
    let mut run: (usize, Vec<u8>) = (0, Vec::new());
    let flush = |content: &mut Content, (font, bytes): &(usize, Vec<u8>)| {
        if !bytes.is_empty() {
            content.set_font(FONT_NAMES[*font], points(style.size)).show(Str(bytes));
        }
    };
    for char in text.chars() {
        let glyph = fonts.glyph(char, style.weight);
        if glyph.font != run.0 {
            flush(content, &run);
            run = (glyph.font, Vec::new());
        }
        let id = used[glyph.font].take(glyph.id, glyph.advance, char);
        run.1.extend_from_slice(&id.to_be_bytes());
    }
    flush(content, &run);
    content.end_text();
}

fn fill_color(content: &mut Content, Color(red, green, blue): Color) {
    let part = |part: u8| points(Mp::from(part) * 1000 / 255);
    content.set_fill_rgb(part(red), part(green), part(blue));
}

fn describe(
    pdf: &mut Pdf,
    document: &Document,
    (id, page_tree, info, metadata): (Ref, Ref, Ref, Ref),
    root: Ref,
) {
    let language = match document.language {
        Language::En => "en",
        Language::Ko => "ko",
    };
    let word = Word::Statement.of(document.language);
    let title = format!("{word} {}", document.id);
    pdf.document_info(info).title(TextStr(&title)).producer(TextStr(PRODUCER));
    let xmp = xmp(&title, language);
    pdf.metadata(metadata, xmp.as_bytes());
    let mut catalog = pdf.catalog(id);
    catalog.pages(page_tree).lang(TextStr(language)).metadata(metadata);
    catalog.mark_info().marked(true);
    catalog.viewer_preferences().display_doc_title(true);
    catalog.pair(Name(b"StructTreeRoot"), root);
}

/// The metadata that archives read.
fn xmp(title: &str, language: &str) -> String {
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        r#"<?xpacket begin="{bom}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<pdf:Producer>{PRODUCER}</pdf:Producer>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"#,
        bom = '\u{feff}'
    )
}

/// FNV-1a of 128 bits, for the file's identifier: it tells files apart and secures nothing.
struct Fnv(u128);

impl Default for Fnv {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 ^= u128::from(*byte);
            self.0 = self.0.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}
