//! The fuzzer finds what it is there to find, and its first inputs pass.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use highwater_cluster::wire::{ClientRequest, MOST_FRAME_BYTES};
use highwater_log::{BATCH_OVERHEAD, Batch, Compression, LeaderEpoch, Offset, compress};

use crate::ALLOCATOR;
use crate::batches::{corpus, damage, fresh, seal};
use crate::rng::Rng;
use crate::targets::{self, Target};
use crate::worker::Bench;

#[test]
fn the_first_inputs_of_every_target_pass() {
    for entry in targets::ALL {
        let target = (entry.make)();
        for number in 0..200 {
            let input = target.generate(&mut Rng::of(42, number));
            assert_eq!(
                input,
                target.generate(&mut Rng::of(42, number)),
                "the same number, the same input"
            );
            let result = catch_unwind(AssertUnwindSafe(|| target.run(&input)));
            assert!(result.is_ok(), "{}: input {number} of seed 42", entry.name);
        }
    }
}

/// Damage that the CRC always turned away, or that did no harm, would try nothing.
#[test]
fn damaged_batches_are_neither_all_read_nor_all_refused() {
    let corpus = corpus();
    let mut rng = Rng::of(1, 1);
    let is_read = |mut batch: Vec<u8>, rng: &mut Rng| {
        damage(rng, &mut batch);
        let parsed = Batch::parse(batch.into());
        (parsed.is_ok(), parsed.is_ok_and(|batch| batch.records().is_ok()))
    };
    let results: Vec<_> =
        (0..2_000).map(|_| is_read(rng.pick(&corpus).clone(), &mut rng)).collect();
    let accepted = results.iter().filter(|(header, _)| *header).count();
    let read = results.iter().filter(|(_, records)| *records).count();
    assert!((600..1_900).contains(&accepted), "{accepted} of 2000 headers are accepted");
    assert!((300..1_500).contains(&read), "{read} of 2000 batches are read");
}

/// A batch of a few bytes that claims millions of records, and holds zeros, once made room for all of
/// them: ten times what its bytes take.
#[test]
fn a_batch_makes_no_room_for_records_that_it_only_claims() {
    const CLAIMED: u32 = 2_000_000;
    let zeros = compress(Compression::Lz4, &vec![0; CLAIMED as usize * 7]);
    let mut bytes = fresh(&mut Rng::of(0, 0)).build(Offset(0), LeaderEpoch::NONE).bytes()
        [..BATCH_OVERHEAD]
        .to_vec();
    bytes[22] = Compression::Lz4.id();
    bytes[57..61].copy_from_slice(&CLAIMED.to_be_bytes());
    bytes.extend(zeros);
    seal(&mut bytes);
    let before = ALLOCATOR.max_allocated();
    assert!(Batch::parse(bytes.into()).expect("its header is valid").records().is_err());
    let held = ALLOCATOR.max_allocated() - before;
    assert!(held < 64 << 20, "{held} bytes were held");
}

/// A frame as large as they may be, of topics with names of no letter: each was a hundred bytes, though it
/// takes two.
#[test]
fn a_large_frame_does_not_become_far_more() {
    // Metadata, version 1: how many topics follow.
    let beginning = [0, 3, 0, 1, 0, 0, 0, 1, 255, 255, 2, 0, 0, 0];
    let mut frame = vec![0; MOST_FRAME_BYTES];
    frame[..beginning.len()].copy_from_slice(&beginning);
    let frame = Bytes::from(frame);
    let before = ALLOCATOR.max_allocated();
    assert!(ClientRequest::decode(frame).is_err());
    let held = ALLOCATOR.max_allocated() - before;
    assert!(held < 256 << 20, "{held} bytes were held");
}

#[test]
fn a_panic_is_a_failure_that_names_its_input() {
    struct Panics;
    impl Target for Panics {
        fn generate(&self, _rng: &mut Rng) -> Vec<u8> {
            vec![0xab, 0xcd]
        }
        fn run(&self, input: &[u8]) {
            assert!(input.is_empty(), "this target fails");
        }
    }
    let entry = targets::find("data-file").expect("there is such a target");
    let message = Bench::new(entry, 7).run(&Panics, 3, &[0xab, 0xcd]).unwrap_err();
    for part in ["this target fails", "abcd", "input 3 of seed 7", "--replay"] {
        assert!(message.contains(part), "{message}");
    }
}
