//! Commands of the collector on their way to the actor of this host.

use std::path::PathBuf;
use std::sync::Arc;

use evenkeel_common::action::Progress;
use evenkeel_common::id::ActionId;
use evenkeel_common::wire::v1::ToAgent;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::actor::SOCKET_FILE;
use crate::actor::client::ActorClient;

/// Commands that are under way at once, above what the actor's client lets through; further ones stay in the channel,
/// and when that is full, the session refuses them.
const UNDER_WAY_MAX: usize = 64;

/// Hands each command to the actor and its news to the session, until the session ends.
pub(super) async fn relay(
    runtime_dir: PathBuf,
    mut commands: mpsc::Receiver<ToAgent>,
    news: mpsc::Sender<(ActionId, Progress)>,
) {
    let actor = Arc::new(ActorClient::new(runtime_dir.join(SOCKET_FILE)));
    let mut under_way = JoinSet::new();
    while let Some(order) = commands.recv().await {
        // The session hands on nothing else.
        let Some(id) = order.action() else { continue };
        tracing::info!(action = %id, "handed to the actor");
        let (actor, news) = (Arc::clone(&actor), news.clone());
        under_way.spawn(async move { actor.submit(id, order, news).await });
        while under_way.try_join_next().is_some() {}
        if under_way.len() >= UNDER_WAY_MAX {
            under_way.join_next().await;
        }
    }
}
