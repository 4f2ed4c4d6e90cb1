//! Who may do what. Every route is one action; a route that is not in the table is closed. The
//! table of roles below is what the shipped policies say ([`cedar`]); a book has its own beside.

pub mod cedar;
pub mod trial;

use axum::http::Method;
use node::NodeError;

/// Something that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Health, the interface's own documents, pages of codes: for everybody.
    Public,
    /// Show a credential of another kind, in the request itself: for whoever has one.
    SignIn,
    /// Bring events of a source in.
    BringEvents,
    /// See where the operator stands.
    SeeStatus,
    /// See totals of accounts and measures.
    SeeFigures,
    /// See quarantined records, contests, the verification log, what refers to an event.
    SeeRecords,
    /// Correct, verify again and resolve what needs a person.
    MendRecords,
    /// See periods, notices and tax invoices.
    SeePeriods,
    /// Close periods, make tax invoices.
    ClosePeriods,
    /// Hold lines out of payment, and release them.
    HoldLines,
    /// See who commanded what.
    SeeAudit,
    /// Place legal holds, and lift them.
    PlaceLegalHolds,
    /// See the book, and what a changed one would do.
    SeeBook,
    /// Let a changed book come into force.
    ChangeBook,
    /// See metrics of the process.
    SeeMetrics,
    /// See parties, agreements, versions and periods.
    SeeAgreements,
    /// See statements, what stands behind their lines, and their proofs.
    SeeStatements,
    /// See single events.
    SeeEvents,
    /// Ask a query; each of its fields is one of the actions above.
    Query,
    /// See credentials.
    SeeKeys,
    /// Make and revoke credentials.
    ManageKeys,
    /// See schemas, and ask whether one may follow.
    SeeSchemas,
    /// Register schemas.
    RegisterSchemas,
    /// Delete schemas, and set what may be registered.
    ManageSchemas,
    /// See what changes, as it changes.
    SeeChanges,
    /// See webhooks and what became of their deliveries.
    SeeWebhooks,
    /// Make, change, remove webhooks.
    ManageWebhooks,
}

/// Every route, with the action that it is.
pub const ROUTES: &[(Method, &str, Action)] = &[
    (Method::GET, "/healthz", Action::Public),
    (Method::GET, "/readyz", Action::Public),
    (Method::GET, "/openapi.json", Action::Public),
    (Method::GET, "/docs", Action::Public),
    (Method::GET, "/docs/style.css", Action::Public),
    (Method::GET, "/metrics", Action::SeeMetrics),
    (Method::GET, "/v1/version", Action::Public),
    (Method::GET, "/v1/codes", Action::Public),
    (Method::GET, "/v1/codes/{code}", Action::Public),
    (Method::GET, "/v1/status", Action::SeeStatus),
    (Method::GET, "/v1/sources", Action::SeeRecords),
    (Method::GET, "/v1/sources/{source}", Action::SeeRecords),
    (Method::POST, "/v1/sources/{source}/events", Action::BringEvents),
    (Method::POST, "/v1/sources/{source}/secrets", Action::ManageKeys),
    (Method::GET, "/v1/sources/{source}/digest", Action::SeeRecords),
    (Method::GET, "/v1/totals", Action::SeeFigures),
    (Method::GET, "/v1/measures/{measure}", Action::SeeFigures),
    (Method::GET, "/v1/parties", Action::SeeAgreements),
    (Method::GET, "/v1/parties/{party}", Action::SeeAgreements),
    (Method::GET, "/v1/agreements", Action::SeeAgreements),
    (Method::GET, "/v1/agreements/{agreement}", Action::SeeAgreements),
    (Method::GET, "/v1/agreements/{agreement}/versions", Action::SeeAgreements),
    (Method::GET, "/v1/agreements/{agreement}/periods", Action::SeeAgreements),
    (Method::GET, "/v1/agreements/{agreement}/periods/{period}/statement", Action::SeeStatements),
    (
        Method::GET,
        "/v1/agreements/{agreement}/periods/{period}/explain/{line}",
        Action::SeeStatements,
    ),
    (Method::GET, "/v1/agreements/{agreement}/periods/{period}/proof", Action::SeeStatements),
    // It tells who commanded what.
    (Method::GET, "/v1/agreements/{agreement}/periods/{period}/evidence", Action::SeeAudit),
    (Method::GET, "/v1/events/{source}/{id}", Action::SeeEvents),
    (Method::GET, "/v1/events/{source}/{id}/proof", Action::SeeEvents),
    (Method::POST, "/graphql", Action::Query),
    (Method::GET, "/schema.graphql", Action::Public),
    (Method::POST, "/oauth2/token", Action::SignIn),
    (Method::GET, "/auth/login", Action::SignIn),
    (Method::GET, "/auth/callback", Action::SignIn),
    (Method::GET, "/setup", Action::Public),
    (Method::POST, "/v1/setup", Action::SignIn),
    (Method::POST, "/v1/session", Action::SignIn),
    (Method::GET, "/v1/session", Action::SignIn),
    (Method::DELETE, "/v1/session", Action::SignIn),
    (Method::PATCH, "/v1/session", Action::SignIn),
    (Method::POST, "/v1/people", Action::ManageKeys),
    (Method::POST, "/v1/access/revoke", Action::ManageKeys),
    (Method::GET, "/.well-known/jwks.json", Action::Public),
    (Method::GET, "/.well-known/oauth-authorization-server", Action::Public),
    (Method::GET, "/v1/keys", Action::SeeKeys),
    (Method::POST, "/v1/keys", Action::ManageKeys),
    (Method::DELETE, "/v1/keys/{id}", Action::ManageKeys),
    (Method::GET, "/v1/quarantine", Action::SeeRecords),
    (Method::GET, "/v1/quarantine/{id}", Action::SeeRecords),
    (Method::POST, "/v1/quarantine/{id}/fix", Action::MendRecords),
    (Method::POST, "/v1/quarantine/{id}/replay", Action::MendRecords),
    (Method::GET, "/v1/contests", Action::SeeRecords),
    (Method::POST, "/v1/contests/{id}/resolve", Action::MendRecords),
    (Method::GET, "/v1/verification", Action::SeeRecords),
    (Method::GET, "/v1/references/{source}/{id}", Action::SeeRecords),
    (Method::GET, "/v1/periods", Action::SeePeriods),
    (Method::POST, "/v1/agreements/{agreement}/periods/{period}/close", Action::ClosePeriods),
    (
        Method::POST,
        "/v1/agreements/{agreement}/periods/{period}/lines/{line}/hold",
        Action::HoldLines,
    ),
    (
        Method::POST,
        "/v1/agreements/{agreement}/periods/{period}/lines/{line}/release",
        Action::HoldLines,
    ),
    (Method::GET, "/v1/notices", Action::SeePeriods),
    (Method::GET, "/v1/audit", Action::SeeAudit),
    (Method::GET, "/v1/legal-holds", Action::SeeAudit),
    (Method::POST, "/v1/legal-holds", Action::PlaceLegalHolds),
    (Method::POST, "/v1/legal-holds/{id}/lift", Action::PlaceLegalHolds),
    (Method::GET, "/v1/retention", Action::SeeAudit),
    (Method::GET, "/v1/book", Action::SeeBook),
    (Method::POST, "/v1/book/check", Action::SeeBook),
    (Method::POST, "/v1/book/plan", Action::SeeBook),
    (Method::POST, "/v1/book/apply", Action::ChangeBook),
    (Method::GET, "/v1/invoices", Action::SeePeriods),
    (Method::GET, "/v1/invoices/{id}", Action::SeePeriods),
    (Method::POST, "/v1/invoices", Action::ClosePeriods),
    (Method::POST, "/v1/invoices/{id}/amend", Action::ClosePeriods),
    (Method::GET, "/v1/changes", Action::SeeChanges),
    (Method::GET, "/v1/webhooks", Action::SeeWebhooks),
    (Method::POST, "/v1/webhooks", Action::ManageWebhooks),
    (Method::GET, "/v1/webhooks/{id}", Action::SeeWebhooks),
    (Method::PATCH, "/v1/webhooks/{id}", Action::ManageWebhooks),
    (Method::DELETE, "/v1/webhooks/{id}", Action::ManageWebhooks),
    (Method::GET, "/v1/webhooks/{id}/deliveries", Action::SeeWebhooks),
    (Method::POST, "/v1/webhooks/{id}/replay", Action::ManageWebhooks),
    (Method::POST, "/v1/webhooks/{id}/rotate", Action::ManageWebhooks),
    (Method::POST, "/v1/webhooks/{id}/test", Action::ManageWebhooks),
    (Method::POST, "/v1/keys/{id}/rotate", Action::ManageKeys),
    (Method::POST, "/v1/clients", Action::ManageKeys),
    (Method::GET, "/v1/access/report", Action::SeeKeys),
    (Method::GET, "/v1/access/policies", Action::SeeKeys),
    // Whoever sees proofs sees what they are checked with.
    (Method::GET, "/v1/operator-keys", Action::SeeStatements),
    (Method::POST, "/v1/operator-keys", Action::ManageKeys),
    (Method::GET, "/v1/signing-keys", Action::SeeKeys),
    (Method::POST, "/v1/signing-keys", Action::ManageKeys),
    (Method::GET, "/schema-registry/subjects", Action::SeeSchemas),
    (Method::POST, "/schema-registry/subjects/{subject}", Action::SeeSchemas),
    (Method::DELETE, "/schema-registry/subjects/{subject}", Action::ManageSchemas),
    (Method::GET, "/schema-registry/subjects/{subject}/versions", Action::SeeSchemas),
    (Method::POST, "/schema-registry/subjects/{subject}/versions", Action::RegisterSchemas),
    (Method::GET, "/schema-registry/subjects/{subject}/versions/{version}", Action::SeeSchemas),
    (
        Method::DELETE,
        "/schema-registry/subjects/{subject}/versions/{version}",
        Action::ManageSchemas,
    ),
    (
        Method::GET,
        "/schema-registry/subjects/{subject}/versions/{version}/schema",
        Action::SeeSchemas,
    ),
    (
        Method::GET,
        "/schema-registry/subjects/{subject}/versions/{version}/referencedby",
        Action::SeeSchemas,
    ),
    (Method::GET, "/schema-registry/schemas/types", Action::SeeSchemas),
    (Method::GET, "/schema-registry/schemas/ids/{id}", Action::SeeSchemas),
    (Method::GET, "/schema-registry/schemas/ids/{id}/schema", Action::SeeSchemas),
    (Method::GET, "/schema-registry/schemas/ids/{id}/versions", Action::SeeSchemas),
    (Method::GET, "/schema-registry/schemas/ids/{id}/subjects", Action::SeeSchemas),
    (
        Method::POST,
        "/schema-registry/compatibility/subjects/{subject}/versions/{version}",
        Action::SeeSchemas,
    ),
    (
        Method::POST,
        "/schema-registry/compatibility/subjects/{subject}/versions",
        Action::SeeSchemas,
    ),
    (Method::GET, "/schema-registry/config", Action::SeeSchemas),
    (Method::PUT, "/schema-registry/config", Action::ManageSchemas),
    (Method::GET, "/schema-registry/config/{subject}", Action::SeeSchemas),
    (Method::PUT, "/schema-registry/config/{subject}", Action::ManageSchemas),
    (Method::DELETE, "/schema-registry/config/{subject}", Action::ManageSchemas),
    (Method::GET, "/schema-registry/mode", Action::SeeSchemas),
    (Method::PUT, "/schema-registry/mode", Action::ManageSchemas),
    (Method::GET, "/schema-registry/mode/{subject}", Action::SeeSchemas),
    (Method::PUT, "/schema-registry/mode/{subject}", Action::ManageSchemas),
    (Method::DELETE, "/schema-registry/mode/{subject}", Action::ManageSchemas),
];

impl Action {
    /// Its name as scopes and people write it: `bring-events`.
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    /// The action that has this name.
    pub fn named(name: &str) -> Option<Self> {
        actions().into_iter().find(|action| action.name() == name)
    }

    /// Whether it needs nobody to be known.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Public | Self::SignIn)
    }
}

/// Refuses a scope that is no action.
///
/// # Errors
/// [`node::code::BAD_CREDENTIAL`], with those that there are.
pub fn known_scopes(scopes: &[String]) -> Result<(), NodeError> {
    let Some(scope) = scopes.iter().find(|scope| Action::named(scope).is_none()) else {
        return Ok(());
    };
    let known: Vec<String> = actions().into_iter().map(Action::name).collect();
    let what = format!("scope `{scope}`; there is {}", known.join(", "));
    Err(NodeError::said(node::code::BAD_CREDENTIAL, what))
}

/// Every action that policy is about, in order.
pub fn actions() -> Vec<Action> {
    let mut all: Vec<Action> = ROUTES.iter().map(|(.., action)| *action).collect();
    all.sort_unstable();
    all.dedup();
    all.retain(|action| !action.is_open());
    all
}

/// The action of a route.
pub fn action(method: &Method, path: &str) -> Option<Action> {
    // A HEAD is a GET whose body is not sent.
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let found = ROUTES.iter().find(|(known, route, _)| known == method && *route == path);
    found.map(|(.., action)| *action)
}

/// Whether a role may do it at all; what of it a counterparty sees is bounded by its party.
pub fn allows(role: &str, action: Action) -> bool {
    match action {
        Action::Public | Action::SignIn => true,
        Action::BringEvents => matches!(role, "administrator" | "provider" | "supplier"),
        Action::SeeStatus | Action::SeeFigures => {
            matches!(role, "administrator" | "finance" | "approver" | "auditor")
        }
        // A counterparty sees its own only.
        Action::SeeRecords
        | Action::SeePeriods
        | Action::SeeAgreements
        | Action::SeeStatements
        | Action::SeeEvents
        | Action::SeeSchemas
        | Action::SeeChanges
        | Action::Query => node::access::ROLES.iter().any(|(known, _)| *known == role),
        Action::MendRecords | Action::ClosePeriods | Action::RegisterSchemas => {
            matches!(role, "administrator" | "finance")
        }
        Action::HoldLines => matches!(role, "administrator" | "finance" | "approver"),
        Action::SeeAudit | Action::SeeMetrics => matches!(role, "administrator" | "auditor"),
        Action::SeeBook => matches!(role, "administrator" | "finance" | "approver" | "auditor"),
        Action::SeeKeys => matches!(role, "administrator" | "auditor"),
        Action::ManageKeys
        | Action::ChangeBook
        | Action::ManageSchemas
        | Action::PlaceLegalHolds => role == "administrator",
        Action::SeeWebhooks => {
            matches!(role, "administrator" | "auditor" | "provider" | "supplier" | "partner")
        }
        Action::ManageWebhooks => {
            matches!(role, "administrator" | "provider" | "supplier" | "partner")
        }
    }
}
