//! Writes one statement of each kind to a directory, for people to look at.

#[path = "../tests/common/mod.rs"]
mod common;

use press::Language;

fn main() -> std::io::Result<()> {
    let dir = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let mut documents = vec![("hostile".to_owned(), common::hostile())];
    for language in [Language::En, Language::Ko] {
        let code = language.code();
        documents.push((format!("usual-{code}"), common::usual(language)));
        documents.push((format!("negative-{code}"), common::negative(language)));
        documents.push((format!("long-{code}"), common::long(language, 200)));
    }
    for (name, document) in documents {
        let pdf = press::pdf(&document).map_err(std::io::Error::other)?;
        println!("{name}: {} bytes, not printable: {:?}", pdf.bytes.len(), pdf.unprintable);
        std::fs::write(format!("{dir}/{name}.pdf"), pdf.bytes)?;
        let xlsx = press::xlsx(&document).map_err(std::io::Error::other)?;
        std::fs::write(format!("{dir}/{name}.xlsx"), xlsx.bytes)?;
    }
    Ok(())
}
