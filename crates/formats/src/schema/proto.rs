//! Protobuf schemas: the text of a `.proto` file, or a `FileDescriptorProto` in base64.
//!
//! Imports are the references given and Google's well-known types; nothing is read from disk.

mod compat;
mod value;

pub(super) use compat::reads;

use super::{Change, Form, Known, SchemaError, text};
use crate::contain::contained;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::prost::Message;
use prost_reflect::prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};
use prost_reflect::{DescriptorPool, FileDescriptor};
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use serde_json::Value;

/// The name of a file that brings none.
const ROOT: &str = "root.proto";

/// A Protobuf schema that was read.
#[derive(Debug)]
pub(super) struct Proto {
    pool: DescriptorPool,
    /// The file's name in the pool.
    name: String,
    /// The file as others import it.
    given: FileDescriptorProto,
}

impl Proto {
    pub(super) fn parse(text: &str, known: &[Known<'_>]) -> Result<Self, SchemaError> {
        let mut given = read(text)?;
        if known.iter().any(|(name, _)| *name == given.name()) {
            given.name = Some(format!("{}.{ROOT}", known.len()));
        }
        let name = given.name().to_owned();
        let mut files = Files(vec![(name.clone(), given.clone())]);
        for (name, schema) in known {
            if let Form::Protobuf(proto) = &schema.form {
                let mut file = proto.given.clone();
                file.name = Some((*name).to_owned());
                files.0.push(((*name).to_owned(), file));
            }
        }
        let mut resolver = ChainFileResolver::new();
        resolver.add(files);
        resolver.add(GoogleFileResolver::new());
        let mut compiler = Compiler::with_file_resolver(resolver);
        compiler.include_imports(true).include_source_info(false);
        guarded(|| compiler.open_file(&name).map(|_| ()))?;
        Ok(Self { pool: compiler.descriptor_pool(), name, given })
    }

    /// Its descriptor in base64, without what does not count: its name, its comments, names that
    /// follow from others.
    pub(super) fn serialized(&self) -> String {
        let mut file = self
            .file()
            .map_or_else(|| self.given.clone(), |file| file.file_descriptor_proto().clone());
        file.name = Some("default".to_owned());
        file.source_code_info = None;
        if file.syntax() == "proto2" {
            file.syntax = None;
        }
        file.extension.iter_mut().for_each(plain_field);
        file.message_type.iter_mut().for_each(plain);
        STANDARD.encode(file.encode_to_vec())
    }

    fn file(&self) -> Option<FileDescriptor> {
        self.pool.get_file_by_name(&self.name)
    }

    pub(super) fn check(&self, row: &Value) -> Result<(), Change> {
        let message = self.file().and_then(|file| file.messages().next());
        let message = message.ok_or_else(|| Change::at("#", "the schema has no message"))?;
        value::check(&message, row, "#", 0)
    }
}

/// Reads a text, or a descriptor in base64.
fn read(text: &str) -> Result<FileDescriptorProto, SchemaError> {
    let decoded = STANDARD.decode(text.trim()).ok().filter(|bytes| !bytes.is_empty());
    let decoded = decoded.map(|bytes| FileDescriptorProto::decode(bytes.as_slice()));
    if let Some(Ok(mut file)) = decoded {
        if file.name().is_empty() {
            file.name = Some(ROOT.to_owned());
        }
        return Ok(file);
    }
    text::bounded(text)?;
    let file = guarded(|| File::from_source(ROOT, text))?;
    Ok(file.file_descriptor_proto().clone())
}

/// What the compiler gives, which has assertions that a text may break.
fn guarded<T>(read: impl FnOnce() -> Result<T, protox::Error>) -> Result<T, SchemaError> {
    let given = contained(read).ok_or_else(|| SchemaError::of("its reader gave up"))?;
    given.map_err(SchemaError::of)
}

fn plain(message: &mut DescriptorProto) {
    message.field.iter_mut().for_each(plain_field);
    message.extension.iter_mut().for_each(plain_field);
    message.nested_type.iter_mut().for_each(plain);
}

fn plain_field(field: &mut FieldDescriptorProto) {
    if field.json_name() == camel(field.name()) {
        field.json_name = None;
    }
}

/// The name in JSON that follows from a field's name.
fn camel(name: &str) -> String {
    let (mut out, mut upper) = (String::new(), false);
    for letter in name.chars() {
        if letter == '_' {
            upper = true;
        } else {
            out.push(if upper { letter.to_ascii_uppercase() } else { letter });
            upper = false;
        }
    }
    out
}

/// Files held in memory.
struct Files(Vec<(String, FileDescriptorProto)>);

impl FileResolver for Files {
    fn resolve_path(&self, path: &std::path::Path) -> Option<String> {
        path.to_str().map(str::to_owned)
    }

    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let found = self.0.iter().find(|(known, _)| known == name);
        let (_, file) = found.ok_or_else(|| protox::Error::file_not_found(name))?;
        Ok(File::from_file_descriptor_proto(file.clone()))
    }
}
