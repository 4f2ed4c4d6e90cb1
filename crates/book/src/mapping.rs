//! Mappings: how the rows of a file become events.
