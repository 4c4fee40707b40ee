//! [P] What a recovery point says of itself: `manifest.json`, written last and signed by its host.
//!
//! A folder without a manifest is no recovery point. The signature is over the exact bytes of `body`.

use evenkeel_common::id::{DomainUuid, PointId};
use evenkeel_common::time::UnixMs;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

/// Name of the file.
pub const FILE: &str = "manifest.json";
/// The version that is written.
pub const FORMAT: u32 = 1;

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ManifestError {
    /// Not what is written.
    #[error("the manifest is no JSON of ours: {0}")]
    Json(String),
    /// Of a later version.
    #[error("the manifest has format {0}, this program reads up to {FORMAT}: update it")]
    Format(u32),
    /// The file names would leave the point's folder.
    #[error("the manifest names a file outside its folder: {0:?}")]
    FileName(String),
}

/// How the content of one disk is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The whole disk.
    Full,
    /// What has changed since the parent; the image names the parent's as its backing file.
    Incremental,
}

impl Kind {
    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Incremental => "incremental",
        }
    }
}

/// Whether the guest's file systems were frozen at the moment of the point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quiesce {
    /// They were; so many.
    Frozen(u32),
    /// No guest agent answers: the point is as after a power cut.
    NoAgent,
    /// The agent was asked and failed; as after a power cut.
    Failed(String),
    /// It was not asked for.
    NotAsked,
}

impl Quiesce {
    /// In words.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Frozen(count) => format!("frozen ({count} file systems)"),
            Self::NoAgent => "no agent".to_owned(),
            Self::Failed(why) => format!("failed: {why}"),
            Self::NotAsked => "not asked".to_owned(),
        }
    }
}

/// One disk of a point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskImage {
    /// Name in the guest, such as `vda`.
    pub target: String,
    /// Its qcow2 image in the point's folder.
    pub file: String,
    /// How it is kept.
    pub kind: Kind,
    /// Why it is full although an incremental copy was wanted.
    pub why_full: Option<String>,
    /// Format of the disk itself.
    pub format: String,
    /// Size that the guest sees, bytes.
    pub virtual_bytes: u64,
    /// Length of the image, bytes.
    pub bytes: u64,
    /// BLAKE3 of the image.
    pub blake3: String,
}

/// Something of the host that the domain may need, as libvirt describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedXml {
    /// libvirt's name.
    pub name: String,
    /// libvirt's XML.
    pub xml: String,
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Id of the point: that of the action which made it.
    pub id: Uuid,
    /// The moment that the disks show, ms since 1970.
    pub taken_at_ms: i64,
    /// libvirt's UUID of the domain.
    pub domain: Uuid,
    /// libvirt's name of the domain.
    pub name: String,
    /// Host on which it was taken.
    pub host: String,
    /// The point that incremental disks build on.
    pub parent: Option<Uuid>,
    /// libvirt's checkpoint of this moment, on which the next point can build.
    pub checkpoint: Option<String>,
    /// Whether the guest was quiesced.
    pub quiesce: Quiesce,
    /// The disks.
    pub disks: Vec<DiskImage>,
    /// Disks that are not part of it, with the reason.
    pub left_out: Vec<String>,
    /// The live definition.
    pub domain_xml: String,
    /// The stored definition; empty for a transient domain.
    pub inactive_xml: String,
    /// The host's networks.
    pub networks: Vec<NamedXml>,
    /// The host's storage pools.
    pub pools: Vec<NamedXml>,
}

impl Manifest {
    /// Id of the point.
    #[must_use]
    pub const fn point(&self) -> PointId {
        PointId(self.id)
    }

    /// The point below it, if any.
    #[must_use]
    pub fn parent(&self) -> Option<PointId> {
        self.parent.map(PointId)
    }

    /// The domain.
    #[must_use]
    pub const fn domain(&self) -> DomainUuid {
        DomainUuid(self.domain)
    }

    /// The moment that it shows.
    #[must_use]
    pub const fn taken_at(&self) -> UnixMs {
        UnixMs(self.taken_at_ms)
    }

    /// Incremental when any disk is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let incremental = self.disks.iter().any(|disk| disk.kind == Kind::Incremental);
        if incremental { Kind::Incremental } else { Kind::Full }
    }

    /// Length of all images, bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.disks.iter().fold(0, |sum, disk| sum.saturating_add(disk.bytes))
    }

    /// The definition from which the domain can be made again: the stored one, or the live one of a transient domain.
    #[must_use]
    pub fn definition(&self) -> &str {
        if self.inactive_xml.is_empty() { &self.domain_xml } else { &self.inactive_xml }
    }

    /// The bytes that are signed.
    ///
    /// # Panics
    /// Never: a manifest is always JSON.
    #[must_use]
    pub fn body(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers are always JSON")
    }
}

#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    format: u32,
    key: String,
    signature: String,
    #[serde(borrow)]
    body: &'a RawValue,
}

/// A manifest as it lies on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What it says.
    pub manifest: Manifest,
    /// Public Ed25519 key of the signer, 64 hexadecimal digits.
    pub key: String,
    /// Signature over `body`, 128 hexadecimal digits.
    pub signature: String,
    /// The exact bytes that are signed.
    pub body: String,
}

impl Signed {
    /// The file's content.
    ///
    /// # Errors
    /// When `body` is no JSON.
    pub fn write(&self) -> Result<Vec<u8>, ManifestError> {
        let json = |error: serde_json::Error| ManifestError::Json(error.to_string());
        let body: &RawValue = serde_json::from_str(&self.body).map_err(json)?;
        let envelope = Envelope { format: FORMAT, key: self.key.clone(), signature: self.signature.clone(), body };
        serde_json::to_vec(&envelope).map_err(json)
    }

    /// Reads a file's content; the signature is not checked here.
    ///
    /// # Errors
    /// When it is not what [`Signed::write`] makes.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let json = |error: serde_json::Error| ManifestError::Json(error.to_string());
        let envelope: Envelope<'_> = serde_json::from_str(text).map_err(json)?;
        if envelope.format > FORMAT {
            return Err(ManifestError::Format(envelope.format));
        }
        let manifest: Manifest = serde_json::from_str(envelope.body.get()).map_err(json)?;
        for disk in &manifest.disks {
            if disk.file.contains('/') || matches!(disk.file.as_str(), "" | "." | "..") {
                return Err(ManifestError::FileName(disk.file.clone()));
            }
        }
        let Envelope { key, signature, body, .. } = envelope;
        Ok(Self { manifest, key, signature, body: body.get().to_owned() })
    }
}

#[cfg(test)]
pub(in crate::actor) mod tests {
    use super::*;

    pub(in crate::actor) fn manifest(n: u8, parent: Option<u8>) -> Manifest {
        let id = |n: u8| Uuid::from_bytes([n; 16]);
        let kind = if parent.is_some() { Kind::Incremental } else { Kind::Full };
        Manifest {
            id: id(n),
            taken_at_ms: i64::from(n) * 1_000,
            domain: id(7),
            name: "g1".to_owned(),
            host: "hosta".to_owned(),
            parent: parent.map(id),
            checkpoint: Some(format!("evenkeel.local.{}", id(n))),
            quiesce: Quiesce::Frozen(2),
            disks: vec![DiskImage {
                target: "vda".to_owned(),
                file: "vda.qcow2".to_owned(),
                kind,
                why_full: None,
                format: "qcow2".to_owned(),
                virtual_bytes: 1 << 20,
                bytes: 1 << 16,
                blake3: String::new(),
            }],
            left_out: Vec::new(),
            domain_xml: "<domain/>".to_owned(),
            inactive_xml: String::new(),
            networks: Vec::new(),
            pools: Vec::new(),
        }
    }

    #[test]
    fn what_is_written_is_read_and_the_signed_bytes_stay() {
        let manifest = manifest(1, None);
        let body = manifest.body();
        let signed = Signed { manifest, key: "00".to_owned(), signature: "11".to_owned(), body };
        let text = String::from_utf8(signed.write().unwrap()).unwrap();
        assert_eq!(Signed::parse(&text).unwrap(), signed);
    }

    #[test]
    fn later_formats_strange_files_and_noise_are_refused() {
        let mut manifest = manifest(1, None);
        "../vda.qcow2".clone_into(&mut manifest.disks[0].file);
        let body = manifest.body();
        let signed = Signed { manifest, key: String::new(), signature: String::new(), body };
        let text = String::from_utf8(signed.write().unwrap()).unwrap();
        assert!(matches!(Signed::parse(&text), Err(ManifestError::FileName(_))));
        let later = text.replacen("\"format\":1", "\"format\":2", 1);
        assert_eq!(Signed::parse(&later), Err(ManifestError::Format(2)));
        assert!(matches!(Signed::parse("{"), Err(ManifestError::Json(_))));
    }
}
