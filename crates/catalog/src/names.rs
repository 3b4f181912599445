//! Names to their numbers, in any case: a hash table, since policies have many thousands of names.
//!
//! Made for names that follow each other, as policies sort them: what is read of neighbours lies side by side.

use std::ops::Range;

use memchr::memmem::Finder;

/// Open addressing over a power of two of slots, at most three quarters of them full.
#[derive(Debug)]
pub(crate) struct Names {
    /// In the lowest bits a name's number plus one, so that zero is empty; in the others a part of its hash, so that most
    /// other names are passed by unread.
    slots: Box<[u32]>,
    number_bits: u32,
    /// All names in lower case, one after the other.
    text: Box<str>,
    /// Where each begins, and where the last one ends.
    places: Box<[u32]>,
}

impl Names {
    /// A table of these names, which are in lower case. A name's number is its place.
    pub(crate) fn of(names: impl Iterator<Item = [&'static str; 3]>) -> Self {
        let mut text = String::new();
        let mut places = vec![0];
        for parts in names {
            for part in parts {
                text.push_str(part);
            }
            places.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        let count = places.len() - 1;
        let mut table = Self {
            slots: vec![0; (count * 4 / 3 + 1).next_power_of_two()].into(),
            number_bits: usize::BITS - count.leading_zeros(),
            text: text.into(),
            places: places.into(),
        };
        for number in 0..count {
            let hash = table.name(number).map(|name| hash(name.as_bytes()));
            if let (Some(hash), Ok(number)) = (hash, u32::try_from(number)) {
                table.insert(hash, number);
            }
        }
        table
    }

    /// The number of the name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.find_hashed(name, hash(name.as_bytes()))
    }

    /// The numbers of some names, in their order.
    ///
    /// Names, slots and the texts to compare with lie far from each other. One step for all of them and then the next one
    /// lets the processor fetch many at a time.
    pub(crate) fn find_all<const COUNT: usize>(
        &self,
        names: [Option<&str>; COUNT],
    ) -> [Option<usize>; COUNT] {
        let hashes = names.map(|name| name.map(|name| hash(name.as_bytes())));
        let fetched = hashes.map(|hash| {
            let slot = *self.slots.get(self.place(hash?))?;
            let number = usize::try_from(slot & self.numbers())
                .ok()?
                .checked_sub(1)?;
            self.name(number)?.bytes().next()
        });
        std::hint::black_box(&fetched);
        let mut hashes = hashes.into_iter();
        names.map(|name| {
            let hash = hashes.next().flatten();
            self.find_hashed(name?, hash?)
        })
    }

    /// The numbers within a range of those names that hold a text in lower case. It may stand before the colon too.
    pub(crate) fn holding<'a>(
        &'a self,
        numbers: &Range<usize>,
        text: &'a str,
    ) -> impl Iterator<Item = usize> + 'a {
        let finder = Finder::new(text);
        let first = numbers.start;
        // Where each begins, and where the last one ends.
        let places = self
            .places
            .get(first..=numbers.end.max(first))
            .unwrap_or_default();
        let place = |number: usize| usize::try_from(*places.get(number)?).ok();
        let end = place(places.len().saturating_sub(1)).unwrap_or_default();
        let mut from = place(0).unwrap_or(end);
        std::iter::from_fn(move || {
            loop {
                let names = self.text.as_bytes().get(from..end)?;
                let found = from + finder.find(names)?;
                let later = places.partition_point(|place| {
                    usize::try_from(*place).is_ok_and(|place| place <= found)
                });
                from = usize::try_from(*places.get(later)?).ok()?;
                // A place that reaches into the next name is none.
                if found + text.len() <= from {
                    return Some(first + later - 1);
                }
                from = found + 1;
            }
        })
    }

    fn find_hashed(&self, name: &str, hash: u64) -> Option<usize> {
        let tag = self.tag(hash);
        let numbers = self.numbers();
        let mut place = self.place(hash);
        loop {
            let slot = *self.slots.get(place)?;
            let number = usize::try_from(slot & numbers).ok()?.checked_sub(1)?;
            if slot & !numbers == tag && self.name(number)?.eq_ignore_ascii_case(name) {
                return Some(number);
            }
            place = self.next(place);
        }
    }

    fn name(&self, number: usize) -> Option<&str> {
        let [start, end] = self.places.get(number..)?.first_chunk()?;
        self.text
            .get(usize::try_from(*start).ok()?..usize::try_from(*end).ok()?)
    }

    fn insert(&mut self, hash: u64, number: u32) {
        let full = self.tag(hash) | (number + 1);
        let mut place = self.place(hash);
        while let Some(slot) = self.slots.get_mut(place) {
            if *slot == 0 {
                *slot = full;
                return;
            }
            place = self.next(place);
        }
    }

    /// The bits of a slot that hold a number.
    fn numbers(&self) -> u32 {
        (1 << self.number_bits) - 1
    }

    /// The bits of the hash that a slot keeps.
    fn tag(&self, hash: u64) -> u32 {
        let [a, b, c, d, ..] = hash.to_le_bytes();
        u32::from_le_bytes([a, b, c, d]) & !self.numbers()
    }

    fn place(&self, hash: u64) -> usize {
        usize::try_from(hash >> 32).unwrap_or_default() & (self.slots.len() - 1)
    }

    fn next(&self, place: usize) -> usize {
        (place + 1) & (self.slots.len() - 1)
    }
}

/// Eight bytes at a time. One bit of each byte is set, which makes letters small; other characters that it makes alike are
/// told apart when the names are compared.
fn hash(name: &[u8]) -> u64 {
    const SMALL: u64 = 0x2020_2020_2020_2020;
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, chunk: u64| (hash.rotate_left(29) ^ (chunk | SMALL)).wrapping_mul(MIX);
    let (chunks, rest) = name.as_chunks::<8>();
    let hash = chunks
        .iter()
        .fold(0, |hash, chunk| mix(hash, u64::from_le_bytes(*chunk)));
    // The last eight bytes once more are found faster than what is left is put together.
    let last = match name.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last),
        None => rest
            .iter()
            .fold(0, |last, byte| (last << 8) | u64::from(*byte)),
    };
    let hash = mix(hash, last);
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_no_others() {
        let names = [
            "s3:getobject",
            "s3:getobjects",
            "a",
            "12345678",
            "1234567@",
            "1234567`",
        ];
        let table = Names::of(names.iter().map(|name| [*name, "", ""]));
        for (number, name) in names.iter().enumerate() {
            assert_eq!(table.find(name), Some(number));
            assert_eq!(table.find(&name.to_ascii_uppercase()), Some(number));
        }
        for name in ["", "b", "s3:getobjec", "1234567\0", "\u{1a}3:getobject"] {
            assert_eq!(table.find(name), None, "{name}");
        }
        assert_eq!(Names::of(std::iter::empty()).find(""), None);
    }
}
