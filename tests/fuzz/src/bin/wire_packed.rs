//! Packed batches, one after the other on one line, as a peer or a damaged spool may give them.
//!
//! Seeds: hex:common/src/wire/v1/golden.txt

#![no_main]

use evenkeel_common::wire::pack::Unpacker;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut line = Unpacker::default();
    let mut rest = bytes;
    // Each piece has its length before it; the context of one is what the next is read with.
    while let Some((len, tail)) = rest.split_first() {
        let (piece, tail) = tail.split_at(usize::from(*len).min(tail.len()));
        rest = tail;
        let Ok(batch) = line.unpack(piece) else { continue };
        if batch.validate().is_err() {
            continue;
        }
        for sample in &batch.domains {
            for reading in &sample.readings {
                batch.reading(reading, sample.counter_epoch).expect("a batch that is valid has valid readings");
            }
        }
    }
});
