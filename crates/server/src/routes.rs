//! Every route, by what it is about.

mod agreements;
mod audit;
mod auth;
mod book;
mod changes;
mod contests;
mod digest;
mod duties;
mod events;
mod figures;
mod graph;
mod invoices;
mod keys;
mod legal_holds;
mod notices;
mod operate;
mod operator_keys;
mod people;
mod periods;
mod policies;
mod public;
mod quarantine;
pub(crate) mod schemas;
mod secrets;
mod signing_keys;
mod sources;
mod statements;
mod stories;
mod token;
mod verification;
mod webhooks;

use crate::app::App;
use crate::refusal::Refusal;
use api::code;
use utoipa::openapi::{InfoBuilder, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All routes with their descriptions.
pub fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(access())
        .merge(feed())
        .routes(routes!(public::healthz))
        .routes(routes!(public::readyz))
        .routes(routes!(public::document))
        .routes(routes!(public::version))
        .routes(routes!(operate::reference))
        .routes(routes!(operate::style))
        .routes(routes!(operate::metrics))
        .routes(routes!(public::codes))
        .routes(routes!(public::code))
        .routes(routes!(events::bring))
        .routes(routes!(secrets::make))
        .routes(routes!(sources::sources))
        .routes(routes!(sources::source))
        .routes(routes!(digest::held))
        .routes(routes!(figures::status))
        .routes(routes!(figures::totals))
        .routes(routes!(figures::measure))
        .routes(routes!(agreements::parties))
        .routes(routes!(agreements::party))
        .routes(routes!(agreements::agreements))
        .routes(routes!(agreements::agreement))
        .routes(routes!(agreements::versions))
        .routes(routes!(agreements::periods))
        .routes(routes!(statements::statement))
        .routes(routes!(statements::explain))
        .routes(routes!(statements::proof))
        .routes(routes!(statements::evidence))
        .routes(routes!(stories::event))
        .routes(routes!(stories::proof))
        .routes(routes!(graph::ask))
        .routes(routes!(graph::schema))
        .routes(routes!(quarantine::list))
        .routes(routes!(quarantine::show))
        .routes(routes!(quarantine::fix))
        .routes(routes!(quarantine::replay))
        .routes(routes!(contests::list))
        .routes(routes!(contests::resolve))
        .routes(routes!(verification::log))
        .routes(routes!(verification::references))
        .routes(routes!(periods::list))
        .routes(routes!(periods::close))
        .routes(routes!(periods::hold))
        .routes(routes!(periods::release))
        .routes(routes!(notices::list))
        .routes(routes!(audit::list))
        .routes(routes!(legal_holds::list, legal_holds::place))
        .routes(routes!(legal_holds::lift))
        .routes(routes!(legal_holds::retention))
        .routes(routes!(book::show))
        .routes(routes!(book::check))
        .routes(routes!(book::plan))
        .routes(routes!(book::apply))
        .routes(routes!(invoices::list, invoices::make))
        .routes(routes!(invoices::show))
        .routes(routes!(invoices::amend))
}

/// The feed of changes, and webhooks.
fn feed() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(changes::changes))
        .routes(routes!(webhooks::list, webhooks::make))
        .routes(routes!(webhooks::one, webhooks::change, webhooks::remove))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(webhooks::replay))
        .routes(routes!(webhooks::rotate))
        .routes(routes!(webhooks::test))
}

/// Routes about credentials and people.
fn access() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(keys::rotate))
        .routes(routes!(duties::report))
        .routes(routes!(policies::explain))
        .routes(routes!(keys::make_client))
        .routes(routes!(signing_keys::list, signing_keys::rotate))
        .routes(routes!(operator_keys::list, operator_keys::rotate))
        .routes(routes!(auth::login))
        .routes(routes!(auth::callback))
        .routes(routes!(people::page))
        .routes(routes!(people::set_up))
        .routes(routes!(people::sign_in, people::session, people::sign_out, people::change_sign_in))
        .routes(routes!(token::token))
        .routes(routes!(token::jwks))
        .routes(routes!(token::metadata))
        .routes(routes!(keys::list, keys::make))
        .routes(routes!(keys::revoke))
        .routes(routes!(keys::revoke_made_by))
        .routes(routes!(people::invite_person))
        .merge(registry())
}

/// The schema registry.
fn registry() -> OpenApiRouter<App> {
    use schemas::{compatibility, ids, settings, subjects, versions};
    OpenApiRouter::new()
        .routes(routes!(subjects::list))
        .routes(routes!(subjects::look, subjects::delete))
        .routes(routes!(versions::list, versions::register))
        .routes(routes!(versions::read, versions::delete))
        .routes(routes!(versions::read_text))
        .routes(routes!(versions::referring))
        .routes(routes!(ids::types))
        .routes(routes!(ids::read))
        .routes(routes!(ids::read_text))
        .routes(routes!(ids::versions))
        .routes(routes!(ids::subjects))
        .routes(routes!(compatibility::with_one))
        .routes(routes!(compatibility::with_all))
        .routes(routes!(settings::level, settings::put_level))
        .routes(routes!(
            settings::subject_level,
            settings::put_subject_level,
            settings::delete_subject_level
        ))
        .routes(routes!(settings::mode, settings::put_mode))
        .routes(routes!(
            settings::subject_mode,
            settings::put_subject_mode,
            settings::delete_subject_mode
        ))
}

/// What the document says of the whole.
pub fn describe(document: &mut OpenApi) {
    document.info = InfoBuilder::new()
        .title("Saldo")
        .version("1")
        .description(Some(
            "Settlement between companies. Amounts are decimal strings, times RFC 3339 in UTC. \
             Every refusal is a problem document with a stable code.",
        ))
        .build();
}

/// Nothing is there.
pub async fn nothing() -> Refusal {
    Refusal::of(&code::NO_ROUTE, "")
}

/// Something is there, but not by this method.
pub async fn other_method() -> Refusal {
    Refusal::of(&code::BAD_METHOD, "")
}
