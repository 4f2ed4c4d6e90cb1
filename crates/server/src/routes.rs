//! Every route, by what it is about.

mod events;
mod figures;
mod keys;
mod public;

use crate::app::App;
use crate::refusal::Refusal;
use api::code;
use utoipa::openapi::{InfoBuilder, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All routes with their descriptions.
pub fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(public::healthz))
        .routes(routes!(public::readyz))
        .routes(routes!(public::document))
        .routes(routes!(public::version))
        .routes(routes!(public::codes))
        .routes(routes!(public::code))
        .routes(routes!(events::bring))
        .routes(routes!(figures::status))
        .routes(routes!(figures::totals))
        .routes(routes!(keys::list, keys::make))
        .routes(routes!(keys::revoke))
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
