//! Several pieces at once against one after the other, and against the real programs' output.

use super::extent_decoder;
use super::piece::{Begun, Piece};
use crate::bytes::{Budget, Codec, Extent, Flaw, FlawKind, Limits, decoder};
use crate::sys::boottime;
use crate::time::Span;
use liblzma::stream::{Action, Check, Status, Stream};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use std::io::{Read, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes that compress a little, no stretch like another.
fn content(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state >> 59
    };
    (0..length)
        .map(|_| b"etaoin shrdlucmfwypvbgkqjxz.,;:\n"[usize::try_from(next()).unwrap()])
        .collect()
}

/// An .xz file of blocks of this size.
fn xz(content: &[u8], block: usize) -> Vec<u8> {
    let mut encoder = Stream::new_easy_encoder(0, Check::Crc64).unwrap();
    let mut file = Vec::with_capacity(2 * content.len() + 10_000);
    let blocks = content
        .chunks(block)
        .map(|block| (block, Action::FullFlush));
    for (mut block, action) in blocks.chain([(&[][..], Action::Finish)]) {
        loop {
            let before = encoder.total_in();
            let status = encoder.process_vec(block, &mut file, action).unwrap();
            let taken = usize::try_from(encoder.total_in() - before).unwrap();
            block = &block[taken..];
            if status == Status::StreamEnd {
                break;
            }
        }
    }
    file
}

fn zstd(content: &[u8], frame: usize) -> Vec<u8> {
    let frames = content.chunks(frame).map(|part| {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
        encoder
            .set_pledged_src_size(Some(u64::try_from(part.len()).unwrap()))
            .unwrap();
        encoder.include_checksum(true).unwrap();
        encoder.write_all(part).unwrap();
        encoder.finish().unwrap()
    });
    let skippable = b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec();
    frames
        .flat_map(|frame| [skippable.clone(), frame])
        .flatten()
        .collect()
}

fn drain(mut from: Box<dyn Read + '_>) -> (Vec<u8>, Option<Flaw>) {
    let (mut all, mut buffer) = (Vec::new(), vec![0; 50_000]);
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return (all, None),
            Ok(read) => all.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return (all, Some(error.into())),
        }
    }
}

fn on_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().unwrap().install(run)
}

fn at_once(codec: Codec, bytes: &[u8], limits: Limits) -> (Vec<u8>, Option<Flaw>) {
    let stop = AtomicBool::new(false);
    let budget = Budget::new(limits, 1 << 30, &stop);
    let whole = Extent::of_file(&bytes);
    extent_decoder(codec, whole, &budget, |decoder| Ok(drain(decoder))).unwrap()
}

#[test]
fn pieces_come_out_in_order_whatever_their_size() {
    let large = content(9_000_001);
    let content = &large[..3_200_000];
    for (threads, block) in [(2, 1 << 16), (3, 1 << 20)] {
        on_threads(threads, || {
            let file = xz(content, block);
            let stop = AtomicBool::new(false);
            let budget = Budget::new(Limits::DEFAULT, 1, &stop);
            let pieces = super::xz::pieces(Extent::of_file(&file), &budget.limits);
            assert!(pieces.unwrap().len() > 2, "{block}");
            let (out, flaw) = at_once(Codec::Xz, &file, Limits::DEFAULT);
            assert!(out == content && flaw.is_none(), "{flaw:?}");
            // Two streams, padding between them.
            let twice = [file.as_slice(), &[0; 8], &file, &[0; 4]].concat();
            let (out, flaw) = at_once(Codec::Xz, &twice, Limits::DEFAULT);
            assert!(out == content.repeat(2) && flaw.is_none(), "{flaw:?}");
            let file = zstd(&large, 1 << 20);
            let stop = AtomicBool::new(false);
            let budget = Budget::new(Limits::DEFAULT, 1, &stop);
            let pieces = super::zstd::pieces(Extent::of_file(&file), &budget).unwrap();
            assert_eq!(pieces.unwrap().len(), 3);
            let (out, flaw) = at_once(Codec::Zstd, &file, Limits::DEFAULT);
            assert!(out == large && flaw.is_none(), "{flaw:?}");
        });
    }
}

#[test]
fn little_memory_means_one_after_the_other() {
    let content = content(4_500_000);
    let limits = Limits {
        memory: 2 << 20,
        ..Limits::DEFAULT
    };
    let file = xz(&content, 1 << 20);
    on_threads(4, || {
        assert!(super::xz::pieces(Extent::of_file(&file), &limits).is_some());
        assert!(at_once(Codec::Xz, &file, limits).0 == content);
        let file = xz(&content, 2 << 20);
        assert!(super::xz::pieces(Extent::of_file(&file), &limits).is_none());
        assert!(at_once(Codec::Xz, &file, limits).0 == content);
    });
}

#[test]
fn damage_is_found_where_it_is_found_one_after_the_other() {
    let content = content(2_200_000);
    for (codec, file) in [
        (Codec::Xz, xz(&content, 1 << 20)),
        (Codec::Zstd, zstd(&content, 1 << 20)),
    ] {
        on_threads(2, || {
            let places = (0..7).map(|place| place * file.len() / 7);
            for at in places.chain((file.len() - 48..file.len()).step_by(5)) {
                let mut bytes = file.clone();
                bytes[at] ^= 4;
                let one = drain(decoder(codec, bytes.as_slice(), &Limits::DEFAULT).unwrap());
                let all = at_once(codec, &bytes, Limits::DEFAULT);
                assert_eq!(all.1.is_some(), one.1.is_some(), "{codec:?} at {at}");
                let is_same = one.0.starts_with(&all.0) || all.0.starts_with(&one.0);
                assert!(is_same, "{codec:?} at {at}");
                let cut = at_once(codec, &file[..at], Limits::DEFAULT);
                assert_eq!(
                    cut.1.map(|flaw| flaw.kind),
                    Some(FlawKind::Truncated),
                    "{codec:?} to {at}"
                );
            }
        });
    }
}

/// The libraries hold pieces against what the file says, too; room is taken by what it says.
#[test]
fn a_piece_of_another_size_is_damaged() {
    let content = content(300_000);
    let file = zstd(&content, 1 << 20);
    let stop = AtomicBool::new(false);
    let budget = Budget::new(Limits::DEFAULT, 1, &stop);
    for (size, is_whole) in [(300_000, true), (299_999, false), (300_001, false)] {
        for is_ahead in [false, true] {
            let mut begun = Begun::new(Piece {
                codec: Codec::Zstd,
                extent: Extent::of_file(&file),
                before: Vec::new(),
                after: Vec::new(),
                size,
            });
            if is_ahead {
                assert!(begun.run(&AtomicBool::new(false), || None, &budget));
                assert!(begun.is_over());
            }
            let mut buffer = vec![0; 50_000];
            let end = loop {
                match begun.read(&mut buffer, &budget) {
                    Ok(0) => break Ok(()),
                    Ok(_) => {}
                    Err(error) => break Err(Flaw::from(error).kind),
                }
            };
            let expected = if is_whole {
                Ok(())
            } else {
                Err(FlawKind::Malformed)
            };
            assert_eq!(end, expected, "{size} {is_ahead}");
        }
    }
}

#[test]
fn a_stop_ends_it_within_a_tenth_of_a_second() {
    let file = xz(&content(12_000_000), 4 << 20);
    let stop = AtomicBool::new(false);
    let budget = Budget::new(Limits::DEFAULT, 1 << 30, &stop);
    on_threads(2, || {
        std::thread::scope(|scope| {
            let setter = scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(50));
                stop.store(true, Ordering::Relaxed);
                boottime()
            });
            let whole = Extent::of_file(&file);
            let drained = extent_decoder(Codec::Xz, whole, &budget, |decoder| Ok(drain(decoder)));
            let (_, flaw) = drained.unwrap();
            let late = boottime().since(setter.join().unwrap());
            assert_eq!(flaw, Some(Flaw::told()));
            assert!(late < Span::from_nanos(100_000_000), "{late:?}");
        });
    });
}

#[test]
fn many_at_once_on_few_threads_come_to_an_end() {
    let content = content(2_500_000);
    let file = xz(&content, 1 << 20);
    on_threads(2, || {
        (0..8).into_par_iter().for_each(|_| {
            assert!(at_once(Codec::Xz, &file, Limits::DEFAULT).0 == content);
        });
    });
}
