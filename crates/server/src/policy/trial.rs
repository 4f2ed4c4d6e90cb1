//! Tests of policies: `policies/*.test.yaml`, run by `saldo check`.
//!
//! ```yaml
//! - as: { role: provider, party: studio-a }
//!   do: bring-events
//!   on: { source: feed-a }
//!   expect: allow
//! ```

use super::cedar::{Policies, Question, Resource, compile};
use super::{Action, actions};
use api::code::POLICY_MISTAKES;
use node::access::ROLES;
use node::book::diagnostic::{Diagnostic, Place, Placed, Reporter};
use node::book::read::{Fields, Read};
use node::book::yaml::{self, Node};
use node::book::{Files, Severity, suggest};
use node::check::Checked;
use node::{NodeError, OperatorHome};

/// One expectation.
struct Trial {
    role: Placed<String>,
    party: Option<String>,
    kind: Option<Placed<String>>,
    action: Placed<String>,
    on: Option<On>,
    expect: Placed<String>,
}

struct On {
    source: Option<String>,
    party: Option<String>,
}

struct As {
    role: Placed<String>,
    party: Option<String>,
    kind: Option<Placed<String>>,
}

impl Read for As {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let fields = Fields::of(node, &["role", "party", "kind"], reporter)?;
        let role = fields.required("role", reporter);
        let party = fields.optional("party", reporter);
        let kind = fields.optional("kind", reporter);
        Some(Self { role: role?, party: party?, kind: kind? })
    }
}

impl Read for On {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let fields = Fields::of(node, &["source", "party"], reporter)?;
        let source = fields.optional("source", reporter);
        let party = fields.optional("party", reporter);
        Some(Self { source: source?, party: party? })
    }
}

impl Read for Trial {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let fields = Fields::of(node, &["as", "do", "on", "expect"], reporter)?;
        let asker: Option<As> = fields.required("as", reporter);
        let action = fields.required("do", reporter);
        let on = fields.optional("on", reporter);
        let expect = fields.required("expect", reporter);
        let As { role, party, kind } = asker?;
        Some(Self { role, party, kind, action: action?, on: on?, expect: expect? })
    }
}

/// Compiles the policies of a book and runs their tests; how many, and every mistake.
/// `party_of` says whose a source is.
pub fn check(files: &Files, party_of: impl Fn(&str) -> Option<String>) -> (usize, Vec<Diagnostic>) {
    let (policies, mut found) = compile(files);
    let mut run = 0;
    if !found.is_empty() {
        return (run, found);
    }
    for (path, bytes) in files.iter().filter(|(path, _)| is_test(path)) {
        let mut reporter = Reporter::new(path, &mut found);
        let Some(node) = yaml::parse(bytes, &mut reporter) else { continue };
        let Some(trials) = Vec::<Trial>::read(&node, &mut reporter) else { continue };
        for trial in trials {
            run += 1;
            trial.run(&policies, &party_of, &mut reporter);
        }
    }
    (run, found)
}

/// Adds to a checked book what is wrong with its policies, and how many tests of theirs were run.
/// A book whose policies have mistakes is not to be used.
pub fn complete(checked: &mut Checked) {
    let (run, found) = alone(checked);
    checked.tests += run;
    if !found.is_empty() {
        checked.compiled = None;
    }
    checked.diagnostics.extend(found);
    node::book::diagnostic::sort(&mut checked.diagnostics);
}

/// Runs the tests of a checked book's policies alone: how many, and what is wrong.
pub fn alone(checked: &Checked) -> (usize, Vec<Diagnostic>) {
    let rules = checked.compiled.as_ref().map(|book| &book.rules);
    let party_of = |source: &str| {
        let rules = rules?;
        let source = &rules.sources[usize::from(rules.source(source)?)];
        Some(rules.parties[usize::from(source.party?)].name.clone())
    };
    check(&checked.files, party_of)
}

/// Refuses a book on disk whose policies have mistakes: what applies a book asks this first.
///
/// # Errors
/// [`node::code::BOOK_MISTAKES`] with the first; as reading the book does.
pub fn demand(place: &OperatorHome) -> Result<(), NodeError> {
    let mut checked = node::check::check(place, 1)?;
    if checked.compiled.is_none() {
        return Ok(()); // what applies it says what is wrong with the rest
    }
    complete(&mut checked);
    let errors = checked.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    match errors.clone().next() {
        None => Ok(()),
        Some(first) => {
            let what = format!("{} of them in policies; the first: {first}", errors.count());
            Err(NodeError::said(node::code::BOOK_MISTAKES, what))
        }
    }
}

fn is_test(path: &str) -> bool {
    path.starts_with("policies/") && path.ends_with(".test.yaml")
}

impl Trial {
    fn run(
        self,
        policies: &Policies,
        party_of: &impl Fn(&str) -> Option<String>,
        reporter: &mut Reporter<'_>,
    ) {
        let mut wrong = |place: Place, what: String, hint: String| {
            reporter.error(POLICY_MISTAKES, place, what, hint);
        };
        let roles = ROLES.map(|(role, _)| role);
        if !roles.contains(&self.role.value.as_str()) {
            let what = format!("there is no role `{}`", self.role.value);
            return wrong(self.role.place, what, suggest::hint(&self.role.value, roles));
        }
        let Some(action) = Action::named(&self.action.value) else {
            let names: Vec<String> = actions().into_iter().map(Action::name).collect();
            let hint = suggest::hint(&self.action.value, names.iter().map(String::as_str));
            let what = format!("there is no action `{}`", self.action.value);
            return wrong(self.action.place, what, hint);
        };
        let kind = match self.kind.as_ref().map(|kind| kind.value.as_str()) {
            None | Some("key") => "key",
            Some("client") => "client",
            Some("person") => "person",
            Some(_) => {
                let place = self.kind.as_ref().map_or(Place::START, |kind| kind.place);
                return wrong(place, "`kind` is key, client or person".to_owned(), String::new());
            }
        };
        let resource = match self.on {
            Some(On { source: Some(source), .. }) => {
                let party = party_of(&source);
                Resource::Source(source, party)
            }
            Some(On { party: Some(party), .. }) => Resource::Party(party),
            _ => Resource::Operator,
        };
        let (role, party) = (self.role.value, self.party);
        let allowed = policies.allow(&Question { role, party, kind, action, resource });
        let said = if allowed { "allow" } else { "deny" };
        if !matches!(self.expect.value.as_str(), "allow" | "deny") {
            let what = "`expect` is allow or deny".to_owned();
            wrong(self.expect.place, what, String::new());
        } else if self.expect.value != said {
            let what = format!("the policies {said} it, and {} is expected", self.expect.value);
            wrong(self.expect.place, what, String::new());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn tests_of_policies_are_run_and_what_fails_has_its_place() {
        let policy = "forbid (principal, action, resource in Party::\"studio-1\");";
        for (test, run, said) in [
            ("- { as: { role: auditor }, do: see-status, expect: allow }", 1, ""),
            ("- { as: { role: auditor }, do: manage-keys, expect: deny }", 1, ""),
            (
                "- { as: { role: auditor }, do: manage-keys, expect: allow }",
                1,
                "1:53: error E8032: the policies deny it",
            ),
            (
                "- { as: { role: administrator }, do: bring-events, \
                 on: { source: feed-b }, expect: deny }",
                1,
                "",
            ),
            (
                "- { as: { role: administrator }, do: bring-events, \
                 on: { source: feed-a }, expect: allow }",
                1,
                "",
            ),
            (
                "- { as: { role: finance }, do: see-status, \
                 on: { party: studio-1 }, expect: deny }",
                1,
                "",
            ),
            ("- { as: { role: king }, do: see-status, expect: deny }", 1, "no role `king`"),
            ("- { as: { role: auditor }, do: see-statos, expect: deny }", 1, "see-status"),
            ("- { as: { role: auditor }, do: see-status, expect: yes }", 1, "allow or deny"),
            ("- { as: { role: auditor }, expect: deny }", 0, "`do` is missing"),
        ] {
            let files = [("policies/a.cedar", policy), ("policies/a.test.yaml", test)];
            let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
            let party = |source: &str| {
                Some(if source == "feed-b" { "studio-1" } else { "studio-0" }.to_owned())
            };
            let (count, found) = check(&files.into_iter().collect(), party);
            let text = found.first().map(ToString::to_string).unwrap_or_default();
            assert_eq!(count, run, "{test}: {text}");
            assert_eq!(text.is_empty(), said.is_empty(), "{test}: {text}");
            assert!(text.contains(said), "{test}: {text}");
        }
    }
}
