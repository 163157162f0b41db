//! Damaged copies of a sample, for the tests of every parser: bytes flipped,
//! lines cut and doubled, columns shifted, files truncated, and plain noise.

/// A small generator (xorshift64*): the same damage on every run, so that a failure repeats.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// Runs `parse` over 1,000 damaged copies of `sample` and over noise.
///
/// `parse` returns how many rows and errors it made. There may be no more of
/// them than bytes in the file (and a few), which is what bounds memory.
#[track_caller]
pub(crate) fn check(sample: &[u8], parse: impl Fn(&[u8]) -> usize) {
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    for round in 0..1_000 {
        let mut bytes = sample.to_vec();
        for _ in 0..=round % 4 {
            damage(&mut bytes, &mut noise);
        }
        let made = parse(&bytes);
        assert!(
            made <= bytes.len() + 8,
            "round {round}: {made} rows and errors from {} bytes",
            bytes.len()
        );
    }
    for length in [0, 1, 2, 3, 7, 64, 300, 4_000] {
        let bytes: Vec<u8> = (0..length).map(|_| noise.byte()).collect();
        parse(&bytes);
        parse(&[sample, &bytes].concat());
    }
    parse(&sample.repeat(3));
    parse(&b"\n".repeat(1_000));
    parse(&b"\"".repeat(1_000));
    parse(&b"<a>".repeat(1_000));
}

fn damage(bytes: &mut Vec<u8>, noise: &mut Noise) {
    if bytes.is_empty() {
        return;
    }
    let at = noise.below(bytes.len());
    let line_end = bytes
        .iter()
        .skip(at)
        .position(|&byte| byte == b'\n')
        .map_or(bytes.len(), |offset| at + offset);
    match noise.below(8) {
        0 => bytes[at] ^= 1 << noise.below(8),
        1 => bytes[at] = noise.byte(),
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..line_end)),
        4 => bytes.insert(at, b" \t\n\r\",&<>/.\xa0\xc3"[noise.below(13)]),
        5 => {
            let copy = bytes[at..line_end].to_vec();
            bytes.splice(at..at, copy);
        }
        6 => drop(bytes.remove(at)),
        _ => {
            let other = noise.below(bytes.len());
            bytes.swap(at, other);
        }
    }
}
