//! What agent and helper say to each other over pipes: scrapes, libvirt's events, and the actor's socket.

#![no_main]

use std::fmt::Debug;

use evenkeel_agent::events::protocol::Told;
use evenkeel_agent::events::translate;
use evenkeel_agent::scrape::protocol::{Reply, Request, frame, message, receive};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

fuzz_target!(|bytes: &[u8]| {
    let _ = receive::<Reply>(&mut &bytes[..]);
    same::<Request>(bytes);
    same::<Reply>(bytes);
    if let Some(Told::Heard(heard)) = same::<Told>(bytes) {
        let _ = translate::sample(&heard);
    }
});

/// A message that was understood is written as a frame that is understood as the same message.
fn same<M: Serialize + DeserializeOwned + PartialEq + Debug>(body: &[u8]) -> Option<M> {
    let read = message::<M>(body).ok()?;
    let written = frame(&read).expect("it is no longer than a frame");
    assert_eq!(message::<M>(&written[4..]).expect("it is understood"), read);
    Some(read)
}
