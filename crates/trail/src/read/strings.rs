//! Where strings end: the first quote, backslash or control character, eight bytes at a time.

const AT_ONCE: usize = 8;

/// The lowest and the highest bit of each byte.
const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < b' '
}

/// The place of the first quote, backslash or control character from a place on.
#[inline]
pub(super) fn first_special(bytes: &[u8], from: usize) -> Option<usize> {
    let (words, rest) = bytes.get(from..)?.as_chunks::<AT_ONCE>();
    let mut place = from;
    for word in words {
        let specials = specials(u64::from_le_bytes(*word));
        if specials != 0 {
            return Some(place + usize::try_from(specials.trailing_zeros() / 8).ok()?);
        }
        place += AT_ONCE;
    }
    let in_rest = rest.iter().position(|byte| is_special(*byte))?;
    Some(place + in_rest)
}

/// The highest bit of each byte that is special, exact up to the lowest of these: a subtraction borrows from the bytes above.
#[inline]
fn specials(word: u64) -> u64 {
    let below = word.wrapping_sub(LOW * u64::from(b' '));
    let zero = |word: u64| word.wrapping_sub(LOW);
    let quotes = zero(word ^ (LOW * u64::from(b'"')));
    let backslashes = zero(word ^ (LOW * u64::from(b'\\')));
    // None of them has the highest bit, which neither of the two changes.
    (below | quotes | backslashes) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_special_is_that_of_looking_at_each(bytes in prop::collection::vec(prop_oneof![9 => b' '..=255_u8, 1 => 0..40_u8], 0..70), from in 0..70_usize) {
            let each = bytes.iter().skip(from).position(|byte| is_special(*byte));
            let expected = each.map(|place| place + from).filter(|_| from <= bytes.len());
            prop_assert_eq!(first_special(&bytes, from), expected);
        }
    }
}
