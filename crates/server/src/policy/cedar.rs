//! Policies of a book: Cedar over the shipped schema. What is shipped says the table of
//! `policy::allows` in Cedar, one policy a role; `policies/ROLE.cedar` of a book takes the place
//! of a role's, every other `policies/*.cedar` adds to them.

mod bounds;

use super::{Action, actions, allows};
use api::code::POLICY_MISTAKES;
use cedar_policy::ffi::DetailedError;
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, Policy, PolicyId, PolicySet,
    Request, Response, RestrictedExpression, Schema, ValidationMode, Validator,
};
use node::access::ROLES;
use node::book::{Diagnostic, Files, Severity};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, RwLock};

/// Most decisions that are kept: roles × parties × actions × sources of a large operator.
const DECISIONS_MAX: usize = 20_000;

/// Longest name of a party or a source.
const NAME_BYTES_MAX: usize = 64;

/// What is asked for: on the whole operator, or on a party or a source of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// The operator.
    Operator,
    /// A party by its name.
    Party(String),
    /// A source by its name, and the party whose it is.
    Source(String, Option<String>),
}

impl Resource {
    /// Whether its name is one that a party or a source may have.
    fn is_short(&self) -> bool {
        match self {
            Self::Operator => true,
            Self::Party(name) | Self::Source(name, _) => name.len() <= NAME_BYTES_MAX,
        }
    }
}

/// Who asks, for what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// The role.
    pub role: String,
    /// The party whose data alone it sees; none for the operator's own people.
    pub party: Option<String>,
    /// `key`, `client` or `person`.
    pub kind: &'static str,
    /// The action.
    pub action: Action,
    /// What it is about.
    pub resource: Resource,
}

/// What the policies say, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Whether it is allowed.
    pub allowed: bool,
    /// Why, in a sentence.
    pub why: &'static str,
    /// The policies that say so, `policies/finance.cedar#2`: the second of that file, or what its
    /// annotation `@id` calls it.
    pub by: Vec<String>,
}

/// The policies of one book, compiled.
pub struct Policies {
    set: PolicySet,
    decided: RwLock<HashMap<Question, bool>>,
}

/// The policies where a book has none of its own.
static SHIPPED: LazyLock<Arc<Policies>> = LazyLock::new(|| Arc::new(compile(&Files::new()).0));

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let parsed = Schema::from_cedarschema_str(&schema());
    parsed.map(|(schema, _)| schema).expect("a test reads the shipped schema")
});

/// The schema as text: what policies can speak of.
pub fn schema() -> String {
    let names: Vec<String> = actions().iter().map(|a| format!("\"{}\"", a.name())).collect();
    format!(
        "entity Role;\nentity Operator;\nentity Party in [Operator];\n\
         entity Source in [Party, Operator];\n\
         // `kind` is key, client or person; `party` is there for counterparties.\n\
         entity Asker in [Role] {{ role: String, kind: String, party?: Party }};\n\
         action {}\n  appliesTo {{ principal: [Asker], resource: [Operator, Party, Source] }};\n",
        names.join(",\n  ")
    )
}

/// The shipped policy of a role as text.
pub fn shipped(role: &str) -> String {
    let may: Vec<Action> = actions().into_iter().filter(|action| allows(role, *action)).collect();
    if may.is_empty() {
        return format!("// The role {role} may nothing.\n");
    }
    let mut text = format!("permit (\n  principal in Role::\"{role}\",\n  action in [\n");
    for action in may {
        let _ = writeln!(text, "    Action::\"{}\",", action.name());
    }
    text.truncate(text.trim_end_matches([',', '\n']).len());
    text.push_str("\n  ],\n  resource\n);\n");
    text
}

/// The policies of a book, and what is wrong with them. What is wrong grants nothing, and then the
/// shipped policies of administrators alone hold: they can mend it.
pub fn compile(files: &Files) -> (Policies, Vec<Diagnostic>) {
    let (mut set, mut found, mut texts) = (PolicySet::new(), Vec::new(), HashMap::new());
    for (role, _) in ROLES {
        let path = format!("policies/{role}.cedar");
        if !files.contains_key(&path) {
            texts.insert(format!("shipped/{role}.cedar"), shipped(role));
        }
    }
    for (path, bytes) in files.iter().filter(|(path, _)| is_policy(path)) {
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                texts.insert(path.clone(), text.to_owned());
            }
            Err(_) => found.push(mistake(path, "", 0, "the file is not UTF-8 text")),
        }
    }
    for (path, text) in &texts {
        add(&mut set, path, text, &mut found);
    }
    let checked = Validator::new(SCHEMA.clone()).validate(&set, ValidationMode::Strict);
    for error in checked.validation_errors() {
        let id = error.policy_id().to_string();
        let path = id.split_once('#').map_or(id.as_str(), |(path, _)| path);
        let text = texts.get(path).map_or("", String::as_str);
        found.push(detailed(path, text, &DetailedError::from(error)));
    }
    node::book::diagnostic::sort(&mut found);
    if !found.is_empty() {
        set = PolicySet::new();
        add(&mut set, "shipped/administrator.cedar", &shipped("administrator"), &mut Vec::new());
    }
    (Policies { set, decided: RwLock::default() }, found)
}

/// Whether a file of the book is a policy.
pub(super) fn is_policy(path: &str) -> bool {
    path.starts_with("policies/") && path.strip_suffix(".cedar").is_some()
}

fn add(set: &mut PolicySet, path: &str, text: &str, found: &mut Vec<Diagnostic>) {
    if let Err(what) = bounds::check(text) {
        return found.push(mistake(path, text, 0, &what));
    }
    let parsed: PolicySet = match text.parse::<PolicySet>() {
        Ok(parsed) => parsed,
        Err(errors) => {
            let each = errors.iter().map(|e| detailed(path, text, &DetailedError::from(e)));
            return found.extend(each);
        }
    };
    if parsed.templates().next().is_some() {
        found.push(mistake(path, text, 0, "a policy with a slot (?principal) is never linked"));
    }
    let named = |policy: &Policy| policy.new_id(PolicyId::new(format!("{path}#{}", policy.id())));
    for policy in parsed.policies().map(named) {
        if let Err(error) = set.add(policy) {
            found.push(mistake(path, text, 0, &error.to_string()));
        }
    }
}

fn detailed(path: &str, text: &str, error: &DetailedError) -> Diagnostic {
    let at = error.source_locations.first().map_or(0, |label| label.loc.start);
    let mut made = mistake(path, text, at, &error.message);
    if let Some(help) = &error.help {
        made.hint.clone_from(help);
    }
    made
}

fn mistake(path: &str, text: &str, at: usize, message: &str) -> Diagnostic {
    let before = text.get(..at.min(text.len())).unwrap_or_default();
    let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let line = before.rsplit('\n').next().unwrap_or_default();
    Diagnostic {
        code: POLICY_MISTAKES.code,
        severity: Severity::Error,
        file: path.to_owned(),
        line: narrow(before.matches('\n').count() + 1),
        column: narrow(line.chars().count() + 1),
        message: message.lines().next().unwrap_or_default().to_owned(),
        hint: String::new(),
    }
}

impl Policies {
    /// Those of a book; the shipped ones where it has none.
    pub fn of(files: &Files) -> Arc<Self> {
        if files.keys().any(|path| is_policy(path)) {
            return Arc::new(compile(files).0);
        }
        Arc::clone(&SHIPPED)
    }

    /// Whether the policies allow it. A counterparty's role never gets what the compiled table
    /// does not give it: what is bounded to its party is compiled too.
    pub fn allow(&self, question: &Question) -> bool {
        let Question { role, action, .. } = question;
        if is_beyond(role, *action) {
            return false;
        }
        if let Some(decided) = self.decided.read().ok().and_then(|d| d.get(question).copied()) {
            return decided;
        }
        let decided = self.ask(question).unwrap_or(false);
        // A path may name anything; what is kept is small.
        if question.resource.is_short()
            && let Ok(mut kept) = self.decided.write()
        {
            if kept.len() >= DECISIONS_MAX {
                kept.clear();
            }
            kept.insert(question.clone(), decided);
        }
        decided
    }

    /// The same as [`Policies::allow`], with why.
    pub fn explain(&self, question: &Question) -> Decided {
        let denied = |why| Decided { allowed: false, why, by: Vec::new() };
        if is_beyond(&question.role, question.action) {
            return denied("what the role of a counterparty never gets, whatever a book says");
        }
        let Some(answer) = self.answer(question) else { return denied("it cannot be asked") };
        if answer.diagnostics().errors().next().is_some() {
            return denied("a policy fails, and what it says cannot be known");
        }
        let by: Vec<String> = answer.diagnostics().reason().map(|id| self.called(id)).collect();
        let allowed = answer.decision() == Decision::Allow;
        let why = match (allowed, by.is_empty()) {
            (true, _) => "policies permit it and none forbids it",
            (false, true) => "no policy permits it",
            (false, false) => "policies forbid it",
        };
        let mut decided = Decided { allowed, why, by };
        decided.by.sort_unstable();
        decided
    }

    /// How people find a policy: its file, and its name or place there.
    fn called(&self, id: &PolicyId) -> String {
        let text = id.to_string();
        let named = self.set.policy(id).and_then(|policy| policy.annotation("id"));
        match (named, text.split_once("#policy")) {
            (Some(name), Some((file, _))) => format!("{file}#{name}"),
            (None, Some((file, at))) => {
                format!("{file}#{}", at.parse::<usize>().map_or(0, |at| at + 1))
            }
            _ => text,
        }
    }

    fn ask(&self, question: &Question) -> Option<bool> {
        let answer = self.answer(question)?;
        // A policy that fails to evaluate does not apply; one that would forbid must not be lost.
        let sound = answer.diagnostics().errors().next().is_none();
        Some(sound && answer.decision() == Decision::Allow)
    }

    fn answer(&self, question: &Question) -> Option<Response> {
        let (asker, action) = (uid("Asker", "asker")?, uid("Action", &question.action.name())?);
        let (entities, resource) = entities(question, &asker)?;
        let request = Request::new(asker, action, resource, Context::empty(), Some(&SCHEMA));
        Some(Authorizer::new().is_authorized(&request.ok()?, &self.set, &entities))
    }
}

/// Whether it is a counterparty's role, and something that it never gets.
fn is_beyond(role: &str, action: Action) -> bool {
    let is_counterparty = ROLES.iter().any(|(known, bound)| *known == role && *bound);
    is_counterparty && !allows(role, action)
}

/// Everything that the question is about, and what it asks for.
fn entities(question: &Question, asker: &EntityUid) -> Option<(Entities, EntityUid)> {
    let operator = uid("Operator", "operator")?;
    let mut all = vec![Entity::new_no_attrs(operator.clone(), HashSet::new())];
    let role = uid("Role", &question.role)?;
    all.push(Entity::new_no_attrs(role.clone(), HashSet::new()));
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let mut attributes = HashMap::from([
        ("role".to_owned(), text(&question.role)),
        ("kind".to_owned(), text(question.kind)),
    ]);
    let mut parties = HashSet::new();
    if let Some(party) = &question.party {
        let party_uid = uid("Party", party)?;
        let value = RestrictedExpression::new_entity_uid(party_uid);
        attributes.insert("party".to_owned(), value);
        parties.insert(party.as_str());
    }
    all.push(Entity::new(asker.clone(), attributes, HashSet::from([role])).ok()?);
    let resource = match &question.resource {
        Resource::Operator => operator.clone(),
        Resource::Party(party) => {
            parties.insert(party);
            uid("Party", party)?
        }
        Resource::Source(source, party) => {
            let source = uid("Source", source)?;
            let mut parents = HashSet::from([operator.clone()]);
            if let Some(party) = party {
                parties.insert(party);
                parents.insert(uid("Party", party)?);
            }
            all.push(Entity::new_no_attrs(source.clone(), parents));
            source
        }
    };
    for party in parties {
        let parents = HashSet::from([operator.clone()]);
        all.push(Entity::new_no_attrs(uid("Party", party)?, parents));
    }
    Some((Entities::from_entities(all, Some(&SCHEMA)).ok()?, resource))
}

fn uid(kind: &str, id: &str) -> Option<EntityUid> {
    let kind = kind.parse().ok()?;
    Some(EntityUid::from_type_name_and_id(kind, cedar_policy::EntityId::new(id)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    fn question(role: &str, party: Option<&str>, action: Action, resource: Resource) -> Question {
        let (role, party) = (role.to_owned(), party.map(str::to_owned));
        Question { role, party, kind: "key", action, resource }
    }

    fn files(list: &[(&str, &str)]) -> Files {
        list.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn what_is_shipped_says_the_table() {
        let (policies, found) = compile(&Files::new());
        assert_eq!(found, []);
        for (role, counterparty) in ROLES {
            for action in actions() {
                let party = counterparty.then_some("studio-0");
                let asked = question(role, party, action, Resource::Operator);
                assert_eq!(policies.allow(&asked), allows(role, action), "{role} {action:?}");
                assert_eq!(policies.allow(&asked), allows(role, action), "{role} kept");
            }
        }
        assert!(!policies.allow(&question("king", None, Action::SeeKeys, Resource::Operator)));
    }

    #[test]
    fn a_book_replaces_a_role_adds_and_forbids() {
        let (policies, found) = compile(&files(&[
            (
                "policies/finance.cedar",
                "permit (principal in Role::\"finance\", action == Action::\"see-keys\",\n\
                 resource);",
            ),
            (
                "policies/more.cedar",
                "permit (principal in Role::\"provider\", action, resource);\n\
              forbid (principal, action == Action::\"bring-events\",\n\
              resource == Source::\"feed-b\");\n\
              forbid (principal, action, resource) when { principal.kind == \"person\" && \
              resource in Party::\"studio-1\" };",
            ),
        ]));
        assert_eq!(found, []);
        let source =
            |name: &str, party: &str| Resource::Source(name.to_owned(), Some(party.to_owned()));
        let all = || Resource::Operator;
        for (role, action, resource, allowed) in [
            ("finance", Action::SeeKeys, all(), true),
            ("finance", Action::SeeStatus, all(), false),
            ("auditor", Action::SeeStatus, all(), true),
            ("provider", Action::SeeKeys, all(), false),
            ("provider", Action::BringEvents, source("feed-a", "studio-0"), true),
            ("provider", Action::BringEvents, source("feed-b", "studio-0"), false),
            ("administrator", Action::BringEvents, source("feed-b", "studio-0"), false),
            ("administrator", Action::BringEvents, source("feed-a", "studio-1"), true),
        ] {
            let party = (role == "provider").then_some("studio-0");
            let asked = question(role, party, action, resource);
            assert_eq!(policies.allow(&asked), allowed, "{asked:?}");
        }
        let asked = question("administrator", None, Action::BringEvents, source("a", "studio-1"));
        assert!(!policies.allow(&Question { kind: "person", ..asked }));
    }

    #[test]
    fn decisions_name_the_policies_that_make_them() {
        let (policies, found) = compile(&files(&[(
            "policies/more.cedar",
            "@id(\"no-robots\")\n\
             forbid (principal, action == Action::\"close-periods\", resource)\n\
             when { principal.kind != \"person\" };\n\
             permit (principal in Role::\"auditor\",\n\
             action == Action::\"close-periods\", resource);",
        )]));
        assert_eq!(found, []);
        for (role, kind, allowed, by) in [
            ("finance", "key", false, &["policies/more.cedar#no-robots"][..]),
            ("finance", "person", true, &["shipped/finance.cedar#1"]),
            ("auditor", "person", true, &["policies/more.cedar#2"]),
            ("approver", "person", false, &[]),
            ("provider", "person", false, &[]),
        ] {
            let asked = question(role, None, Action::ClosePeriods, Resource::Operator);
            let asked = Question { kind, ..asked };
            let decided = policies.explain(&asked);
            assert_eq!(
                (decided.allowed, decided.by.as_slice()),
                (allowed, &by.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()[..]),
                "{role} {kind}"
            );
            assert_eq!(policies.allow(&asked), allowed, "{role} {kind}");
        }
    }

    #[test]
    fn mistakes_have_their_place_and_grant_nothing() {
        for (text, place, said) in [
            ("permit (principal, action, resource)", (1, 37), "unexpected end"),
            ("\n\n  permit (principal, actoin, resource);", (3, 22), "actoin"),
            ("permit (principal, action == Action::\"fly\", resource);", (1, 30), "fly"),
            (
                "permit (principal, action, resource) when { principal.name == \"x\" };",
                (1, 45),
                "name",
            ),
            ("permit (principal == ?principal, action, resource);", (1, 1), "slot"),
        ] {
            let (policies, found) = compile(&files(&[("policies/x.cedar", text)]));
            let first = found.first().unwrap_or_else(|| panic!("{text} is taken"));
            assert_eq!((first.code, first.file.as_str()), ("E8032", "policies/x.cedar"));
            assert!(first.message.contains(said), "{first}");
            assert_eq!((first.line, first.column), place, "{first}");
            let asked = question("auditor", None, Action::SeeStatus, Resource::Operator);
            assert!(!policies.allow(&asked), "{text}");
            let role = "administrator".to_owned();
            assert!(policies.allow(&Question { role, ..asked }), "administrators mend it");
        }
    }
}
