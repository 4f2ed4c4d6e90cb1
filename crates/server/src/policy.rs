//! Who may do what. Every route is one action; a route that is not in the table is closed.

use axum::http::Method;

/// Something that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Health, the interface's own documents, pages of codes: for everybody.
    Public,
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
    (Method::GET, "/v1/events/{source}/{id}", Action::SeeEvents),
    (Method::POST, "/graphql", Action::Query),
    (Method::GET, "/schema.graphql", Action::Public),
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
    (Method::GET, "/v1/book", Action::SeeBook),
    (Method::POST, "/v1/book/check", Action::SeeBook),
    (Method::POST, "/v1/book/plan", Action::SeeBook),
    (Method::POST, "/v1/book/apply", Action::ChangeBook),
    (Method::GET, "/v1/invoices", Action::SeePeriods),
    (Method::GET, "/v1/invoices/{id}", Action::SeePeriods),
    (Method::POST, "/v1/invoices", Action::ClosePeriods),
];

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
        Action::Public => true,
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
        | Action::Query => node::access::ROLES.iter().any(|(known, _)| *known == role),
        Action::MendRecords | Action::ClosePeriods => matches!(role, "administrator" | "finance"),
        Action::HoldLines => matches!(role, "administrator" | "finance" | "approver"),
        Action::SeeAudit | Action::SeeMetrics => matches!(role, "administrator" | "auditor"),
        Action::SeeBook => matches!(role, "administrator" | "finance" | "approver" | "auditor"),
        Action::ChangeBook => role == "administrator",
        Action::SeeKeys => matches!(role, "administrator" | "auditor"),
        Action::ManageKeys => role == "administrator",
    }
}
