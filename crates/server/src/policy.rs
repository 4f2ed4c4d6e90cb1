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
    /// See totals of accounts.
    SeeFigures,
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
    (Method::GET, "/v1/version", Action::Public),
    (Method::GET, "/v1/codes", Action::Public),
    (Method::GET, "/v1/codes/{code}", Action::Public),
    (Method::GET, "/v1/status", Action::SeeStatus),
    (Method::POST, "/v1/sources/{source}/events", Action::BringEvents),
    (Method::GET, "/v1/totals", Action::SeeFigures),
    (Method::GET, "/v1/keys", Action::SeeKeys),
    (Method::POST, "/v1/keys", Action::ManageKeys),
    (Method::DELETE, "/v1/keys/{id}", Action::ManageKeys),
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
        Action::SeeKeys => matches!(role, "administrator" | "auditor"),
        Action::ManageKeys => role == "administrator",
    }
}
