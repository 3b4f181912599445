//! From bytes to text: gzip is told by its first bytes, never by the name.

use std::io::Read;

use flate2::bufread::GzDecoder;
use memchr::memmem;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
/// A member's first bytes, with the only way of packing that there is.
const GZIP_MEMBER: &[u8] = &[0x1f, 0x8b, 0x08];
/// DEFLATE packs at most 1,032 to one; a trailer that promises more is not believed.
const MOST_PACKED: usize = 1032;
/// No file of CloudTrail's is a tenth of this, unpacked.
const MOST_BYTES: usize = 512 << 20;

/// A text, and why it is not all that there was.
pub(super) struct Unpacked {
    pub(super) text: String,
    pub(super) problem: Option<String>,
}

/// Reads to the end, or a byte more than the most.
pub(super) fn read_all(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source
        .take(left_of(MOST_BYTES, 0))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// How many bytes more may be read, one past the most included.
fn left_of(most: usize, already: usize) -> u64 {
    u64::try_from((most + 1).saturating_sub(already)).unwrap_or_default()
}

pub(super) fn unpack(name: &str, bytes: Vec<u8>) -> Unpacked {
    unpack_at_most(name, bytes, MOST_BYTES)
}

fn unpack_at_most(name: &str, bytes: Vec<u8>, most: usize) -> Unpacked {
    let (mut bytes, mut problem) = if bytes.starts_with(GZIP_MAGIC) {
        match at_once(&bytes, most) {
            Some(text) => (text, None),
            None => member_by_member(&bytes, most),
        }
    } else if bytes.is_empty() && name.ends_with(".gz") {
        (bytes, Some("is empty, which no gzip file is".to_owned()))
    } else {
        (bytes, None)
    };
    if bytes.len() > most {
        bytes.truncate(most);
        problem = Some(format!(
            "has more than {} MB of text; the beginning was read",
            most >> 20
        ));
    }
    // Bytes that are no text can only stand inside of a text's quotes, where another sign for them does no harm.
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Unpacked { text, problem }
}

/// The fast way, for one whole member: its size and checksum are those that the file ends with, and nothing in the file looks
/// like the beginning of another one.
fn at_once(packed: &[u8], most: usize) -> Option<Vec<u8>> {
    let [a, b, c, d, size @ ..] = *packed.last_chunk::<8>()?;
    let size = usize::try_from(u32::from_le_bytes(size)).ok()?;
    let has_more = memmem::find(packed.get(1..)?, GZIP_MEMBER).is_some();
    if has_more || size > most || size / MOST_PACKED > packed.len() {
        return None;
    }
    let mut text = vec![0; size];
    let written = libdeflater::Decompressor::new().gzip_decompress(packed, &mut text);
    let mut checksum = libdeflater::Crc::new();
    checksum.update(&text);
    let is_whole = written.ok()? == size && checksum.sum() == u32::from_le_bytes([a, b, c, d]);
    is_whole.then_some(text)
}

/// The patient way: several members, padding, and whatever is left of a damaged file.
fn member_by_member(packed: &[u8], most: usize) -> (Vec<u8>, Option<String>) {
    let mut text = Vec::new();
    let mut left = packed;
    while left.starts_with(GZIP_MAGIC) {
        let mut member = GzDecoder::new(left);
        if let Err(error) = member
            .by_ref()
            .take(left_of(most, text.len()))
            .read_to_end(&mut text)
        {
            return (
                text,
                Some(format!(
                    "is a damaged gzip file ({error}); what lies before the damage was read"
                )),
            );
        }
        if text.len() > most {
            return (text, None);
        }
        left = member.into_inner();
    }
    let problem = left
        .iter()
        .any(|byte| *byte != 0)
        .then(|| "goes on behind the end of its gzip data; what lies before was read".to_owned());
    (text, problem)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn all_members_count_even_those_that_are_alike() {
        let member = packed(b"{\"a\":1}\n");
        let unpacked = unpack("x.gz", [member.clone(), member].concat());
        assert_eq!(unpacked.text, "{\"a\":1}\n{\"a\":1}\n");
        assert_eq!(unpacked.problem, None);
    }

    #[test]
    fn a_bomb_ends_at_the_most() {
        let most = 2 << 20;
        let whole = vec![b' '; most];
        assert_eq!(unpack_at_most("x.gz", packed(&whole), most).problem, None);
        for bomb in [
            packed(&whole.repeat(2)),
            packed(&whole[..1 << 20]).repeat(3),
            whole.repeat(2),
        ] {
            let unpacked = unpack_at_most("x.gz", bomb, most);
            assert_eq!(unpacked.text.len(), most);
            assert!(unpacked.problem.unwrap().contains("more than 2 MB"));
        }
    }

    #[test]
    fn a_trailer_that_lies_is_not_believed() {
        let mut lying = packed(b"{}");
        let end = lying.len();
        lying[end - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
        let unpacked = unpack("x.gz", lying);
        assert!(unpacked.problem.unwrap().contains("damaged gzip"));
    }
}
