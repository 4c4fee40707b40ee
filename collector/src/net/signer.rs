//! The key that the collector signs its orders with, on disk: `DATA_DIR/pki/order.key`, and in `order.rotations` every
//! key that it has had after its first, each signed by the one before.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use evenkeel_common::action::Command;
use evenkeel_common::pki::{
    FileError, OrderKey, OrderPublicKey, PkiError, ROTATIONS_MAX, read_key, write_atomic, write_key,
};
use evenkeel_common::wire::codec::CodecError;
use evenkeel_common::wire::v3::{Order, Rotation, SignedOrder};

const DIR: &str = "pki";
const KEY: &str = "order.key";
const NEXT_KEY: &str = "order.key.next";
const ROTATIONS: &str = "order.rotations";

/// Signs orders. One for the whole collector.
#[derive(Debug)]
pub struct Signer {
    dir: PathBuf,
    keys: RwLock<Keys>,
}

#[derive(Debug)]
struct Keys {
    key: OrderKey,
    rotations: Vec<Rotation>,
}

/// Why there is no key to sign with.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// A file.
    #[error("the order key is not usable")]
    File(#[from] FileError),
    /// The key.
    #[error("the order key is not usable")]
    Key(#[from] PkiError),
    /// The system refuses something.
    #[error("{} cannot be used", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The list of rotations is not one.
    #[error("{} is damaged: it is a list of keys and signatures in hexadecimal; bring it back from a backup", .0.display())]
    Damaged(PathBuf),
    /// Too many keys.
    #[error("the key was replaced {ROTATIONS_MAX} times; set up another collector, or pin a key by hand on every host")]
    TooMany,
}

impl Signer {
    /// Opens the key below `data_dir`; a collector from before signed orders gets one.
    ///
    /// # Errors
    /// See [`SignerError`].
    pub fn open(data_dir: &Path) -> Result<Self, SignerError> {
        let dir = data_dir.join(DIR);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&dir);
        made.map_err(|source| SignerError::Io { path: dir.clone(), source })?;
        let rotations = read_rotations(&dir.join(ROTATIONS))?;
        finish_rotation(&dir, &rotations)?;
        let path = dir.join(KEY);
        let key = match read_key(&path) {
            Ok(der) => OrderKey::load(&der)?,
            Err(error) if error.is_missing() => {
                let key = OrderKey::generate()?;
                write_key(&path, &key.der())?;
                key
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Self { dir, keys: RwLock::new(Keys { key, rotations }) })
    }

    /// The public half: what hosts pin.
    #[must_use]
    pub fn public(&self) -> OrderPublicKey {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).key.public()
    }

    /// A command as an order that its host obeys.
    ///
    /// # Errors
    /// When it does not fit a frame.
    pub fn sign(&self, command: &Command) -> Result<SignedOrder, CodecError> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let order = Order::from(command).to_bytes()?;
        let signature = keys.key.sign_order(&order);
        Ok(SignedOrder { id: command.id.to_bytes(), order, signature, rotations: keys.rotations.clone() })
    }

    /// Replaces the key by a new one, which the old one signs: hosts follow by themselves with their next order. A crash
    /// in between leaves the old key or the new one in force, never none.
    ///
    /// # Errors
    /// See [`SignerError`]; then the old key stays in force.
    pub fn rotate(&self) -> Result<OrderPublicKey, SignerError> {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if keys.rotations.len() >= ROTATIONS_MAX {
            return Err(SignerError::TooMany);
        }
        let next = OrderKey::generate()?;
        let mut rotations = keys.rotations.clone();
        rotations.push(keys.key.rotate_to(next.public()));
        write_key(&self.dir.join(NEXT_KEY), &next.der())?;
        write_atomic(&self.dir.join(ROTATIONS), text_of(&rotations).as_bytes(), 0o600)?;
        finish_rotation(&self.dir, &rotations)?;
        *keys = Keys { key: next, rotations };
        Ok(keys.key.public())
    }
}

/// Brings the next key into force once the list names it; one that the list does not name was never used.
fn finish_rotation(dir: &Path, rotations: &[Rotation]) -> Result<(), SignerError> {
    let next = dir.join(NEXT_KEY);
    let key = match read_key(&next) {
        Ok(der) => OrderKey::load(&der)?,
        Err(error) if error.is_missing() => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let io = |source| SignerError::Io { path: next.clone(), source };
    if rotations.last().is_some_and(|rotation| rotation.key == key.public().0) {
        fs::rename(&next, dir.join(KEY)).map_err(io)
    } else {
        fs::remove_file(&next).map_err(io)
    }
}

fn read_rotations(path: &Path) -> Result<Vec<Rotation>, SignerError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(SignerError::Io { path: path.to_owned(), source }),
    };
    let rotation = |line: &str| {
        let (key, signature) = line.split_once(' ')?;
        Some(Rotation { key: unhex(key)?, signature: unhex(signature)? })
    };
    text.lines().map(|line| rotation(line).ok_or_else(|| SignerError::Damaged(path.to_owned()))).collect()
}

fn text_of(rotations: &[Rotation]) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    rotations.iter().map(|rotation| format!("{} {}\n", hex(&rotation.key), hex(&rotation.signature))).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use evenkeel_common::action::Verb;
    use evenkeel_common::id::{ActionId, AgentId, DomainUuid};
    use evenkeel_common::pki::ORDER_CONTEXT;
    use evenkeel_common::time::UnixMs;

    use super::*;

    fn command() -> Command {
        Command {
            id: ActionId::from_bytes([1; 16]),
            collector_epoch: 1,
            host: AgentId::from_bytes([8; 16]),
            verb: Verb::SNAPSHOT,
            domain: DomainUuid::from_bytes([2; 16]),
            issued: UnixMs(0),
            not_after: UnixMs(9),
        }
    }

    #[test]
    fn hosts_follow_every_rotation_and_a_restart_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let signer = Signer::open(dir.path()).unwrap();
        let pinned = signer.public();
        for _ in 0..3 {
            let before = signer.public();
            assert_ne!(signer.rotate().unwrap(), before);
        }
        let again = Signer::open(dir.path()).unwrap();
        assert_eq!(again.public(), signer.public());
        let order = again.sign(&command()).unwrap();
        let key = pinned.follow(&order.rotations).unwrap();
        assert!(key.verify(ORDER_CONTEXT, &order.order, &order.signature));
        assert_eq!(order.command().unwrap(), command());
    }

    #[test]
    fn a_rotation_that_is_cut_off_leaves_one_of_the_two_keys() {
        let dir = tempfile::tempdir().unwrap();
        let signer = Signer::open(dir.path()).unwrap();
        let (old, pki) = (signer.public(), dir.path().join(DIR));
        // Before the list names it, the next key was never used.
        let next = OrderKey::generate().unwrap();
        write_key(&pki.join(NEXT_KEY), &next.der()).unwrap();
        assert_eq!(Signer::open(dir.path()).unwrap().public(), old);
        assert!(!pki.join(NEXT_KEY).exists());
        // Afterwards it is the one.
        write_key(&pki.join(NEXT_KEY), &next.der()).unwrap();
        let rotation = signer.keys.read().unwrap().key.rotate_to(next.public());
        write_atomic(&pki.join(ROTATIONS), text_of(&[rotation]).as_bytes(), 0o600).unwrap();
        assert_eq!(Signer::open(dir.path()).unwrap().public(), next.public());
        fs::write(pki.join(ROTATIONS), "x y\n").unwrap();
        assert!(matches!(Signer::open(dir.path()), Err(SignerError::Damaged(_))));
    }
}
