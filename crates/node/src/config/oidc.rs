//! The identity provider of an operator's people.

use book::diagnostic::Reporter;
use book::read::{Fields, Named, Read};
use book::yaml::Node;
use std::fmt::Write as _;
use std::path::PathBuf;

const KEYS: &[&str] =
    &["issuer", "client_id", "client_secret_file", "scope", "roles_claim", "roles", "party_claim"];

/// How people sign in by an identity provider (`OpenID` Connect).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oidc {
    /// The provider, as its tokens say: `https://id.example`.
    pub issuer: String,
    /// The client that the service is there.
    pub client_id: String,
    /// The file with the client's secret.
    pub client_secret_file: PathBuf,
    /// What is asked for; `openid` at least.
    pub scope: String,
    /// The claim whose values give roles.
    pub roles_claim: String,
    /// Which value gives which role; the first that is held counts.
    pub roles: Vec<(String, String)>,
    /// The claim that names the party of a counterparty's people.
    pub party_claim: Option<String>,
}

impl Read for Oidc {
    fn read(node: &Node, reporter: &mut Reporter<'_>) -> Option<Self> {
        let fields = Fields::of(node, KEYS, reporter)?;
        let issuer = fields.required("issuer", reporter);
        let client_id = fields.required("client_id", reporter);
        let file: Option<String> = fields.required("client_secret_file", reporter);
        let scope: Option<Option<String>> = fields.optional("scope", reporter);
        let claim: Option<Option<String>> = fields.optional("roles_claim", reporter);
        let roles: Option<Named<String>> = fields.required("roles", reporter);
        let party_claim = fields.optional("party_claim", reporter);
        let roles = roles?;
        for (value, role) in roles.sound() {
            if !crate::access::ROLES.iter().any(|(known, _)| known == role) {
                let message = format!("`{role}` is no role");
                reporter.error(crate::code::BAD_SETTINGS, value.place, message, "");
            }
        }
        let pairs = roles.sound().map(|(value, role)| (value.value.clone(), role.clone()));
        Some(Self {
            issuer: issuer?,
            client_id: client_id?,
            client_secret_file: file?.into(),
            scope: scope?.unwrap_or_else(|| "openid profile email".to_owned()),
            roles_claim: claim?.unwrap_or_else(|| "groups".to_owned()),
            roles: pairs.collect(),
            party_claim: party_claim?,
        })
    }
}

impl Oidc {
    /// Its lines in the file, below its operator's name.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let quoted = |value: &str| format!("\"{}\"", value.replace(['\\', '"'], ""));
        let file = self.client_secret_file.display().to_string();
        for (key, value) in [
            ("issuer", &self.issuer),
            ("client_id", &self.client_id),
            ("client_secret_file", &file),
            ("scope", &self.scope),
            ("roles_claim", &self.roles_claim),
        ] {
            let _ = writeln!(text, "    {key}: {}", quoted(value));
        }
        if let Some(claim) = &self.party_claim {
            let _ = writeln!(text, "    party_claim: {}", quoted(claim));
        }
        text.push_str("    roles:\n");
        for (value, role) in &self.roles {
            let _ = writeln!(text, "      {}: {role}", quoted(value));
        }
        text
    }
}
