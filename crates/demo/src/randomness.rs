//! Random numbers that depend on the seed and on what they are for, never on the order of work.

use std::fmt::Write as _;

use fastrand::Rng;

/// The letters of AWS's unique ids and access key ids.
const IDENTIFIER_LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The letters at the end of a CloudTrail file's name.
const FILE_LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A generator for one purpose, here named by a label and a number. Two threads that ask for the
/// same purpose get the same numbers, whoever asks first.
pub(crate) fn fork(seed: u64, label: &str, index: u64) -> Rng {
    // FNV-1a over label and numbers; the generator itself mixes the bits further.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let bytes = seed
        .to_le_bytes()
        .into_iter()
        .chain(label.bytes())
        .chain([0xff])
        .chain(index.to_le_bytes());
    for byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    // Without this last step neighbouring numbers would begin with similar values.
    hash ^= hash >> 30;
    hash = hash.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^= hash >> 27;
    hash = hash.wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^= hash >> 31;
    Rng::with_seed(hash)
}

/// A count as the number that [`fork`] takes.
pub(crate) fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn letters(rng: &mut Rng, alphabet: &[u8], length: usize) -> String {
    (0..length)
        .map(|_| char::from(rng.choice(alphabet).copied().unwrap_or(b'A')))
        .collect()
}

/// A unique id as IAM gives them: a prefix for the kind, such as `AIDA`, and 17 letters.
pub(crate) fn unique_id(rng: &mut Rng, prefix: &str) -> String {
    format!("{prefix}{}", letters(rng, IDENTIFIER_LETTERS, 17))
}

/// The id of an access key: `AKIA` for a long-term one, `ASIA` for a temporary one, and 16 letters.
pub(crate) fn access_key_id(rng: &mut Rng, prefix: &str) -> String {
    format!("{prefix}{}", letters(rng, IDENTIFIER_LETTERS, 16))
}

/// The 16 letters at the end of a CloudTrail file's name.
pub(crate) fn file_letters(rng: &mut Rng) -> String {
    letters(rng, FILE_LETTERS, 16)
}

/// Hexadecimal digits in lower case.
pub(crate) fn hexadecimal(rng: &mut Rng, length: usize) -> String {
    letters(rng, b"0123456789abcdef", length)
}

/// Lower-case letters and digits, as in the ids of Organizations.
pub(crate) fn lower_case(rng: &mut Rng, length: usize) -> String {
    letters(rng, b"abcdefghijklmnopqrstuvwxyz0123456789", length)
}

/// A random UUID of version 4.
pub(crate) fn uuid(rng: &mut Rng) -> String {
    let bits = rng.u128(..);
    let mut text = String::with_capacity(36);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        (bits >> 96) & 0xffff_ffff,
        (bits >> 80) & 0xffff,
        (bits >> 64) & 0xfff,
        0x8000 | ((bits >> 48) & 0x3fff),
        bits & 0xffff_ffff_ffff,
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_purpose_gives_the_same_numbers() {
        assert_eq!(fork(1, "user", 7).u64(..), fork(1, "user", 7).u64(..));
        assert_ne!(fork(1, "user", 7).u64(..), fork(2, "user", 7).u64(..));
        assert_ne!(fork(1, "user", 7).u64(..), fork(1, "role", 7).u64(..));
        assert_ne!(fork(1, "user", 7).u64(..), fork(1, "user", 8).u64(..));
    }

    #[test]
    fn ids_have_the_lengths_of_the_real_ones() {
        let mut rng = fork(1, "test", 0);
        assert_eq!(unique_id(&mut rng, "AIDA").len(), 21);
        assert_eq!(access_key_id(&mut rng, "AKIA").len(), 20);
        let uuid = uuid(&mut rng);
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.chars().nth(14), Some('4'));
    }
}
