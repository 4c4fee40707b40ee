//! Who is at the other end of the API's socket, as the kernel says it.

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::net::UnixListener;

/// A process that has connected.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    uid: Option<u32>,
}

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        Self { uid: stream.io().peer_cred().ok().map(|credentials| credentials.uid()) }
    }
}

impl Peer {
    /// The user's name, `uid N` when the machine has none for it.
    pub async fn name(self) -> String {
        let Some(uid) = self.uid else {
            return "unknown".to_owned();
        };
        let users = tokio::fs::read_to_string("/etc/passwd").await.unwrap_or_default();
        name_of(uid, &users).unwrap_or_else(|| format!("uid {uid}"))
    }
}

fn name_of(uid: u32, users: &str) -> Option<String> {
    let line = users.lines().find(|line| line.split(':').nth(2) == Some(&uid.to_string()))?;
    line.split(':').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #[test]
    fn finds_a_name_by_its_number() {
        let users = "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/srv/ann:/bin/sh\n";
        assert_eq!(super::name_of(1000, users).as_deref(), Some("ann"));
        assert_eq!(super::name_of(100, users), None);
    }
}
