//! `kinds.yaml`: the kinds of events, and how each posts.

use ledger::rules::{Dimension, Kind, Leg, Reference, Segment, Sign, Template, TemplateId};
use ledger::rules::{KindId, TimeBasis};

use super::Title;
use crate::account::{self, Part};
use crate::code;
use crate::compile::Scope;
use crate::diagnostic::{Placed, Reporter};
use crate::names::{self, Form};
use crate::read::Named;
use crate::suggest;

/// Most postings of one kind.
const POSTINGS_MAX: usize = 64;

crate::record! {
    /// The kinds of events.
    pub struct KindsFile {
        /// Kinds by name.
        pub kinds: Named<KindSpec>,
    }
}

crate::record! {
    /// A kind of event and how it posts.
    pub struct KindSpec {
        /// Which amounts it may have; `positive` where nothing is said.
        pub sign: Option<SignWord> = default,
        /// The event that it refers to; none where nothing is said.
        pub reference as "ref": Option<Placed<RefSpec>> = default,
        /// Dimensions that must be present. Others that are declared may be.
        pub dims: Vec<Placed<String>> = default,
        /// The postings, each of the event's amount; none for a cancel.
        pub postings: Option<Placed<Vec<PostingSpec>>> = default,
        /// What people read.
        pub title: Title = default,
    }
}

crate::choice! {
    /// Which amounts a kind may have.
    pub enum SignWord {
        /// Above zero.
        Positive = "positive",
        /// Zero or above.
        NonNegative = "non-negative",
        /// Any; a negative amount is posted the other way round.
        Any = "any",
    }
}

crate::tagged! {
    /// What the reference of a kind means; each lists the kinds that it may refer to.
    pub enum RefSpec {
        /// It may refer to one of these; where it does, that must be there before it posts.
        Optional(Vec<Placed<String>>) = "optional",
        /// It must refer to one of these.
        Required(Vec<Placed<String>>) = "required",
        /// It cancels the whole of one of these.
        Cancels(Vec<Placed<String>>) = "cancels",
    }
}

crate::record! {
    /// One posting: a debit and a credit of the event's amount.
    pub struct PostingSpec {
        /// Template of the account debited: `clearing:{provider}`.
        pub debit: Placed<String>,
        /// Template of the account credited: `play:{provider}:{game}:stakes`.
        pub credit: Placed<String>,
        /// Whose time decides the quarter of an hour that it counts in; the event's own where
        /// nothing is said.
        pub time: Option<Placed<TimeWord>> = default,
    }
}

crate::choice! {
    /// Whose time decides.
    pub enum TimeWord {
        /// The event's own.
        Occurred = "occurred",
        /// That of the event it refers to.
        Original = "original",
    }
}

impl RefSpec {
    fn kinds(&self) -> &[Placed<String>] {
        match self {
            Self::Optional(kinds) | Self::Required(kinds) | Self::Cancels(kinds) => kinds,
        }
    }
}

impl KindSpec {
    fn is_cancel(&self) -> bool {
        self.reference.as_ref().is_some_and(|to| matches!(to.value, RefSpec::Cancels(_)))
    }
}

/// Checks the file; the kinds ascend by name, and the templates are in order of first use by them.
pub fn compile(
    file: &KindsFile,
    dims: &[Dimension],
    scope: &Scope,
    reporter: &mut Reporter<'_>,
) -> (Vec<Kind>, Vec<Template>) {
    names::check_all(Form::Word, "a kind", &file.kinds, reporter);
    let mut specs: Vec<_> = file.kinds.sound().collect();
    specs.sort_unstable_by(|(a, _), (b, _)| a.value.cmp(&b.value));
    let mut templates = Vec::new();
    let mut kinds = Vec::new();
    for (name, spec) in specs {
        let mut compiler = Compiler { file, dims, scope, reporter, templates: &mut templates };
        kinds.push(compiler.kind(name, spec));
    }
    (kinds, templates)
}

struct Compiler<'c, 'r> {
    file: &'c KindsFile,
    dims: &'c [Dimension],
    scope: &'c Scope,
    reporter: &'c mut Reporter<'r>,
    templates: &'c mut Vec<Template>,
}

impl Compiler<'_, '_> {
    fn kind(&mut self, name: &Placed<String>, spec: &KindSpec) -> Kind {
        let sign = match spec.sign {
            None if spec.is_cancel() => Sign::Any,
            None | Some(SignWord::Positive) => Sign::Positive,
            Some(SignWord::NonNegative) => Sign::NonNegative,
            Some(SignWord::Any) => Sign::Any,
        };
        Kind {
            name: name.value.clone(),
            sign,
            reference: self.reference(name, spec),
            dims_required: self.scope.dims.indices(&spec.dims, self.reporter),
            legs: self.legs(name, spec),
        }
    }

    fn reference(&mut self, name: &Placed<String>, spec: &KindSpec) -> Reference {
        let Some(to) = &spec.reference else { return Reference::None };
        if to.value.kinds().is_empty() {
            self.reporter.error(code::EMPTY, to.place, "name the kinds that `ref` may lead to", "");
        }
        let kinds: Vec<KindId> = self.scope.kinds.indices(to.value.kinds(), self.reporter);
        match &to.value {
            RefSpec::Optional(_) => Reference::Optional(kinds),
            RefSpec::Required(_) => Reference::Required(kinds),
            RefSpec::Cancels(targets) => {
                for target in targets {
                    self.cancel(name, target);
                }
                Reference::Cancels(kinds)
            }
        }
    }

    fn cancel(&mut self, name: &Placed<String>, target: &Placed<String>) {
        let mut kinds = self.file.kinds.sound();
        let is_cancel = kinds.any(|(of, spec)| of.value == target.value && spec.is_cancel());
        if target.value == name.value || is_cancel {
            let message = format!("`{}` is a cancel and cannot be cancelled", target.value);
            let hint = code::CANCELS_ITSELF.hint;
            self.reporter.error(code::CANCELS_ITSELF, target.place, message, hint);
        }
    }

    fn legs(&mut self, name: &Placed<String>, spec: &KindSpec) -> Vec<Leg> {
        let hint = code::POSTINGS_MISPLACED.cause;
        let Some(postings) = &spec.postings else {
            if !spec.is_cancel() {
                let message = format!("the kind `{}` has no postings", name.value);
                self.reporter.error(code::POSTINGS_MISPLACED, name.place, message, hint);
            }
            return Vec::new();
        };
        if spec.is_cancel() || postings.value.is_empty() {
            let message =
                if spec.is_cancel() { "a cancel has no postings" } else { "none is here" };
            self.reporter.error(code::POSTINGS_MISPLACED, postings.place, message, hint);
        } else if postings.value.len() > POSTINGS_MAX {
            let message = format!("a kind has at most {POSTINGS_MAX} postings");
            self.reporter.error(code::TOO_MANY, postings.place, message, "");
        }
        postings.value.iter().filter_map(|posting| self.leg(spec, posting)).collect()
    }

    fn leg(&mut self, spec: &KindSpec, posting: &PostingSpec) -> Option<Leg> {
        let basis = match &posting.time {
            Some(time) if time.value == TimeWord::Original => {
                if spec.reference.is_none() {
                    let code = code::NO_ORIGINAL;
                    self.reporter.error(code, time.place, code.title, code.hint);
                }
                TimeBasis::Original
            }
            _ => TimeBasis::Occurred,
        };
        if posting.debit.value == posting.credit.value {
            let code = code::SAME_ACCOUNT;
            self.reporter.error(code, posting.credit.place, code.title, code.hint);
        }
        let debit = self.template(spec, &posting.debit, basis);
        let credit = self.template(spec, &posting.credit, basis);
        Some(Leg { debit: debit?, credit: credit? })
    }

    fn template(
        &mut self,
        spec: &KindSpec,
        text: &Placed<String>,
        basis: TimeBasis,
    ) -> Option<TemplateId> {
        let parts = account::parse(text, false, self.reporter)?;
        account::refuse_settlement(text, &parts, self.reporter);
        let segments: Vec<_> = parts.iter().map(|part| self.segment(spec, text, part)).collect();
        let segments = segments.into_iter().collect::<Option<Vec<_>>>()?;
        let template = Template { segments, basis };
        let at = self.templates.iter().position(|known| *known == template);
        let at = at.unwrap_or_else(|| {
            self.templates.push(template);
            self.templates.len() - 1
        });
        let id = TemplateId::try_from(at).ok();
        if id.is_none() {
            self.reporter.error(code::TOO_MANY, text.place, "there are too many accounts", "");
        }
        id
    }

    fn segment(&mut self, spec: &KindSpec, text: &Placed<String>, part: &Part) -> Option<Segment> {
        let name = match part {
            Part::Literal(text) => return Some(Segment::Literal(text.clone())),
            Part::Named(name) if name == "source" => return Some(Segment::Source),
            Part::Named(name) if name == "kind" => return Some(Segment::Kind),
            Part::Named(name) => Placed { value: name.clone(), place: text.place },
            Part::Any => return None,
        };
        if !self.scope.dims.check(&name, self.reporter) {
            return None;
        }
        let name = name.value;
        if self.dims.iter().any(|dim| dim.name == name && dim.personal) {
            let message = format!("the dimension `{name}` is personal and cannot name an account");
            let hint = code::PERSONAL_ACCOUNT.cause;
            self.reporter.error(code::PERSONAL_ACCOUNT, text.place, message, hint);
        } else if !spec.dims.iter().any(|dim| dim.value == name) {
            let message = format!("the account needs `{name}`, which the kind does not require");
            let required: Vec<&str> = spec.dims.iter().map(|dim| dim.value.as_str()).collect();
            let near = suggest::nearest(&name, &required);
            let hint = near.map_or_else(
                || format!("add `{name}` to the kind's `dims`"),
                |near| format!("add `{name}` to the kind's `dims`, or did you mean `{near}`?"),
            );
            self.reporter.error(code::DIM_NOT_REQUIRED, text.place, message, hint);
        }
        self.scope.dims.index(&name).map(Segment::Dim)
    }
}
