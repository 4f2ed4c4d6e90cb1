//! Who may do what, and by which policy.

use crate::extract::Params;
use crate::guard::Asker;
use crate::policy::cedar::{Question, Resource};
use crate::policy::{Action, actions};
use crate::refusal::Refusal;
use api::access::Decision;
use api::{Problem, code};
use axum::Json;
use node::access::ROLES;
use serde::Deserialize;
use utoipa::IntoParams;

/// Who, and what: whatever is not named stands for each.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The role; absent for each.
    role: Option<String>,
    /// The party whose credential it is.
    party: Option<String>,
    /// `key`, `client` or `person`; a key where it is not said.
    kind: Option<String>,
    /// The action, such as `close-periods`; absent for each.
    action: Option<String>,
    /// The source that it is done to; absent for the operator as a whole.
    on_source: Option<String>,
    /// The party that it is done to.
    on_party: Option<String>,
}

/// What the policies in force say: for each role and action, whether it is allowed and why.
#[utoipa::path(get, path = "/v1/access/policies", params(Asked), responses(
    (status = 200, body = Vec<Decision>),
    (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn explain(
    asker: Asker,
    Params(asked): Params<Asked>,
) -> Result<Json<Vec<Decision>>, Refusal> {
    let bad = |what: String| Refusal::of(&code::BAD_PARAMETER, what);
    let mut roles: Vec<&str> = ROLES.iter().map(|(role, _)| *role).collect();
    if let Some(role) = &asked.role {
        roles.retain(|known| known == role);
        if roles.is_empty() {
            return Err(bad(format!("role: there is no role `{role}`")));
        }
    }
    let mut wanted = actions();
    if let Some(name) = &asked.action {
        let action = Action::named(name).filter(|action| wanted.contains(action));
        wanted = vec![action.ok_or_else(|| bad(format!("action: there is no `{name}`")))?];
    }
    let kind = match asked.kind.as_deref() {
        None | Some("key") => "key",
        Some("client") => "client",
        Some("person") => "person",
        Some(_) => return Err(bad("kind: it is key, client or person".to_owned())),
    };
    let resource = match (asked.on_source, asked.on_party) {
        (None, None) => Resource::Operator,
        (None, Some(party)) => Resource::Party(party),
        (Some(source), None) => {
            let party = asker.tenant.service.party_of(&source);
            Resource::Source(source, party)
        }
        (Some(_), Some(_)) => return Err(bad("on_source, or on_party".to_owned())),
    };
    let policies = asker.tenant.policies();
    let mut found = Vec::new();
    for role in roles {
        for action in &wanted {
            let (role, party) = (role.to_owned(), asked.party.clone());
            let resource = resource.clone();
            let question = Question { role, party, kind, action: *action, resource };
            let decided = policies.explain(&question);
            found.push(Decision {
                role: question.role,
                action: action.name(),
                allowed: decided.allowed,
                why: decided.why.to_owned(),
                by: decided.by,
            });
        }
    }
    Ok(Json(found))
}
