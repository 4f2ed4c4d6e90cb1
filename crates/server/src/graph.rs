//! GraphQL over the query layer: parties, their agreements, periods, statements, lines, measures
//! and events in one query.
//!
//! It knows no engine: nodes are documents of `api` that `view` makes under the asker's scope, and
//! whether a role may see them is asked of the same policy as over REST. Each level of a query is
//! one read, however many nodes are on it.

mod batch;
mod check;
mod live;
mod loaders;
mod nodes;
mod query;

use crate::guard::Asker;
use crate::policy::Action;
use crate::policy::cedar::Resource;
use crate::refusal::Refusal;
use api::code;
use async_graphql::futures_util::StreamExt as _;
use async_graphql::futures_util::stream::BoxStream;
use async_graphql::{
    Context, EmptyMutation, Error, ErrorExtensions, Request, Response, Schema, ServerError,
};
use loaders::Loaders;
use node::ledger::code::Code;
use std::sync::{Arc, LazyLock};

/// The schema: there is one, and who asks comes with each request.
type Saldo = Schema<query::Query, EmptyMutation, live::Live>;

static SCHEMA: LazyLock<Saldo> = LazyLock::new(|| {
    Schema::build(query::Query, EmptyMutation, live::Live)
        .limit_complexity(crate::limits::QUERY_COMPLEXITY_MAX)
        .limit_directives(crate::limits::QUERY_DIRECTIVES_MAX)
        .finish()
});

/// The schema in its own language, as committed.
pub fn sdl() -> String {
    SCHEMA.sdl()
}

/// Whether a request asks for a subscription, once it is known to be within the limits.
///
/// # Errors
/// What is wrong with it, as an answer.
pub fn admit(request: &mut Request) -> Result<bool, Box<Response>> {
    check::check(request).map_err(|error| Box::new(Response::from_errors(vec![error])))
}

/// Answers a query.
pub async fn answer(asker: Asker, request: Request) -> Response {
    let loaders = Arc::new(Loaders::default());
    let response = SCHEMA.execute(request.data(asker).data(Arc::clone(&loaders))).await;
    coded(response.extension("reads", loaders.reads().into()))
}

/// Answers a subscription: one response after another.
pub fn follow(asker: Asker, request: Request) -> BoxStream<'static, Response> {
    let stream = SCHEMA.execute_stream(request.data(asker).data(Arc::new(Loaders::default())));
    stream.map(coded).boxed()
}

/// Gives every error a code.
fn coded(mut response: Response) -> Response {
    for error in &mut response.errors {
        let known = error.extensions.as_ref().is_some_and(|known| known.get("code").is_some());
        if !known {
            let refusal = if error.message.starts_with("Query is too complex") {
                let most = crate::limits::QUERY_COMPLEXITY_MAX;
                Refusal::of(&code::QUERY_TOO_LARGE, format!("cost: at most {most}"))
            } else {
                Refusal::of(&code::BAD_QUERY, error.message.clone())
            };
            error.extensions = ServerError::from(told(&refusal)).extensions;
        }
    }
    response
}

/// A refusal as an error of GraphQL, with its stable code.
fn told(refusal: &Refusal) -> ErrorWith {
    ErrorWith(refusal.0.title.clone(), refusal.clone())
}

/// An error with its extensions, for both shapes that the library has.
struct ErrorWith(String, Refusal);

impl From<ErrorWith> for Error {
    fn from(ErrorWith(title, refusal): ErrorWith) -> Self {
        Self::new(title).extend_with(|_, extensions| {
            extensions.set("code", refusal.0.code.clone());
            extensions.set("detail", refusal.0.detail.clone());
            extensions.set("hint", refusal.0.hint.clone());
            extensions.set("status", refusal.0.status);
        })
    }
}

impl From<ErrorWith> for ServerError {
    fn from(with: ErrorWith) -> Self {
        let error = Error::from(with);
        let mut made = Self::new(error.message, None);
        made.extensions = error.extensions;
        made
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        told(&refusal).into()
    }
}

/// An error of a request as a whole.
pub fn error(page: &Code, detail: impl Into<String>) -> ServerError {
    told(&Refusal::of(page, detail)).into()
}

/// Who asks, where its role may.
///
/// # Errors
/// [`code::FORBIDDEN`].
fn asker<'c>(context: &Context<'c>, action: Action) -> Result<&'c Asker, Error> {
    let asker = context.data::<Asker>()?;
    asker.may(action, Resource::Operator)?;
    Ok(asker)
}

/// Who asks for an event of a source, where it may.
///
/// # Errors
/// [`code::FORBIDDEN`].
fn asker_of_event<'c>(context: &Context<'c>, source: &str) -> Result<&'c Asker, Error> {
    let asker = context.data::<Asker>()?;
    let party = asker.tenant.service.party_of(source);
    asker.may(Action::SeeEvents, Resource::Source(source.to_owned(), party))?;
    Ok(asker)
}

/// What reads for all nodes of a level.
fn loaders<'c>(context: &Context<'c>) -> Result<&'c Loaders, Error> {
    Ok(context.data::<Arc<Loaders>>()?.as_ref())
}
