//! The macros that define book types: one definition gives the type, its reader, its JSON Schema.

/// Defines a record: a mapping with fixed keys, each required unless `= default` follows it.
/// `name as "key"` reads a key whose word Rust keeps for itself.
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* pub struct $record:ident {
        $(
            $(#[$field_meta:meta])*
            pub $field:ident $(as $key:literal)?: $type:ty $(= $default:ident)?,
        )*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub struct $record {
            $(
                $(#[$field_meta])*
                $(#[schemars(rename = $key)])?
                $(#[schemars($default)])?
                pub $field: $type,
            )*
        }

        impl $crate::read::Read for $record {
            fn read(
                node: &$crate::yaml::Node,
                reporter: &mut $crate::diagnostic::Reporter<'_>,
            ) -> Option<Self> {
                const KEYS: &[&str] = &[$($crate::key_of!($field $(as $key)?)),*];
                let fields = $crate::read::Fields::of(node, KEYS, reporter)?;
                $(
                    let key = $crate::key_of!($field $(as $key)?);
                    let $field = $crate::field_of!(fields, key, reporter, $type $(, $default)?);
                )*
                Some(Self { $($field: $field?,)* })
            }
        }
    };
}

/// The key of a record's field.
#[doc(hidden)]
#[macro_export]
macro_rules! key_of {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident as $key:literal) => {
        $key
    };
}

/// Reads a record's field.
#[doc(hidden)]
#[macro_export]
macro_rules! field_of {
    ($fields:ident, $key:ident, $reporter:ident, $type:ty) => {
        $fields.required::<$type>($key, $reporter)
    };
    ($fields:ident, $key:ident, $reporter:ident, $type:ty, default) => {
        $fields.optional::<$type>($key, $reporter)
    };
}

/// Defines a choice of words.
#[macro_export]
macro_rules! choice {
    ($(#[$meta:meta])* pub enum $choice:ident {
        $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, schemars::JsonSchema)]
        pub enum $choice {
            $($(#[$variant_meta])* #[schemars(rename = $word)] $variant,)*
        }

        impl $crate::read::Read for $choice {
            fn read(
                node: &$crate::yaml::Node,
                reporter: &mut $crate::diagnostic::Reporter<'_>,
            ) -> Option<Self> {
                const WORDS: &[&str] = &[$($word),*];
                let word = <String as $crate::read::Read>::read(node, reporter)?;
                match word.as_str() {
                    $($word => Some(Self::$variant),)*
                    other => {
                        $crate::read::not_one_of(node.place, other, WORDS, reporter);
                        None
                    }
                }
            }
        }
    };
}

/// Defines a choice of mappings, each with one key that says what its value is.
#[macro_export]
macro_rules! tagged {
    ($(#[$meta:meta])* pub enum $tagged:ident {
        $($(#[$variant_meta:meta])* $variant:ident($type:ty) = $word:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, schemars::JsonSchema)]
        pub enum $tagged {
            $($(#[$variant_meta])* #[schemars(rename = $word)] $variant($type),)*
        }

        impl $crate::read::Read for $tagged {
            fn read(
                node: &$crate::yaml::Node,
                reporter: &mut $crate::diagnostic::Reporter<'_>,
            ) -> Option<Self> {
                const WORDS: &[&str] = &[$($word),*];
                let entry = $crate::read::only_entry(node, WORDS, reporter)?;
                match entry.key.as_str() {
                    $($word => {
                        <$type as $crate::read::Read>::read(&entry.value, reporter)
                            .map(Self::$variant)
                    })*
                    other => {
                        $crate::read::not_one_of(entry.key_place, other, WORDS, reporter);
                        None
                    }
                }
            }
        }
    };
}
