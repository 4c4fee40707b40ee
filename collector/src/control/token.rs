//! Join tokens: make, list, revoke.

use evenkeel_common::limits::{LIST_MAX_ROWS, NAME_MAX_BYTES, TOKEN_TTL};
use evenkeel_common::time::{DurationMs, UnixMs};
use evenkeel_common::token::{JoinToken, TokenId, TokenSecret};

use super::{Control, ControlError};
use crate::store::TokenRow;
use crate::store::activity::Category;
use crate::view::token as view;

/// Shortest and longest life of a token. A year is for images that join at their first start.
const TTL_MIN: DurationMs = DurationMs::from_s(60);
const TTL_MAX: DurationMs = DurationMs::from_s(366 * 86_400);
/// Most hosts that may join with one token.
const USES_MAX: u32 = 10_000;

impl Control {
    /// Makes tokens: one for each host name, or one for any host, with approval.
    ///
    /// # Errors
    /// When what is wanted makes no sense, or the store fails.
    pub async fn token_create(
        &self,
        wanted: view::TokenWanted,
        now: UnixMs,
    ) -> Result<Vec<view::TokenCreated>, ControlError> {
        let terms = check(&wanted)?;
        let hosts: Vec<Option<String>> = match wanted.hosts.as_slice() {
            [] => vec![None],
            names => names.iter().cloned().map(Some).collect(),
        };
        let address = self.join_address();
        let mut rows = Vec::with_capacity(hosts.len());
        let mut created = Vec::with_capacity(hosts.len());
        for host in hosts {
            let token = JoinToken {
                id: TokenId(rand::random()),
                secret: TokenSecret(rand::random()),
                pin: self.pin(),
                address: address.clone(),
            };
            let row = TokenRow {
                id: token.id.to_string(),
                secret_hash: token.secret.hash(),
                needs_approval: wanted.needs_approval || host.is_none(),
                host,
                max_uses: terms.max_uses,
                uses: 0,
                created_at: now,
                expires_at: now.plus(terms.ttl),
                revoked_at: None,
            };
            created.push(view::TokenCreated {
                id: row.id.clone(),
                join_command: format!("evenkeel-agent join {address} {token}"),
                token: token.to_string(),
                expires_at: row.expires_at.into(),
                host: row.host.clone(),
                needs_approval: row.needs_approval,
                max_uses: row.max_uses,
            });
            rows.push(row);
        }
        self.store().add_tokens(rows).await?;
        for token in &created {
            let whom = token.host.as_ref().map_or_else(|| "any host".to_owned(), |host| format!("host {host}"));
            let message = format!("token {} for {whom}, valid until {}", token.id, token.expires_at);
            let host = token.host.clone().unwrap_or_default();
            self.note(now, Category::Informational, "token_created", host, message).await;
        }
        Ok(created)
    }

    /// The tokens, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn token_list(&self, now: UnixMs) -> Result<Vec<view::TokenRow>, ControlError> {
        Ok(self.store().tokens().await?.into_iter().map(|token| row(token, now)).collect())
    }

    /// Revokes a token by its id or a unique beginning of it. Hosts that have joined with it stay.
    ///
    /// # Errors
    /// When there is none, or the store fails.
    pub async fn token_revoke(&self, text: &str, now: UnixMs) -> Result<view::TokenRow, ControlError> {
        // A whole token is accepted as well: it is what a person has at hand.
        let wanted = text.parse::<JoinToken>().map_or_else(|_| text.to_owned(), |token| token.id.to_string());
        let matching: Vec<TokenRow> =
            self.store().tokens().await?.into_iter().filter(|token| token.id.starts_with(&wanted)).collect();
        let token = match matching.as_slice() {
            [token] if !wanted.is_empty() => token.clone(),
            [] | [_] => return Err(ControlError::NotFound { what: "token", name: text.to_owned(), near: Vec::new() }),
            several => {
                let candidates = several.iter().map(|token| token.id.clone()).collect();
                return Err(ControlError::Ambiguous { what: "token", name: text.to_owned(), candidates });
            }
        };
        if self.store().revoke_token(token.id.clone(), now).await? {
            let host = token.host.clone().unwrap_or_default();
            self.note(now, Category::Informational, "token_revoked", host, format!("token {}", token.id)).await;
        }
        Ok(row(TokenRow { revoked_at: token.revoked_at.or(Some(now)), ..token }, now))
    }
}

impl Control {
    /// Where hosts are told to join: what the configuration says, else where the endpoint listens, by this machine's
    /// name when it listens everywhere.
    fn join_address(&self) -> String {
        let settings = self.settings();
        let listen = settings.listen;
        match &settings.address {
            Some(address) => address.clone(),
            None if !listen.ip().is_unspecified() => listen.to_string(),
            None => {
                let uname = rustix::system::uname();
                format!("{}:{}", uname.nodename().to_string_lossy(), listen.port())
            }
        }
    }
}

struct Terms {
    ttl: DurationMs,
    max_uses: u32,
}

fn check(wanted: &view::TokenWanted) -> Result<Terms, ControlError> {
    let usage = |message: String, hint: &str| ControlError::Usage { message, hint: Some(hint.to_owned()) };
    if wanted.hosts.len() > LIST_MAX_ROWS {
        return Err(usage(
            format!("{} hosts are over the limit of {LIST_MAX_ROWS} tokens at once", wanted.hosts.len()),
            "split the list, or make one token with --max-uses and --needs-approval",
        ));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let strange = |name: &&String| name.is_empty() || name.len() > NAME_MAX_BYTES || !name.chars().all(plain);
    if let Some(name) = wanted.hosts.iter().find(strange) {
        return Err(usage(
            format!("'{name}' cannot be a host's name"),
            "letters, digits, '.', '-' and '_' can, as in the agent's `name` or the host name",
        ));
    }
    if wanted.hosts.is_empty() && !wanted.needs_approval {
        return Err(usage(
            "a token that is bound to no host lets nobody in by itself".to_owned(),
            "give --host NAME or --hosts FILE, or add --needs-approval and approve each host with `evenkeel agent approve`",
        ));
    }
    let ttl = wanted.ttl_s.map_or(TOKEN_TTL, DurationMs::from_s);
    if ttl < TTL_MIN || ttl > TTL_MAX {
        return Err(usage(format!("a token cannot live for {} s", ttl.0 / 1000), "--ttl is from 1m to 366d"));
    }
    let max_uses = wanted.max_uses.unwrap_or(1);
    if max_uses == 0 || max_uses > USES_MAX {
        return Err(usage(format!("{max_uses} uses are not possible"), "--max-uses is from 1 to 10000"));
    }
    Ok(Terms { ttl, max_uses })
}

fn row(token: TokenRow, now: UnixMs) -> view::TokenRow {
    let state = if token.revoked_at.is_some() {
        "revoked"
    } else if token.uses >= token.max_uses {
        "used"
    } else if now >= token.expires_at {
        "expired"
    } else {
        "valid"
    };
    view::TokenRow {
        id: token.id,
        state: state.to_owned(),
        host: token.host,
        needs_approval: token.needs_approval,
        uses: token.uses,
        max_uses: token.max_uses,
        created_at: token.created_at.into(),
        expires_at: token.expires_at.into(),
    }
}
