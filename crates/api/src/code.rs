//! The service's own codes, and the HTTP status of every code of Saldo.

use ledger::code::Code;

macro_rules! codes {
    ($($name:ident = $code:literal, $status:literal, $title:literal, $cause:literal,
       $hint:literal;)*) => {
        $(
            #[doc = $title]
            pub const $name: Code =
                Code { code: $code, title: $title, cause: $cause, hint: $hint };
        )*
        /// Every code of the service, ascending.
        pub const CODES: &[Code] = &[$($name),*];
        /// The status of each of them.
        const STATUSES: &[(&str, u16)] = &[$(($code, $status)),*];
    };
}

codes! {
    UNAUTHENTICATED = "E8001", 401, "the request does not say who asks",
        "Every request but those about health carries a credential, and it must be known, valid \
         now, and used from where it may be.",
        "Send `Authorization: Bearer KEY` with a key that the operator made (`saldo access \
         create`), whole, as it was shown then.";
    FORBIDDEN = "E8002", 403, "this credential may not do that",
        "Who may do what is policy: by role, by party, and by what the credential was made for.",
        "Ask the operator for the role, or use the credential of the party that it is about.";
    NO_ROUTE = "E8003", 404, "there is nothing at this address",
        "The path is not one of the service's.",
        "`/docs` shows every path to people, `/openapi.json` to programs.";
    BAD_METHOD = "E8004", 405, "this address does not take that method",
        "The path is known, but not with this method.",
        "`/openapi.json` lists the methods of every path.";
    BODY_TOO_LARGE = "E8005", 413, "the body is too large",
        "A body is read whole before it is taken, so its size is limited.",
        "Send it in several requests.";
    BAD_BODY = "E8006", 400, "the body cannot be read",
        "It is not what its content type says, or ends too early.",
        "Correct it as the detail says; nothing of it was taken.";
    MEDIA_TYPE = "E8007", 415, "the body is of a type that is not taken here",
        "The content type says how a body is read; none is guessed.",
        "Send one of the content types that `/openapi.json` lists for the path.";
    TOO_MANY_REQUESTS = "E8008", 429, "more requests than agreed",
        "Each credential has a rate, so that no one keeps the others waiting.",
        "Wait as long as `Retry-After` says, then send it again.";
    BAD_PARAMETER = "E8009", 400, "a parameter is not what it must be",
        "A value in the path or the query has another form, or is not known.",
        "Correct the parameter that the detail names.";
    INTERNAL = "E8010", 500, "something failed inside",
        "This is a defect of Saldo or of what it runs on, not of the request.",
        "Look at the log under the request's id; events may be sent again, they count once.";
    NOT_YET = "E8011", 503, "the effects asked for cannot be read yet",
        "The request waits for a position that was not reached in the time that it gave.",
        "Ask again; what was accepted is applied in order.";
    NO_SUCH = "E8012", 404, "there is no such thing",
        "What the path names is not there, or not for this credential to see.",
        "Look at the list that the path is part of.";
    HEADERS_TOO_LARGE = "E8013", 431, "the headers are too large",
        "Headers are limited in number and size.",
        "Send fewer or shorter ones.";
    ENCODING = "E8014", 415, "the body is packed in a way that is not taken here",
        "Bodies are taken as they are, or packed with gzip or zstd, once.",
        "Send it with `Content-Encoding: gzip` or `zstd`, or unpacked and without that header.";
    NOT_ACCEPTABLE = "E8020", 406, "it is not there in a form that the request accepts",
        "The `Accept` header names media types, and none of them is one that this is made in.",
        "Accept one of the types that `/openapi.json` lists for the path.";
    NOT_CLOSED = "E8021", 404, "the period has no statement yet",
        "A statement is there when its period is closed.",
        "Ask with `?draft=true` for what it comes to now, or wait for the close.";
    NO_IDEMPOTENCY_KEY = "E8025", 400, "the command has no Idempotency-Key",
        "A command that is sent again, because its answer was lost, must not be done twice; the \
         key says which ones are the same.",
        "Send `Idempotency-Key: \"` and 1 to 255 printable characters of your choice `\"`, \
         another one for each command.";
    IN_FLIGHT = "E8026", 409, "a command with this Idempotency-Key is being carried out",
        "The same key came again before the first request was answered.",
        "Wait a moment, then send it again: the answer will be that of the first one.";
    KEY_REUSED = "E8027", 422, "this Idempotency-Key stands for another command",
        "Within 24 hours a key stands for one command with one body; this is another.",
        "Use a new key for a new command; to repeat one, send exactly what was sent before.";
    NOT_OVER = "E8028", 409, "the period is not over yet",
        "What comes for a period after its close is late and becomes a correction, so that one is \
         closed early only where that is meant.",
        "Wait until it is over, or send `force` with a `reason`.";
    BEYOND_END = "E8029", 409, "nothing was accepted at this position yet",
        "`Saldo-After` names a position that an answer gave; this one is beyond the Log's end.",
        "Send the position of an answer of the same operator.";
    INVALID_CLIENT = "E8030", 401, "the client is not known, or its secret is not right",
        "A token is given for the id and the secret of a client that holds, used from where it \
         may be.",
        "Send `client_id` and `client_secret` as `saldo access create --client` showed them, by \
         Basic or in the form.";
    BAD_TOKEN_REQUEST = "E8031", 400, "no token can be given for this request",
        "The request is a form with `grant_type=client_credentials`, one client shown in one way, \
         and at most scopes that the client has.",
        "Correct what `error_description` names.";
    POLICY_MISTAKES = "E8032", 422, "a policy of the book has mistakes",
        "Policies are Cedar; each is checked against the shipped schema, and every test of theirs \
         must come out as it expects.",
        "Correct the line that is named; `saldo check` runs the same.";
    LINK_ENDED = "E8033", 403, "the link has ended",
        "A link that makes the first administrator holds for 15 minutes and once, and only while \
         the operator has no credentials.",
        "Start `saldo serve` again for another, or use the credential that there is.";
    NOT_SIGNED_IN = "E8034", 401, "name, password or code is not right",
        "One answer for whatever is wrong: it must not tell which part was right.",
        "Try again after a moment; a code is of the last half minute.";
    OTHER_ORIGIN = "E8035", 403, "the request comes from another site",
        "What a browser does with a session's cookie must come from a page of this service.",
        "Programs use a key or a token; pages of other sites cannot use a session.";
    PROVIDER_FAILED = "E8036", 502, "the identity provider did not answer as it should",
        "Its documents could not be had, or what it signed does not hold.",
        "Look at the service's log, and at `oidc` in saldo.yaml.";
    LOGIN_ENDED = "E8037", 400, "this sign-in was not begun here, or has ended",
        "A sign-in is finished by the browser that began it, once, within 10 minutes.",
        "Begin again at `/auth/login`.";
    BAD_TLS = "E8038", 500, "the certificate or its key cannot be used",
        "Both are PEM files: the chain with the server's own certificate first, and the private \
         key that belongs to it.",
        "Compare the paths given with `--tls-cert`, `--tls-key` and `--tls-client-ca`.";
    TOO_SLOW = "E8039", 408, "the request was not finished in time",
        "A request has a time in which its body must arrive and its answer be made, so that \
         nobody holds a place for ever.",
        "Send it again, in smaller parts; what was accepted counts once.";
    NO_TIMESTAMP = "E8040", 400, "the request does not say when it was sent",
        "Events are brought with the time of sending, so that a copy cannot be sent again later.",
        "Send `Saldo-Timestamp` with unix seconds; a signed request has its own.";
    STALE = "E8041", 400, "the request was not sent now",
        "Its timestamp is more than 5 minutes before or after the clock here.",
        "State the time of each attempt anew, in seconds (not milliseconds), by a clock that is \
         set by NTP.";
    NO_DIGEST = "E8042", 400, "the request does not say what its content hashes to",
        "Events are brought with `Content-Digest` (RFC 9530), so that nothing changes on the way.",
        "Send `Content-Digest: sha-256=:BASE64:` (or sha-512) of the body as it is sent.";
    DIGEST_DIFFERS = "E8043", 400, "the content is not what its digest says",
        "The body was changed on the way, or the digest is of other bytes than those sent: of \
         those before compression, say, or of another encoding of the text.",
        "Hash the very bytes that are sent; nothing of them was taken.";
    BAD_SIGNATURE = "E8044", 401, "the request is not signed by whom it says",
        "The signature is of another secret or key, of other content, or cannot be read.",
        "Sign the bytes as they are sent, with a secret or key of this source that holds now.";
    REPLAYED = "E8045", 409, "the request was brought before",
        "Its id and time were seen within the last minutes, or its id with other content.",
        "To ask again, sign it with the same id and content and the time of now; for other content \
         take another id.";
    TIER = "E8046", 403, "this source demands a signature",
        "The book says for each source how requests are signed; a key alone is not enough here.",
        "Sign as `signed` in sources.yaml says: `hmac` by a secret, `message` by a party's key.";
    COVERS_TOO_LITTLE = "E8047", 401, "the signature does not cover what it must",
        "A message signature covers the method, the target, the content's digest, and the time.",
        "Cover \"@method\", \"@target-uri\" (or \"@authority\", \"@path\" and \"@query\") and \
         \"content-digest\", with `created` and `keyid`.";
    MANY_IDS = "E8048", 503, "more signed requests than can be told apart",
        "Ids are kept while a timestamp is fresh, and their number is limited.",
        "Bring more events in each request.";
    BAD_CURSOR = "E8050", 400, "the place is none of this feed",
        "A place in the feed of changes is what a change or a page gave as `cursor` or `next`, and \
         never lies beyond what there is.",
        "Use a place that the feed gave; `0.0` is its beginning, `now` its end.";
    BAD_WEBHOOK = "E8051", 400, "the webhook is not accepted as it is",
        "Its address, its types or its party is not one that a webhook can have.",
        "Correct what the detail names.";
    PRIVATE_TARGET = "E8052", 400, "the webhook's address may not be called",
        "Private, loopback, link-local and such addresses are Saldo's own surroundings: a webhook \
         must not reach into them.",
        "Use a public address; where the operator's own network is meant, it can be allowed in \
         saldo.yaml: `webhooks: { allow_private: true }`.";
    TOO_MANY_WEBHOOKS = "E8053", 409, "there are too many webhooks",
        "Every webhook is called for every change that it names, so their number is limited.",
        "Remove those that are not used, or let one endpoint receive more types.";
    WEBHOOK_OFF = "E8054", 409, "the webhook is switched off",
        "Nothing is sent to an endpoint that is disabled or said that it is gone.",
        "Switch it on first: `saldo webhook resume ID`, or PATCH it with `\"enabled\": true`.";
    TOO_MANY_LIVE = "E8055", 503, "too many wait for changes at the same time",
        "Each open stream and each long poll holds memory, so their number is limited.",
        "Ask without `wait`, or again after a moment.";
    TOO_MUCH_HELD = "E8056", 503, "more is being sent at once than can be held",
        "Bodies are read whole, so that what is held of them is limited: for all, and for each \
         party or credential.",
        "Send fewer requests at once, or smaller ones; what was accepted counts once.";
    SCHEMA_UNKNOWN = "E8060", 404, "there is no such subject, version or schema",
        "What the path names is not registered, was deleted, or is not for this credential to see.",
        "Look at `/schema-registry/subjects`; `deleted=true` shows what was deleted too.";
    SCHEMA_INVALID = "E8061", 422, "this is no schema that can be kept",
        "Its text is not of its type, is too large or too deep, or stands on something that is not \
         among its references: nothing is fetched.",
        "Correct what the message names; docs/schemas.md tells the limits.";
    SCHEMA_INCOMPATIBLE = "E8062", 409, "the schema may not follow the earlier ones",
        "By the level in force what was written before must be readable after, or the other way.",
        "Undo the change that the message names, or register it under another subject; \
         `verbose=true` of the compatibility check names every change.";
    SCHEMA_NEEDED = "E8063", 422, "the schema is still needed",
        "Another schema stands on it, or a source of the book is checked by it.",
        "Change what needs it first; then delete it.";
    SCHEMA_DELETED = "E8064", 404, "it was deleted already, or was not yet",
        "What is deleted can still be read; deleting it for good is a second step.",
        "Delete it first without and then with `permanent=true`.";
    SCHEMA_READ_ONLY = "E8065", 422, "nothing may be registered now",
        "The mode of the subject, or of everything, is READONLY, or the registry is full.",
        "Set the mode to READWRITE, or delete what is not used any more for good.";
    SCHEMA_SETTING = "E8066", 422, "a version, level, mode or name is none",
        "Versions are numbers from 1 or `latest`; levels and modes are words; names are bounded.",
        "Use one of those that the message lists.";
    SCHEMA_NO_SETTING = "E8067", 404, "the subject has no setting of its own",
        "It follows the setting of everything.",
        "Ask with `defaultToGlobal=true`, or set one.";
    BAD_QUERY = "E8070", 400, "the query cannot be answered",
        "It is no GraphQL, names fields that are not there, or lacks arguments that must be.",
        "Compare it with `/schema.graphql`; the message says where.";
    QUERY_TOO_LARGE = "E8071", 400, "the query asks for too much at once",
        "What a query may cost is limited, so that no one keeps the others waiting.",
        "Ask for fewer items (`first`), fewer levels, or in several queries; the message names the \
         limit.";
    QUERY_BATCH = "E8072", 400, "several queries in one request are not taken",
        "One query can ask for everything; a batch would get around its limits.",
        "Send one query with several fields, or several requests.";
    NEEDS_STREAM = "E8073", 406, "a subscription needs a stream to answer on",
        "Its answers come one after another, as server-sent events.",
        "Send the request with `Accept: text/event-stream`.";
}

/// The HTTP status that a code is answered with.
///
/// By class: what is wrong with the request is 4xx, what is not there 404, what the present state
/// does not allow 409, what a later attempt may bring 503, the rest 500.
pub fn status_of(code: &str) -> u16 {
    if let Some((_, status)) = STATUSES.iter().find(|(own, _)| *own == code) {
        return *status;
    }
    match code {
        // Unknown agreement, period, event, account; no such operator, source, mapping, page.
        "E5104" | "E5201" | "E5202" | "E5304" | "E5328" | "E8392" | "E9101" => 404,
        // What is stored is not what it must be.
        "E5101" | "E5102" | "E5103" | "E5107" => 500,
        // Busy, stopping, another process, no space: later it may go.
        "E5324" | "E5325" | "E5326" | "E4106" => 503,
        "E5323" => 413,
        // A legal hold stands.
        "E8390" => 409,
        // What a request says, though the code is of the node.
        "E5314" | "E5315" | "E5316" | "E5327" | "E8391" => 400,
        _ => match code.as_bytes() {
            // Rules, events and files that are not accepted as they are.
            [b'E', b'1' | b'2' | b'3' | b'6' | b'7', ..] => 422,
            [b'E', b'5', b'1' | b'3', ..] => 409,
            [b'E', b'9', ..] => 400,
            _ => 500,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ascend_and_every_one_has_a_status() {
        assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
        for (code, status) in STATUSES {
            assert_eq!(status_of(code), *status);
            assert!((400..600).contains(status), "{code}");
        }
    }
}
