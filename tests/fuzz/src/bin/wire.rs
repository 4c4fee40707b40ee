//! What a peer may send over the network: every message of the wire, and what is made of it.
//!
//! Seeds: hex:common/src/wire/v1/golden.txt

#![no_main]

use std::fmt::Debug;

use evenkeel_common::action::Command;
use evenkeel_common::limits::FRAME_MAX_BYTES;
use evenkeel_common::wire::codec::body_len;
use evenkeel_common::wire::v1::{EnrolReply, EnrolRequest, ToAgent, ToCollector};
use evenkeel_common::wire::{decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((head, body)) = bytes.split_first_chunk::<4>() else { return };
    if let Ok(len) = body_len(*head) {
        assert!((1..=FRAME_MAX_BYTES).contains(&len), "a length over the limit passed");
    }
    if let Ok(message) = decode::<ToCollector>(body) {
        comes_back(encode(&message), |body| decode::<ToCollector>(body));
        if let ToCollector::Batch { batch, .. } = message
            && batch.validate().is_ok()
        {
            for sample in &batch.domains {
                for reading in &sample.readings {
                    batch.reading(reading, sample.counter_epoch).expect("a batch that is valid has valid readings");
                }
            }
        }
    }
    if let Ok(message) = decode::<ToAgent>(body) {
        comes_back(encode(&message), |body| decode::<ToAgent>(body));
        if let ToAgent::Command(command) = message {
            let _ = Command::from(command);
        }
    }
    if let Ok(message) = decode::<EnrolRequest>(body) {
        comes_back(encode(&message), |body| decode::<EnrolRequest>(body));
    }
    if let Ok(message) = decode::<EnrolReply>(body) {
        comes_back(encode(&message), |body| decode::<EnrolReply>(body));
    }
});

/// A message that was understood is written as bytes that are understood as the same message.
fn comes_back<M, E: Debug>(frame: Result<Vec<u8>, E>, decode: impl Fn(&[u8]) -> Result<M, E>)
where
    M: Debug,
{
    let frame = frame.expect("a message that fitted a frame fits again");
    decode(&frame[4..]).expect("what this side writes it understands");
}
