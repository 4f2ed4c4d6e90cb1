//! The files of a book, one module each: what a file may say, and how it becomes rules.

pub mod agreement;
pub mod assets;
pub mod calendars;
pub mod dims;
pub mod due;
pub mod invoice;
pub mod kinds;
pub mod mappings;
pub mod measures;
pub mod operator;
pub mod parties;
pub mod quotes;
pub mod source_schema;
pub mod sources;
pub mod steps;
pub mod trial;

crate::record! {
    /// What people read instead of a name.
    #[derive(Default)]
    pub struct Title {
        /// English.
        pub en: Option<String> = default,
        /// Korean.
        pub ko: Option<String> = default,
    }
}

impl From<&Title> for settle::Title {
    fn from(title: &Title) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self { en: text(&title.en), ko: text(&title.ko) }
    }
}
