//! Join tokens: everything that a host needs to know to join, in one printable word.
//!
//! `ek1.` and the base32 of: 5 bytes id, 16 bytes secret, 32 bytes pin of the CA, the collector's address, and 4 bytes of
//! checksum, so that a token which lost a character on its way is told apart from one that is not known.

use std::fmt;
use std::str::FromStr;

use crate::pki::CaPin;

const PREFIX: &str = "ek1.";
const ID_BYTES: usize = 5;
const SECRET_BYTES: usize = 16;
const PIN_BYTES: usize = 32;
const CHECK_BYTES: usize = 4;
const FIXED_BYTES: usize = ID_BYTES + SECRET_BYTES + PIN_BYTES;
/// Longest address: a DNS name and a port.
const ADDRESS_MAX_BYTES: usize = 260;

/// The public part of a token, by which it is listed and revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub [u8; ID_BYTES]);

/// The secret part.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenSecret(pub [u8; SECRET_BYTES]);

/// A join token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinToken {
    /// Its id.
    pub id: TokenId,
    /// Its secret.
    pub secret: TokenSecret,
    /// The CA to trust.
    pub pin: CaPin,
    /// Where the collector is, `HOST:PORT`.
    pub address: String,
}

/// Not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It does not look like one.
    #[error("this is not a join token; one starts with '{PREFIX}' and comes from `evenkeel token create`")]
    Shape,
    /// It was one.
    #[error("the join token is damaged; copy it again, as a whole")]
    Damaged,
}

impl TokenSecret {
    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.0).as_bytes()
    }

    /// Whether this is the secret that was stored; takes the same time whatever the answer.
    #[must_use]
    pub fn matches(&self, stored: [u8; 32]) -> bool {
        blake3::hash(&self.0) == blake3::Hash::from_bytes(stored)
    }
}

/// Shows nothing of it: a debug print ends up in logs.
impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base32(&self.0))
    }
}

impl FromStr for TokenId {
    type Err = TokenError;
    fn from_str(text: &str) -> Result<Self, TokenError> {
        let bytes = unbase32(text).ok_or(TokenError::Shape)?;
        bytes.try_into().map(Self).map_err(|_| TokenError::Shape)
    }
}

impl fmt::Display for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(FIXED_BYTES + self.address.len() + CHECK_BYTES);
        bytes.extend(self.id.0);
        bytes.extend(self.secret.0);
        bytes.extend(self.pin.0);
        bytes.extend(self.address.as_bytes());
        bytes.extend(checksum(&bytes));
        write!(f, "{PREFIX}{}", base32(&bytes))
    }
}

impl FromStr for JoinToken {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let coded = text.trim().strip_prefix(PREFIX).ok_or(TokenError::Shape)?;
        if coded.len() > (FIXED_BYTES + ADDRESS_MAX_BYTES + CHECK_BYTES) * 8 / 5 + 1 {
            return Err(TokenError::Damaged);
        }
        let bytes = unbase32(coded).ok_or(TokenError::Damaged)?;
        let (body, check) = bytes.split_last_chunk::<CHECK_BYTES>().ok_or(TokenError::Damaged)?;
        if checksum(body) != *check {
            return Err(TokenError::Damaged);
        }
        let (id, rest) = body.split_first_chunk::<ID_BYTES>().ok_or(TokenError::Damaged)?;
        let (secret, rest) = rest.split_first_chunk::<SECRET_BYTES>().ok_or(TokenError::Damaged)?;
        let (pin, address) = rest.split_first_chunk::<PIN_BYTES>().ok_or(TokenError::Damaged)?;
        Ok(Self {
            id: TokenId(*id),
            secret: TokenSecret(*secret),
            pin: CaPin(*pin),
            address: String::from_utf8(address.to_vec()).map_err(|_| TokenError::Damaged)?,
        })
    }
}

fn checksum(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&blake3::hash(bytes).as_bytes()[..CHECK_BYTES]);
    check
}

/// RFC 4648 in lower case, without padding.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0u32, 0u32);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

fn letter(value: u32) -> char {
    char::from(ALPHABET[usize::try_from(value & 31).unwrap_or(0)])
}

fn unbase32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0u32, 0u32);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter.to_ascii_lowercase())?;
        held = held << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    // What is left are less than 5 zero bits.
    (bits < 5 && held & ((1 << bits) - 1) == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token(address: &str) -> JoinToken {
        JoinToken {
            id: TokenId([1, 2, 3, 4, 5]),
            secret: TokenSecret([6; 16]),
            pin: CaPin([7; 32]),
            address: address.to_owned(),
        }
    }

    #[test]
    fn survives_copying_but_not_damage() {
        let token = token("collector.example:7443");
        let text = token.to_string();
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'), "{text}");
        assert_eq!(format!(" {text}\n").parse(), Ok(token.clone()));
        assert_eq!(text[..text.len() - 1].parse::<JoinToken>(), Err(TokenError::Damaged));
        assert_eq!("secret".parse::<JoinToken>(), Err(TokenError::Shape));
        assert_eq!(token.id.to_string().parse(), Ok(token.id));
        assert!(token.secret.matches(token.secret.hash()));
        assert!(!token.secret.matches([0; 32]));
        assert!(!format!("{token:?}").contains("6, 6"));
    }

    proptest! {
        #[test]
        fn comes_back(address in "[ -~]{0,260}", id in any::<[u8; 5]>(), secret in any::<[u8; 16]>()) {
            let token = JoinToken { id: TokenId(id), secret: TokenSecret(secret), ..token(&address) };
            prop_assert_eq!(token.to_string().parse(), Ok(token));
        }

        #[test]
        fn one_changed_letter_is_noticed(at in 4usize..120, to in "[a-z2-7]") {
            let text = token("host:7443").to_string();
            let at = at.min(text.len() - 1);
            let mut changed = text.clone();
            changed.replace_range(at..=at, &to);
            if changed != text {
                prop_assert_eq!(changed.parse::<JoinToken>(), Err(TokenError::Damaged));
            }
        }

        #[test]
        fn never_panics(text in "\\PC{0,600}") {
            let _ = text.parse::<JoinToken>();
            let _ = format!("ek1.{text}").parse::<JoinToken>();
        }
    }
}
