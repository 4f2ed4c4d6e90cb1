//! From the files of a book to compiled rules: pure, and the same for the same bytes.

mod compiled;

pub(crate) use compiled::owed;

use std::collections::{BTreeMap, BTreeSet};

use ledger::Rules;
use settle::invoice::InvoiceTerms;
use settle::quotes::{FromQuotes, Quotes};
use settle::{Agreement, Measure};

use crate::code;
use crate::diagnostic::{self, Diagnostic, Place, Placed, Reporter};
use crate::file::agreement::{self, AgreementFile, Around};
use crate::file::assets::{self, AssetsFile};
use crate::file::calendars::{CalendarFile, Calendars};
use crate::file::dims::{self, DimsFile};
use crate::file::invoice;
use crate::file::kinds::{self, KindsFile};
use crate::file::mappings;
use crate::file::measures::{self, Accounts, MeasuresFile};
use crate::file::operator::{self, Operator, OperatorFile};
use crate::file::parties::{self, PartiesFile};
use crate::file::quotes::{self, QuotesFile};
use crate::file::source_schema::{self, SourceSchema};
use crate::file::sources::{self, SourcesFile};
use crate::file::trial::TrialSpec;
use crate::mapping::{self, Mapping, MappingFile};
use crate::names::Known;
use crate::net;
use crate::paths::{check_paths, csv_stem, in_directory, stem};
use crate::plugin::Plugins;
use crate::read::{Named, Read};
use crate::signing::Signing;
use crate::trial::Trial;
use crate::yaml;

/// The files of a book: path relative to its directory, with `/`, to bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A compiled book.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// What the ledger posts by.
    pub rules: Rules,
    /// Ascending by name, formulas resolved.
    pub measures: Vec<Measure>,
    /// Ascending by name and version.
    pub agreements: Vec<Agreement>,
    /// How the statements of agreements are invoiced, by name of the agreement.
    pub invoices: BTreeMap<String, InvoiceTerms>,
    /// Holiday sets and lists of custom periods.
    pub calendars: Calendars,
    /// Sources of exchange quotes, ascending by name.
    pub quotes: Vec<Quotes>,
    /// Ascending by name.
    pub mappings: Vec<Mapping>,
    /// The mapping of each source that names one in sources.yaml.
    pub mapping_of: BTreeMap<String, String>,
    /// How requests of each source are signed, where sources.yaml says it.
    pub signed: BTreeMap<String, sources::Signed>,
    /// The schema of each source that names one in sources.yaml.
    pub schema_of: BTreeMap<String, SourceSchema>,
    /// The tests of the agreements, in the order of files; [`crate::trial::run`] runs them.
    pub trials: Vec<Trial>,
    /// IANA name of the zone where nothing else is said.
    pub zone: String,
    /// The plug-ins that it ships.
    pub plugins: Plugins,
    /// What people read instead of the operator's name.
    pub title: settle::Title,
    /// What people read instead of the names of parties, where the book says it.
    pub party_titles: BTreeMap<String, settle::Title>,
    /// Who signs agreements, and which need both signatures.
    pub signing: Signing,
    /// The parties that are the operator itself.
    pub own_parties: BTreeSet<String>,
    /// What people read instead of the names of dimensions.
    pub dim_titles: BTreeMap<String, settle::Title>,
    /// The files in one sequence of bytes, for the hash of a revision; see [`hash_input`].
    pub hash_input: Vec<u8>,
}

impl Compiled {
    /// Who answers what ratings ask of outside: the quotes and plug-ins of the book.
    pub fn outside(&self) -> FromQuotes<'_> {
        FromQuotes { sources: &self.quotes, plugins: &self.plugins }
    }
}

/// The names that the book declares.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Assets.
    pub assets: Known,
    /// Dimensions.
    pub dims: Known,
    /// Parties, without their aliases.
    pub parties: Known,
    /// Sources.
    pub sources: Known,
    /// Kinds.
    pub kinds: Known,
    /// Measures.
    pub measures: Known,
    /// Mappings, by file name.
    pub mappings: Known,
    /// Holiday sets.
    pub holidays: Known,
    /// Lists of custom periods.
    pub periods: Known,
    /// Sources of exchange quotes.
    pub quotes: Known,
}

/// Compiles a book, with `revision` as the rules' own. Every mistake is reported, in the order of
/// files and places; there is a result exactly when none of them is an error.
pub fn compile(files: &Files, revision: u32) -> (Option<Compiled>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let compiled = Book::read(files, &mut found).compile(revision, &mut found);
    diagnostic::sort(&mut found);
    ((!diagnostic::has_errors(&found)).then_some(compiled), found)
}

/// The files in one sequence of bytes that no other files give: of each, ascending by path, the
/// lengths of path and content as u64 little-endian, path, content.
pub fn hash_input(files: &Files) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (path, content) in files {
        for length in [path.len(), content.len()] {
            bytes.extend_from_slice(&(length as u64).to_le_bytes());
        }
        bytes.extend_from_slice(path.as_bytes());
        bytes.extend_from_slice(content);
    }
    bytes
}

/// The files as they were read; `None` where a file is not there or has no usable beginning.
struct Book<'f> {
    files: &'f Files,
    operator: Option<OperatorFile>,
    assets: Option<AssetsFile>,
    dims: Option<DimsFile>,
    parties: Option<PartiesFile>,
    sources: Option<SourcesFile>,
    kinds: Option<KindsFile>,
    measures: Option<MeasuresFile>,
    agreements: Vec<(&'f str, AgreementFile)>,
    /// `None` where a file could not be read: then nobody knows what it declares.
    calendars: Vec<(&'f str, Option<CalendarFile>)>,
    quotes: Vec<(&'f str, Option<QuotesFile>)>,
}

impl<'f> Book<'f> {
    fn read(files: &'f Files, found: &mut Vec<Diagnostic>) -> Self {
        check_paths(files, found);
        let agreements = in_directory(files, "agreements/")
            .filter_map(|path| Some((path, load(files, path, found)?)))
            .collect();
        let calendars = in_directory(files, "calendars/");
        let calendars = calendars.map(|path| (path, load(files, path, found))).collect();
        let quotes = quotes_of(files, found);
        Self {
            files,
            operator: load(files, "operator.yaml", found),
            assets: load(files, "assets.yaml", found),
            dims: load(files, "dims.yaml", found),
            parties: load(files, "parties.yaml", found),
            sources: load(files, "sources.yaml", found),
            kinds: load(files, "kinds.yaml", found),
            measures: load(files, "measures.yaml", found),
            agreements,
            calendars,
            quotes,
        }
    }

    fn compile(&self, revision: u32, found: &mut Vec<Diagnostic>) -> Compiled {
        let scope = self.scope();
        let (rules, zone) = self.rules(&scope, revision, found);
        let mut measures = self.measures(&rules, &scope, found);
        let sound = if are_sound(&["measures.yaml"], found) { &measures[..] } else { &[] };
        let parents = self.parents(&scope, found);
        let (calendars, quotes) = (self.calendars(found), self.quotes(found));
        let around = Around {
            scope: &scope,
            rules: &rules,
            files: self.files,
            parents: &parents,
            measures: sound,
            calendars: &calendars,
            zone: &zone,
        };
        let mut agreements = self.agreements(around, found);
        let own_parties = self.parties.as_ref().map(parties::own).unwrap_or_default();
        net::resolve(&self.agreements, &mut agreements, (&mut measures, &own_parties), found);
        let parties = self.parties.as_ref();
        let invoices = invoice::all(&self.agreements, parties, (&scope, &zone), found);
        let mappings = self.mappings(&rules, &scope, found);
        if !diagnostic::has_errors(found) {
            self.refused(&measures, &agreements, found);
        }
        let trials = self.trials(found);
        let own = (rules.operator.as_str(), zone.as_str());
        let signing = Signing::of(own, self.parties.as_ref(), &self.agreements, found);
        let mapping_of = self.sources.as_ref().map(sources::mappings).unwrap_or_default();
        let signed = self.sources.as_ref().map(sources::signed).unwrap_or_default();
        let schema_of = self.sources.as_ref().map(source_schema::schemas).unwrap_or_default();
        let hash_input = hash_input(self.files);
        let title = self.operator.as_ref().map(|file| (&file.title).into()).unwrap_or_default();
        let dim_titles = self.dims.as_ref().map(dims::titles).unwrap_or_default();
        let party_titles = self.parties.as_ref().map(parties::titles).unwrap_or_default();
        Compiled {
            rules,
            measures,
            agreements,
            invoices,
            calendars,
            quotes,
            mappings,
            mapping_of,
            signed,
            schema_of,
            trials,
            plugins: Plugins::of(self.files),
            zone,
            title,
            party_titles,
            signing,
            own_parties,
            dim_titles,
            hash_input,
        }
    }

    fn scope(&self) -> Scope {
        let files = self.files;
        let empty = Named::<()>::default();
        // A file that may be left out declares nothing; one that cannot be read says nothing.
        let absent = |path: &str| (!files.contains_key(path)).then_some(());
        let dims = self.dims.as_ref().map(|file| named(&file.dims));
        let parties = self.parties.as_ref().map(|file| named(&file.parties));
        let measures = self.measures.as_ref().map(|file| named(&file.measures));
        let or_empty =
            |names: Option<Named<()>>, path| names.or_else(|| absent(path).map(|()| empty.clone()));
        let (dims, parties) = (or_empty(dims, "dims.yaml"), or_empty(parties, "parties.yaml"));
        let measures = or_empty(measures, "measures.yaml");
        let mappings = in_directory(files, "mappings/").filter_map(stem);
        let mappings = Named(mappings.map(|name| (placed(name), Some(()))).collect());
        let assets = self.assets.as_ref().map(|file| &file.assets);
        let sources = self.sources.as_ref().map(|file| &file.sources);
        let kinds = self.kinds.as_ref().map(|file| &file.kinds);
        Scope {
            assets: Known::new("asset", "assets.yaml", assets),
            dims: Known::new("dimension", "dims.yaml", dims.as_ref()),
            parties: Known::new("party", "parties.yaml", parties.as_ref()),
            sources: Known::new("source", "sources.yaml", sources),
            kinds: Known::new("kind", "kinds.yaml", kinds),
            measures: Known::new("measure", "measures.yaml", measures.as_ref()),
            mappings: Known::new("mapping", "mappings/", Some(&mappings)),
            holidays: self.known_calendars("holiday calendar", |file| file.periods.is_none()),
            periods: self.known_calendars("period calendar", |file| file.holidays.is_none()),
            quotes: known_of("source of quotes", "quotes/", &self.quotes, |file| {
                Some(file.source.clone())
            }),
        }
    }

    fn known_calendars(&self, what: &'static str, is: fn(&CalendarFile) -> bool) -> Known {
        known_of(what, "calendars/", &self.calendars, |file| {
            is(file).then(|| file.calendar.clone())
        })
    }

    fn calendars(&self, found: &mut Vec<Diagnostic>) -> Calendars {
        let mut calendars = Calendars::default();
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        for (path, file) in
            self.calendars.iter().filter_map(|(path, file)| Some((path, file.as_ref()?)))
        {
            let mut reporter = Reporter::new(path, found);
            if let Some(other) = names.insert(&file.calendar.value, path) {
                let message = format!("the calendar `{}` is given twice", file.calendar.value);
                let hint = format!("the other one is in {other}");
                reporter.error(code::DUPLICATE_NAME, file.calendar.place, message, hint);
                continue;
            }
            calendars.add(file, &mut reporter);
        }
        calendars
    }

    fn quotes(&self, found: &mut Vec<Diagnostic>) -> Vec<Quotes> {
        let mut sources = Vec::new();
        for (path, file) in &self.quotes {
            let Some(file) = file else { continue };
            quotes::add(file, &mut sources, &mut Reporter::new(path, found));
        }
        sources
    }

    fn rules(&self, scope: &Scope, revision: u32, found: &mut Vec<Diagnostic>) -> (Rules, String) {
        let mut rules = Rules { revision, ..Rules::default() };
        let mut zone = "UTC".to_owned();
        if let Some(file) = &self.operator {
            let operator = operator::compile(file, &mut Reporter::new("operator.yaml", found));
            Operator { name: rules.operator, semantics: rules.semantics, zone } = operator;
        }
        if let Some(file) = &self.assets {
            rules.assets = assets::compile(file, &mut Reporter::new("assets.yaml", found));
        }
        if let Some(file) = &self.dims {
            rules.dims = dims::compile(file, &mut Reporter::new("dims.yaml", found));
        }
        if let Some(file) = &self.parties {
            rules.parties = parties::compile(file, &mut Reporter::new("parties.yaml", found));
        }
        if let Some(file) = &self.sources {
            let mut reporter = Reporter::new("sources.yaml", found);
            rules.sources = sources::compile(file, scope, &mut reporter);
        }
        if let Some(file) = &self.kinds {
            let mut reporter = Reporter::new("kinds.yaml", found);
            (rules.kinds, rules.templates) =
                kinds::compile(file, &rules.dims, scope, &mut reporter);
        }
        (rules, zone)
    }

    fn parents(&self, scope: &Scope, found: &mut Vec<Diagnostic>) -> BTreeMap<String, String> {
        let Some(file) = &self.parties else { return BTreeMap::new() };
        parties::parents(file, scope, &mut Reporter::new("parties.yaml", found))
    }

    fn measures(&self, rules: &Rules, scope: &Scope, found: &mut Vec<Diagnostic>) -> Vec<Measure> {
        let Some(file) = &self.measures else { return Vec::new() };
        let is_sound = self.kinds.is_some() && are_sound(&["dims.yaml", "kinds.yaml"], found);
        let templates = is_sound.then_some(&rules.templates[..]);
        let accounts = Accounts { templates, kinds: &rules.kinds, dims: &rules.dims };
        measures::compile(file, &accounts, scope, &mut Reporter::new("measures.yaml", found))
    }

    fn agreements(&self, around: Around<'_>, found: &mut Vec<Diagnostic>) -> Vec<Agreement> {
        let mut agreements: Vec<Agreement> = Vec::new();
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        for (path, file) in &self.agreements {
            let mut reporter = Reporter::new(path, found);
            if let Some(other) = names.insert(&file.agreement.value, path) {
                let message = format!("the agreement `{}` is given twice", file.agreement.value);
                let hint = format!("the other one is in {other}");
                reporter.error(code::DUPLICATE_NAME, file.agreement.place, message, hint);
            }
            agreements.extend(agreement::compile(file, around, &mut reporter));
        }
        agreements.sort_by(|a, b| (&a.name, a.version).cmp(&(&b.name, b.version)));
        agreements
    }

    fn trials(&self, found: &mut Vec<Diagnostic>) -> Vec<Trial> {
        let trials = self.agreements.iter().flat_map(|(path, file)| {
            let reporter = Reporter::new(path, found);
            let compile = |trial: &TrialSpec| trial.compile(&file.agreement.value, &reporter);
            file.tests.iter().map(compile).collect::<Vec<_>>()
        });
        trials.collect()
    }

    fn refused(&self, measures: &[Measure], agreements: &[Agreement], found: &mut Vec<Diagnostic>) {
        if let Some(file) = &self.measures {
            measures::refused(file, measures, &mut Reporter::new("measures.yaml", found));
        }
        for (path, file) in &self.agreements {
            agreement::refused(file, agreements, &mut Reporter::new(path, found));
        }
    }

    fn mappings(&self, rules: &Rules, scope: &Scope, found: &mut Vec<Diagnostic>) -> Vec<Mapping> {
        let mut mappings = Vec::new();
        for path in in_directory(self.files, "mappings/") {
            let Some(bytes) = self.files.get(path) else { continue };
            let (mapping, own) = mapping::compile(path, bytes);
            found.extend(own);
            mappings.extend(mapping);
            // Read once more for its places; its own mistakes are known already.
            let mut known = Vec::new();
            let mut quiet = Reporter::new(path, &mut known);
            let node = yaml::parse(bytes, &mut quiet);
            let file = node.and_then(|node| MappingFile::read(&node, &mut quiet));
            if let Some(file) = file {
                mappings::check(&file, rules, scope, &mut Reporter::new(path, found));
            }
        }
        mappings
    }
}

/// Whether nothing was found in these files, so that what rests on them can be checked.
fn are_sound(paths: &[&str], found: &[Diagnostic]) -> bool {
    !found.iter().any(|found| paths.contains(&found.file.as_str()))
}

/// The names that files of one directory declare; nothing is known when one of them is unreadable.
fn known_of<T>(
    what: &'static str,
    directory: &'static str,
    files: &[(&str, Option<T>)],
    name: impl Fn(&T) -> Option<Placed<String>>,
) -> Known {
    let mut names = Vec::new();
    for (_, file) in files {
        let Some(file) = file else { return Known::new::<()>(what, directory, None) };
        names.extend(name(file).map(|name| (name, Some(()))));
    }
    Known::new(what, directory, Some(&Named(names)))
}

fn quotes_of<'f>(
    files: &'f Files,
    found: &mut Vec<Diagnostic>,
) -> Vec<(&'f str, Option<QuotesFile>)> {
    let paths = files.keys().map(String::as_str).filter(|path| path.starts_with("quotes/"));
    let read = |path: &'f str| {
        if stem(path).is_some() {
            return Some((path, load(files, path, found)));
        }
        let bytes = files.get(path).filter(|_| csv_stem(path).is_some())?;
        let mut reporter = Reporter::new(path, found);
        Some((path, quotes::read_csv(path, bytes, &mut reporter)))
    };
    paths.filter_map(read).collect()
}

fn placed(name: &str) -> Placed<String> {
    Placed { value: name.to_owned(), place: Place::START }
}

fn named<T>(names: &Named<T>) -> Named<()> {
    Named(names.0.iter().map(|(name, _)| (name.clone(), Some(()))).collect())
}

fn load<T: Read>(files: &Files, path: &str, found: &mut Vec<Diagnostic>) -> Option<T> {
    let bytes = files.get(path)?;
    let mut reporter = Reporter::new(path, found);
    let node = yaml::parse(bytes, &mut reporter)?;
    T::read(&node, &mut reporter)
}
